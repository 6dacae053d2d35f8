//! The buttons that tell the bot something, and the codec of what they say.
//!
//! The data is readable and versioned (`v1:acc:123456789`), since an old menu in somebody's chat lives for years. A button
//! says what is *meant*; whether it is allowed is decided again at each press (product reference 2.2; telegram-bot 3).
//! What a button types into a chat instead is in [`crate::typed`].

use domain::ids::{AccountNumber, BatchId, CallId, OfferToken};
use domain::person::Language;
use domain::settings::{Codec, DtmfMethod, TemplateCode, Transport};
use domain::sip_account::Grant;
use std::fmt;
use std::str::FromStr;

mod call;

pub use call::OnCall;

/// The most a button may say, in bytes (Bot API, `callback_data`).
pub const MAX_DATA: usize = 64;

/// The version in front of the data. A change of meaning raises it, and older buttons become stale.
const VERSION: &str = "v1";

/// A button that tells the bot something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Button {
    /// The start screen.
    Home,
    /// Help.
    Help,
    /// How to share settings by an inline message.
    ShareHelp,
    /// The language picker.
    Languages,
    /// Choose a language.
    ChooseLanguage(Language),
    /// A page of the account list, from 0.
    Accounts(u16),
    /// Create an account.
    New,
    /// Switch the person's callback mode.
    CallbackMode {
        /// To on or off.
        on: bool,
    },
    /// The card of an account.
    Account(AccountNumber),
    /// Ask for a value of this account in the next message.
    Ask(AccountNumber, Ask),
    /// Take the value away.
    Clear(AccountNumber, Ask),
    /// Set the transport; the card's button carries the next one.
    Transport(AccountNumber, Transport),
    /// The codec editor.
    Codecs(AccountNumber),
    /// Change the list of codecs.
    Codec(AccountNumber, Arrange, Codec),
    /// The editor of DTMF methods.
    Dtmf(AccountNumber),
    /// Change the list of DTMF methods.
    DtmfMethod(AccountNumber, Arrange, DtmfMethod),
    /// A page of the templates catalogue, from 0.
    Templates(AccountNumber, u16),
    /// Fill the settings from a template.
    Template(AccountNumber, TemplateCode),
    /// The dial rules editor.
    Rules(AccountNumber),
    /// What a worker is and who carries the account.
    Worker(AccountNumber),
    /// Record every call, or none by itself.
    Recording {
        /// The account.
        account: AccountNumber,
        /// To on or off.
        on: bool,
    },
    /// Where recordings go.
    RecordingChat(AccountNumber),
    /// Let recordings go to the user's chat with the bot again.
    ClearRecordingChat(AccountNumber),
    /// Who uses the account.
    User(AccountNumber),
    /// Show Telegram's picker, and make the picked person the user.
    PickUser(AccountNumber),
    /// Make the owner the user again; ends a loan too.
    Unlink(AccountNumber),
    /// For how long to lend.
    Lend(AccountNumber),
    /// Show Telegram's picker, and lend to the picked person for this long.
    LendFor {
        /// The account.
        account: AccountNumber,
        /// How long, in hours.
        hours: u16,
    },
    /// How to hand the account over by a message.
    Transfer(AccountNumber),
    /// Show Telegram's picker, and bind the offer to the picked person.
    BindTransfer(AccountNumber),
    /// Let the changed settings act now.
    Apply(AccountNumber),
    /// Register the account, or do not.
    Switch {
        /// The account.
        account: AccountNumber,
        /// To on or off.
        on: bool,
    },
    /// Ask whether to delete.
    Delete(AccountNumber),
    /// Delete. "No" is the account's card.
    DeleteYes(AccountNumber),
    /// Links that carry the account's settings.
    Links(AccountNumber),
    /// Take what an offer holds.
    Take {
        /// The account.
        account: AccountNumber,
        /// The offer.
        offer: OfferToken,
    },
    /// Call an offer back.
    CancelOffer {
        /// The account.
        account: AccountNumber,
        /// The offer.
        offer: OfferToken,
    },
    /// Take a Take back.
    Undo {
        /// The account.
        account: AccountNumber,
        /// The offer that was taken.
        offer: OfferToken,
    },
    /// Add the account that a link carried. The settings wait under this name.
    AddFromLink(OfferToken),
    /// Forget what a link carried.
    DropLink(OfferToken),
    /// Leave what is being typed.
    CancelInput,
    /// How to hand out many accounts, and the lists made so far.
    Bulk,
    /// A page of a prepared list with its problems, from 0.
    BulkPreview(BatchId, u16),
    /// What the offers of a prepared list make of the taker.
    BulkGrant(BatchId, Grant),
    /// Make the offers of a prepared list.
    BulkMake(BatchId),
    /// Forget a prepared list.
    BulkDrop(BatchId),
    /// A page of a list's status board, from 0.
    BulkBoard(BatchId, u16),
    /// Register the account anew.
    Reconnect(AccountNumber),
    /// Why calls don't ring, and what to do.
    CallHelp,
    /// Of the numbers that wait under this name, dial the one in this place, from 0.
    DialNumber(u32, u16),
    /// Dial the number that waits under this name, through this account.
    DialOn(u32, u16, AccountNumber),
    /// Something about a call.
    Call(CallId, OnCall),
}

