//! What the screens take: plain data, already looked up. Flows fill it from the rows of read models; nothing here asks a
//! database or decides anything.

pub mod call;

use chrono::{DateTime, Utc};
use domain::ids::{AccountNumber, BatchId, OfferToken, UserId};
use domain::person::Language;
use domain::settings::{Codecs, DtmfMethods, Recording, TemplateCode, Transport};
use domain::sip_account::{Grant, OfferKind};

/// Who looks at a screen: in which language, at which moment, in talk with which bot.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    /// The language they chose, else the one of their app, else English.
    pub language: Language,
    /// The moment the screen is drawn; "in 4 minutes" counts from it.
    pub now: DateTime<Utc>,
    /// The bot's user name, without the `@`.
    pub bot: &'a str,
}

/// A person, as the other one sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Telegram's id.
    pub id: UserId,
    /// First and last name; empty where the bot has not met them.
    pub name: String,
    /// The `@name`, without the `@`.
    pub username: Option<String>,
}

/// How an account is doing (product reference 3.1, 3.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Login, password or server is missing.
    Incomplete,
    /// Switched off.
    Off,
    /// Complete and switched on, and no gateway has registered it yet.
    NotRegisteredYet,
    /// Registered.
    Active,
    /// Registration fails.
    Failed {
        /// SIP status code.
        code: u16,
        /// The reason phrase, as the provider sent it.
        reason: String,
    },
}

/// What the reader is to an account, and who the other one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Owner and user.
    Own,
    /// Owner; somebody else uses it.
    OwnAssigned {
        /// Who uses it.
        user: PersonView,
    },
    /// Owner; somebody else uses it for a while.
    OwnLent {
        /// Who uses it.
        user: PersonView,
        /// When it comes back by itself.
        until: DateTime<Utc>,
    },
    /// User; somebody else owns it.
    Used {
        /// Who owns it.
        owner: PersonView,
    },
    /// User for a while.
    Borrowed {
        /// Who owns it.
        owner: PersonView,
        /// When it goes back by itself.
        until: DateTime<Utc>,
    },
}

/// One account in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountLine {
    /// Its number.
    pub account: AccountNumber,
    /// The name, else `login@domain`; empty for a new account.
    pub title: String,
    /// How it is doing.
    pub health: Health,
    /// What the reader is to it.
    pub standing: Standing,
}

/// A page of the account list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountList {
    /// The accounts of this page, at most [`AccountList::PAGE`].
    pub lines: Vec<AccountLine>,
    /// This page, from 0.
    pub page: u16,
    /// How many accounts there are on all pages.
    pub total: usize,
    /// How many of them the reader owns.
    pub owned: usize,
    /// How many the reader may own.
    pub limit: usize,
    /// Whether the reader's calls begin with a call back.
    pub callback_mode: bool,
}

impl AccountList {
    /// Accounts on one page.
    pub const PAGE: usize = 8;
}

/// All that an account's screens show. Flows fill it once; card and editors take what they need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountCard {
    /// Its number.
    pub account: AccountNumber,
    /// The name, else `login@domain`; empty for a new account.
    pub title: String,
    /// The label the owner gave it.
    pub name: Option<String>,
    /// The SIP login.
    pub login: Option<String>,
    /// Whether a password is set. The password itself is never here.
    pub has_password: bool,
    /// The domain and server.
    pub domain: Option<String>,
    /// The registrar, where it differs.
    pub proxy: Option<String>,
    /// The name of the template the settings were filled from.
    pub template: Option<String>,
    /// How SIP messages travel.
    pub transport: Transport,
    /// Audio codecs.
    pub codecs: Codecs,
    /// DTMF methods.
    pub dtmf: DtmfMethods,
    /// Dial rules as typed.
    pub rules: String,
    /// Whether and where calls are recorded.
    pub recording: Recording,
    /// The title of the chat for recordings, where one is set and known.
    pub recording_chat: Option<String>,
    /// How it is doing.
    pub health: Health,
    /// What the reader is to it.
    pub standing: Standing,
    /// Changes wait; they act on Apply or at this moment.
    pub applies_at: Option<DateTime<Utc>>,
    /// The open offers of the account that the reader made, and may call back.
    pub offers: Vec<OpenOffer>,
    /// The page of the list the reader came from, from 0.
    pub list_page: u16,
    /// The user name of the service account that the reader has still to write to, so that it may ring them. Only where
    /// the reader uses the account.
    pub write_first: Option<String>,
}

/// An offer that waits for a Take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenOffer {
    /// The offer.
    pub offer: OfferToken,
    /// What a Take does.
    pub kind: OfferKind,
}

impl AccountCard {
    /// Whether the account is switched on, as far as its health tells.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.health != Health::Off
    }
}

/// A page of the templates catalogue, or of what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplatePage {
    /// The templates of this page, at most [`TemplatePage::PAGE`].
    pub lines: Vec<TemplateLine>,
    /// This page, from 0.
    pub page: u16,
    /// How many there are on all pages.
    pub total: usize,
    /// The beginning of a name that was searched for.
    pub search: Option<String>,
}