/// A value that is asked for in the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ask {
    /// The label.
    Name,
    /// The SIP login.
    Login,
    /// The password.
    Password,
    /// The domain and server.
    Domain,
    /// The registrar.
    Proxy,
    /// The codecs as a list.
    Codecs,
    /// The DTMF methods as a list.
    Dtmf,
    /// The dial rules.
    Rules,
    /// A number to try the dial rules on.
    TryNumber,
    /// The beginning of a template's name.
    FindTemplate,
    /// When a loan ends.
    LoanEnd,
}

impl Ask {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Name,
        Self::Login,
        Self::Password,
        Self::Domain,
        Self::Proxy,
        Self::Codecs,
        Self::Dtmf,
        Self::Rules,
        Self::TryNumber,
        Self::FindTemplate,
        Self::LoanEnd,
    ];

    /// The word in button data and in stored pending inputs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Login => "login",
            Self::Password => "password",
            Self::Domain => "domain",
            Self::Proxy => "proxy",
            Self::Codecs => "codecs",
            Self::Dtmf => "dtmf",
            Self::Rules => "rules",
            Self::TryNumber => "try",
            Self::FindTemplate => "find",
            Self::LoanEnd => "loan-end",
        }
    }
}

impl FromStr for Ask {
    type Err = StaleButton;

    fn from_str(word: &str) -> Result<Self, StaleButton> {
        one_of(&Self::ALL, |ask| ask.as_str(), word)
    }
}

/// A change of an ordered list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arrange {
    /// Put the entry at the end.
    Add,
    /// Take the entry out.
    Drop,
    /// One place nearer to the front.
    Up,
    /// One place nearer to the end.
    Down,
}

impl Arrange {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Add, Self::Drop, Self::Up, Self::Down];

    fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Drop => "drop",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// The data is of an older menu, or of nobody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this button is from an older menu")]
pub struct StaleButton;

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{VERSION}:")?;
        match self {
            Self::Home => write!(f, "home"),
            Self::Help => write!(f, "help"),
            Self::ShareHelp => write!(f, "help-share"),
            Self::Languages => write!(f, "languages"),
            Self::ChooseLanguage(language) => write!(f, "language:{}", tag(*language)),
            Self::Accounts(page) => write!(f, "list:{page}"),
            Self::New => write!(f, "new"),
            Self::CallbackMode { on } => write!(f, "callback:{}", on_off(*on)),
            Self::Account(account) => write!(f, "acc:{account}"),
            Self::Ask(account, ask) => write!(f, "ask:{account}:{}", ask.as_str()),
            Self::Clear(account, ask) => write!(f, "clear:{account}:{}", ask.as_str()),
            Self::Transport(account, to) => write!(f, "transport:{account}:{}", transport(*to)),
            Self::Codecs(account) => write!(f, "codecs:{account}"),
            Self::Codec(account, how, codec) => {
                write!(f, "codec:{account}:{}:{codec}", how.as_str())
            }
            Self::Dtmf(account) => write!(f, "dtmf:{account}"),
            Self::DtmfMethod(account, how, method) => {
                write!(f, "method:{account}:{}:{method}", how.as_str())
            }
            Self::Templates(account, page) => write!(f, "templates:{account}:{page}"),
            Self::Template(account, code) => write!(f, "template:{account}:{code}"),
            Self::Rules(account) => write!(f, "rules:{account}"),
            Self::Worker(account) => write!(f, "worker:{account}"),
            Self::Recording { account, on } => write!(f, "record:{account}:{}", on_off(*on)),
            Self::RecordingChat(account) => write!(f, "record-chat:{account}"),
            Self::ClearRecordingChat(account) => write!(f, "record-here:{account}"),
            Self::User(account) => write!(f, "user:{account}"),
            Self::PickUser(account) => write!(f, "user-pick:{account}"),
            Self::Unlink(account) => write!(f, "user-unlink:{account}"),
            Self::Lend(account) => write!(f, "lend:{account}"),
            Self::LendFor { account, hours } => write!(f, "lend-for:{account}:{hours}"),
            Self::Transfer(account) => write!(f, "transfer:{account}"),
            Self::BindTransfer(account) => write!(f, "transfer-bind:{account}"),
            Self::Apply(account) => write!(f, "apply:{account}"),
            Self::Switch { account, on } => write!(f, "switch:{account}:{}", on_off(*on)),
            Self::Delete(account) => write!(f, "delete:{account}"),
            Self::DeleteYes(account) => write!(f, "delete-yes:{account}"),
            Self::Links(account) => write!(f, "links:{account}"),
            Self::Take { account, offer } => write!(f, "take:{account}:{offer}"),
            Self::CancelOffer { account, offer } => write!(f, "recall:{account}:{offer}"),
            Self::Undo { account, offer } => write!(f, "undo:{account}:{offer}"),
            Self::AddFromLink(draft) => write!(f, "link-add:{draft}"),
            Self::DropLink(draft) => write!(f, "link-drop:{draft}"),
            Self::CancelInput => write!(f, "cancel"),
            Self::Bulk => write!(f, "bulk"),
            Self::BulkPreview(batch, page) => write!(f, "bulk-preview:{}:{page}", batch.0),
            Self::BulkGrant(batch, to) => write!(f, "bulk-grant:{}:{}", batch.0, grant(*to)),
            Self::BulkMake(batch) => write!(f, "bulk-make:{}", batch.0),
            Self::BulkDrop(batch) => write!(f, "bulk-drop:{}", batch.0),
            Self::BulkBoard(batch, page) => write!(f, "bulk-board:{}:{page}", batch.0),
            Self::Reconnect(account) => write!(f, "reconnect:{account}"),
            Self::CallHelp => write!(f, "help-calls"),
            Self::DialNumber(choice, place) => write!(f, "dial:{choice}:{place}"),
            Self::DialOn(choice, place, account) => write!(f, "dial:{choice}:{place}:{account}"),
            Self::Call(call, what) => write!(f, "call:{call}:{what}"),
        }
    }
}

impl FromStr for Button {
    type Err = StaleButton;