impl TemplatePage {
    /// Templates on one page.
    pub const PAGE: usize = 8;
}

/// One template in the picker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateLine {
    /// Its code.
    pub code: TemplateCode,
    /// Its name.
    pub name: String,
}

/// What stands on an offer's message. There is no secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferView {
    /// What a Take does.
    pub kind: OfferKind,
    /// For shared settings: what the Take makes of the taker.
    pub grant: Option<Grant>,
    /// The account.
    pub account: AccountNumber,
    /// The offer.
    pub offer: OfferToken,
    /// The name, else `login@server`; empty where neither is set.
    pub title: String,
    /// The server.
    pub server: Option<String>,
    /// Who offers.
    pub from: PersonView,
    /// The only person who may take it.
    pub to: Option<PersonView>,
    /// The moment after which it can't be taken.
    pub until: DateTime<Utc>,
}

/// What became of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OfferFate {
    /// Taken.
    Taken {
        /// By whom.
        by: PersonView,
    },
    /// Nobody took it in time.
    Expired,
    /// The offerer called it back.
    Cancelled,
    /// Taken, and then taken back by the offerer.
    Undone,
}

/// What was understood of an inline share, to be repeated to the sender. The password is not in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareView {
    /// The login.
    pub login: String,
    /// How many characters the password has: enough to notice a slip, and no secret.
    pub password_length: usize,
    /// The template's name, where one was given.
    pub template: Option<String>,
    /// The server, from the template or as typed.
    pub server: String,
    /// The domain, where one was typed.
    pub domain: Option<String>,
    /// Audio codecs, where typed.
    pub codecs: Option<Codecs>,
    /// DTMF methods, where typed.
    pub dtmf: Option<DtmfMethods>,
    /// Dial rules, where typed.
    pub rules: Option<String>,
}

/// An inline result to be: its id, and the message that it sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultView {
    /// 1 to 64 bytes; comes back when it is chosen.
    pub id: String,
    /// The message.
    pub offer: OfferView,
}

/// An account that a link carries, before it is added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkedAccount {
    /// What the settings wait under.
    pub draft: OfferToken,
    /// The login.
    pub login: String,
    /// The server.
    pub server: String,
    /// The template's name, where one was given.
    pub template: Option<String>,
}

/// One line of a prepared list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkLine {
    /// Its line in what was sent, from 1.
    pub line: usize,
    /// The login.
    pub login: String,
    /// The name, where one was given.
    pub name: Option<String>,
}

/// A line of a list that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkProblemLine {
    /// Its line in what was sent, from 1.
    pub line: usize,
    /// Why, in the reader's language: see [`crate::screen::bulk::problem`].
    pub why: String,
}

/// A prepared list, before its offers are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkPreview {
    /// The list.
    pub batch: BatchId,
    /// The template's name or the server all accounts get.
    pub server: String,
    /// What the offers make of the taker.
    pub grant: Grant,
    /// The accounts that will be made.
    pub lines: Vec<BulkLine>,
    /// The lines that can't be used.
    pub problems: Vec<BulkProblemLine>,
    /// This page, from 0.
    pub page: u16,
}

/// A list on the bulk screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchLine {
    /// The list.
    pub batch: BatchId,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// How many offers it has.
    pub offers: usize,
    /// How many of them are taken.
    pub taken: usize,
}

/// How one offer out of a list stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BulkState {
    /// Made, and waiting to be sent.
    Made,
    /// Sent, and waiting for the Take.
    Sent {
        /// The moment after which it can't be taken.
        until: DateTime<Utc>,
    },
    /// Taken.
    Taken {
        /// By whom.
        by: PersonView,
    },
    /// Nobody took it in time.
    Expired,
    /// Called back.
    Cancelled,
}

/// One offer on a list's status board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkBoardLine {
    /// The account.
    pub account: AccountNumber,
    /// The offer.
    pub offer: OfferToken,
    /// The name, else the login.
    pub title: String,
    /// How it stands.
    pub state: BulkState,
}

/// A page of a list's status board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkBoard {
    /// The list.
    pub batch: BatchId,
    /// The template's name or the server.
    pub server: String,
    /// The offers of this page, at most [`BulkBoard::PAGE`].
    pub lines: Vec<BulkBoardLine>,
    /// How many offers of the whole list stand how.
    pub counts: BulkCounts,
    /// This page, from 0.
    pub page: u16,
}

impl BulkBoard {
    /// Offers on one page.
    pub const PAGE: usize = 8;
}

/// How many offers of a list stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct BulkCounts {
    /// Waiting to be sent.
    pub made: usize,
    /// Waiting for the Take.
    pub sent: usize,
    /// Taken.
    pub taken: usize,
    /// Expired or called back.
    pub over: usize,
}

impl BulkCounts {
    /// All of them.
    #[must_use]
    pub fn total(self) -> usize {
        self.made + self.sent + self.taken + self.over
    }
}