    fn from_str(data: &str) -> Result<Self, StaleButton> {
        let parts: Vec<&str> = data.split(':').collect();
        let Some((&VERSION, parts)) = parts.split_first() else { return Err(StaleButton) };
        Ok(match parts {
            ["home"] => Self::Home,
            ["help"] => Self::Help,
            ["help-share"] => Self::ShareHelp,
            ["languages"] => Self::Languages,
            ["language", language] => {
                Self::ChooseLanguage(one_of(&[Language::En, Language::Ru], tag, language)?)
            }
            ["list", page] => Self::Accounts(number(page)?),
            ["new"] => Self::New,
            ["callback", on] => Self::CallbackMode { on: is_on(on)? },
            ["acc", account] => Self::Account(read(account)?),
            ["ask", account, ask] => Self::Ask(read(account)?, read(ask)?),
            ["clear", account, ask] => Self::Clear(read(account)?, read(ask)?),
            ["transport", account, to] => {
                Self::Transport(read(account)?, one_of(&Transport::ALL, transport, to)?)
            }
            ["codecs", account] => Self::Codecs(read(account)?),
            ["codec", account, how, codec] => {
                Self::Codec(read(account)?, arrange(how)?, one_of(Codec::ALL, Codec::name, codec)?)
            }
            ["dtmf", account] => Self::Dtmf(read(account)?),
            ["method", account, how, method] => Self::DtmfMethod(
                read(account)?,
                arrange(how)?,
                one_of(DtmfMethod::ALL, DtmfMethod::name, method)?,
            ),
            ["templates", account, page] => Self::Templates(read(account)?, number(page)?),
            ["template", account, code] => {
                let template: TemplateCode = read(code)?;
                (template.as_str() == *code).then_some(()).ok_or(StaleButton)?;
                Self::Template(read(account)?, template)
            }
            ["rules", account] => Self::Rules(read(account)?),
            ["worker", account] => Self::Worker(read(account)?),
            ["record", account, on] => Self::Recording { account: read(account)?, on: is_on(on)? },
            ["record-chat", account] => Self::RecordingChat(read(account)?),
            ["record-here", account] => Self::ClearRecordingChat(read(account)?),
            ["user", account] => Self::User(read(account)?),
            ["user-pick", account] => Self::PickUser(read(account)?),
            ["user-unlink", account] => Self::Unlink(read(account)?),
            ["lend", account] => Self::Lend(read(account)?),
            ["lend-for", account, hours] => Self::LendFor { account: read(account)?, hours: number(hours)? },
            ["transfer", account] => Self::Transfer(read(account)?),
            ["transfer-bind", account] => Self::BindTransfer(read(account)?),
            ["apply", account] => Self::Apply(read(account)?),
            ["switch", account, on] => Self::Switch { account: read(account)?, on: is_on(on)? },
            ["delete", account] => Self::Delete(read(account)?),
            ["delete-yes", account] => Self::DeleteYes(read(account)?),
            ["links", account] => Self::Links(read(account)?),
            ["take", account, offer] => Self::Take { account: read(account)?, offer: read(offer)? },
            ["recall", account, offer] => Self::CancelOffer { account: read(account)?, offer: read(offer)? },
            ["undo", account, offer] => Self::Undo { account: read(account)?, offer: read(offer)? },
            ["link-add", draft] => Self::AddFromLink(read(draft)?),
            ["link-drop", draft] => Self::DropLink(read(draft)?),
            ["cancel"] => Self::CancelInput,
            ["bulk"] => Self::Bulk,
            ["bulk-preview", batch, page] => Self::BulkPreview(BatchId(read(batch)?), number(page)?),
            ["bulk-grant", batch, to] => {
                Self::BulkGrant(BatchId(read(batch)?), one_of(&[Grant::Give, Grant::Assign], grant, to)?)
            }
            ["bulk-make", batch] => Self::BulkMake(BatchId(read(batch)?)),
            ["bulk-drop", batch] => Self::BulkDrop(BatchId(read(batch)?)),
            ["bulk-board", batch, page] => Self::BulkBoard(BatchId(read(batch)?), number(page)?),
            ["reconnect", account] => Self::Reconnect(read(account)?),
            ["help-calls"] => Self::CallHelp,
            ["dial", choice, place] => Self::DialNumber(big_number(choice)?, number(place)?),
            ["dial", choice, place, account] => {
                Self::DialOn(big_number(choice)?, number(place)?, read(account)?)
            }
            ["call", call, what @ ..] => Self::Call(read(call)?, what.join(":").parse()?),
            _ => return Err(StaleButton),
        })
    }
}

fn read<T: FromStr>(part: &str) -> Result<T, StaleButton> {
    part.parse().map_err(|_| StaleButton)
}

/// A number in its one way of writing: `+1` and `01` are nobody's.
fn number(part: &str) -> Result<u16, StaleButton> {
    let number: u16 = read(part)?;
    (number.to_string() == part).then_some(number).ok_or(StaleButton)
}

/// The same for the number of an update.
fn big_number(part: &str) -> Result<u32, StaleButton> {
    let number: u32 = read(part)?;
    (number.to_string() == part).then_some(number).ok_or(StaleButton)
}

fn one_of<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str, part: &str) -> Result<T, StaleButton> {
    all.iter().copied().find(|item| word(*item) == part).ok_or(StaleButton)
}

fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn is_on(part: &str) -> Result<bool, StaleButton> {
    one_of(&[true, false], on_off, part)
}

fn arrange(part: &str) -> Result<Arrange, StaleButton> {
    one_of(&Arrange::ALL, Arrange::as_str, part)
}

fn tag(language: Language) -> &'static str {
    match language {
        Language::En => "en",
        Language::Ru => "ru",
    }
}

fn transport(transport: Transport) -> &'static str {
    match transport {
        Transport::Udp => "udp",
        Transport::Tcp => "tcp",
        Transport::Tls => "tls",
    }
}

fn grant(grant: Grant) -> &'static str {
    match grant {
        Grant::Give => "give",
        Grant::Assign => "assign",
    }
}

#[cfg(test)]
mod tests;
