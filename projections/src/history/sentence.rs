//! Each event as a sentence.

use super::{Names, call_sentence, minute};
use domain::Event;
use domain::ids::UserId;
use domain::log::{Actor, Recorded};
use domain::person::{self, Language};
use domain::settings::{Recording, Settings, WorkerChoice};
use domain::sip_account::{self, Grant, OfferKind, Origin, Returned};

/// What happened, in a sentence without its time. It never holds a secret.
#[must_use]
pub fn sentence(recorded: &Recorded<Event>, names: &dyn Names) -> String {
    let teller = Teller { names, by: recorded.context.by };
    match &recorded.event {
        Event::SipAccount(event) => teller.account(event),
        Event::Person(event) => teller.person(event, &recorded.stream),
        Event::Call(event) => call_sentence::tell(event, recorded.context.by, names),
    }
}

struct Teller<'a> {
    names: &'a dyn Names,
    by: Actor,
}

impl Teller<'_> {
    fn who(&self) -> String {
        match self.by {
            Actor::Person(id) => self.show(id),
            Actor::Process => "A deadline".to_owned(),
            Actor::Operator => "The operator".to_owned(),
            Actor::Gateway => "A gateway".to_owned(),
        }
    }

    fn show(&self, id: UserId) -> String {
        self.names.show(id)
    }

    fn to(&self, to: Option<UserId>) -> String {
        to.map_or_else(|| "whoever presses Take first".to_owned(), |id| self.show(id))
    }

    fn account(&self, event: &sip_account::Event) -> String {
        use sip_account::Event as E;
        let who = self.who();
        match event {
            E::SettingsOffered { to, grant, settings, until, batch, .. } => {
                let label = settings.label().unwrap_or_else(|| "an empty account".to_owned());
                let what = match grant {
                    Grant::Give => "to own",
                    Grant::Assign => "to use",
                };
                let list = if batch.is_some() { ", out of a list" } else { "" };
                format!("{who} offered {label} to {} {what}, until {}{list}", self.to(*to), minute(*until))
            }
            E::OfferSent { until, .. } => {
                format!("{who} sent the offer; it can be taken until {}", minute(*until))
            }
            E::AccountCreated { owner, origin, settings, .. } => self.created(*owner, *origin, settings),
            E::AccountRenamed { name: Some(name) } => format!("{who} named the account {name}"),
            E::AccountRenamed { name: None } => format!("{who} took the account's name away"),
            E::LoginChanged { login } => format!("{who} set the login to {login}"),
            E::PasswordChanged { .. } => format!("{who} changed the password"),
            E::ServerChanged { domain, proxy } => {
                let domain = domain.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
                let proxy =
                    proxy.as_ref().map_or_else(String::new, |proxy| format!(", the proxy to {proxy}"));
                format!("{who} set the domain to {domain}{proxy}")
            }
            E::TemplateChosen { template, .. } => {
                format!("{who} filled the settings from the template {template}")
            }
            E::TransportChanged { transport } => format!("{who} set the transport to {transport}"),
            E::CodecsChanged { codecs } => format!("{who} set the codecs to {codecs}"),
            E::DtmfMethodsChanged { dtmf } => format!("{who} set the DTMF methods to {dtmf}"),
            E::DialRulesChanged { rules } if rules.is_empty() => format!("{who} cleared the dial rules"),
            E::DialRulesChanged { rules } => format!("{who} set the dial rules to {rules}"),
            E::WorkerChosen { worker: WorkerChoice::Auto } => {
                format!("{who} left the choice of the worker to the platform")
            }
            E::RecordingChanged { recording: Recording { automatic, chat } } => {
                let place = chat.map_or_else(
                    || "the user's chat with the bot".to_owned(),
                    |chat| format!("the chat {}", chat.0),
                );
                let when = if *automatic { "on" } else { "off" };
                format!("{who} switched recording {when}; recordings go to {place}")
            }
            E::AccountSwitchedOn => format!("{who} switched the account on"),
            E::AccountSwitchedOff => format!("{who} switched the account off"),
            E::SettingsApplied { revision } => match self.by {
                Actor::Process => {
                    format!("Five minutes passed: the settings act now (revision {})", revision.0)
                }
                Actor::Person(_) | Actor::Operator | Actor::Gateway => {
                    format!("{who} let the settings act (revision {})", revision.0)
                }
            },
            E::AssignmentOffered { to, until, .. } => {
                format!("{who} offered the use of the account to {}, until {}", self.to(*to), minute(*until))
            }
            E::TransferOffered { to, until, .. } => {
                format!("{who} offered to transfer the account to {}, until {}", self.to(*to), minute(*until))
            }
            E::ReturnOffered { to, until, .. } => {
                format!(
                    "{who} offered to give the account back to {}, until {}",
                    self.show(*to),
                    minute(*until)
                )
            }
            E::TakeAwayOffered { until, .. } => {
                format!(
                    "{who} proved to know the password and may take the account back until {}",
                    minute(*until)
                )
            }
            E::OfferCancelled { kind, .. } => format!("{who} called back {}", offer(*kind)),
            E::OfferExpired { kind, .. } => format!("Nobody took {} in time", offer(*kind)),
            E::AccountAssigned { user, offer: Some(_) } => {
                format!("{} took the account: now its user", self.show(*user))
            }
            E::AccountAssigned { user, offer: None } => format!("{who} made {} the user", self.show(*user)),
            E::AccountUnassigned { user } => {
                format!("{who} ended the use by {}: the owner is the user again", self.show(*user))
            }
            E::AccountLent { user, until } => {
                format!("{who} lent the account to {} until {}", self.show(*user), minute(*until))
            }
            E::LoanEnded { user } => match self.by {
                Actor::Process => {
                    format!("The loan to {} ran out: the owner is the user again", self.show(*user))
                }
                Actor::Person(_) | Actor::Operator | Actor::Gateway => {
                    format!("{who} ended the loan to {}: the owner is the user again", self.show(*user))
                }
            },
            E::AccountTransferred { from, to, .. } => {
                format!("{} took the account from {}: now its owner", self.show(*to), self.show(*from))
            }
            E::AccountReturned { from, to, what, offer, .. } => {
                self.returned(*from, *to, *what, offer.is_some())
            }
            E::AccountTakenAway { from, to, .. } => format!(
                "{} took the account away from {} by its password: its owner again",
                self.show(*to),
                self.show(*from)
            ),
            E::TakeUndone { kind, from, to, .. } => {
                format!("{} undid the Take of {} by {}", self.show(*to), offer(*kind), self.show(*from))
            }
            E::AccountDeleted { owner } => {
                format!(
                    "{who} deleted the account of {}; its password can't be read any more",
                    self.show(*owner)
                )
            }
            E::AccountRegistered { revision } => {
                format!("{who} registered the account (revision {})", revision.0)
            }
            E::RegistrationFailed { revision, code, reason } => {
                format!("{who} could not register the account (revision {}): {code} {reason}", revision.0)
            }
        }
    }

    fn created(&self, owner: UserId, origin: Origin, settings: &Settings) -> String {
        let owner = self.show(owner);
        let label = settings
            .label()
            .map_or_else(|| "an empty account".to_owned(), |label| format!("the account {label}"));
        match origin {
            Origin::Menu => format!("{owner} created {label}"),
            Origin::Share => match self.by {
                Actor::Person(taker) if self.show(taker) != owner => {
                    format!("{} took {label}, which came into being: {owner} owns it", self.who())
                }
                Actor::Person(_) | Actor::Process | Actor::Operator | Actor::Gateway => {
                    format!("{owner} took {label}, which came into being: now its owner")
                }
            },
            Origin::Link => format!("{owner} opened a link and got {label}"),
            Origin::Import => format!("{} imported {label} for {owner}", self.who()),
        }
    }

    fn returned(&self, from: UserId, to: UserId, what: Returned, taken: bool) -> String {
        let (from, to) = (self.show(from), self.show(to));
        match (what, taken) {
            (Returned::Ownership, true) => format!("{to} took the account back from {from}: its owner again"),
            (Returned::Ownership, false) => format!("{from} gave the account back to {to}: its owner again"),
            (Returned::Use, true) => format!("{to} took back the use of the account from {from}"),
            (Returned::Use, false) => format!("{from} gave the use of the account back to {to}"),
        }
    }

    fn person(&self, event: &person::Event, stream: &str) -> String {
        use person::Event as E;
        let person = stream.parse().map_or_else(|_| stream.to_owned(), |id| self.show(UserId(id)));
        match event {
            E::PersonNamed { .. } => format!("The bot learnt the name of {person}"),
            E::LanguageChosen { language: Language::En } => format!("{person} chose English"),
            E::LanguageChosen { language: Language::Ru } => format!("{person} chose Russian"),
            E::CallbackModeSwitchedOn => format!("{person} switched callback mode on"),
            E::CallbackModeSwitchedOff => format!("{person} switched callback mode off"),
            E::PersonBlockedBot => {
                format!("{person} can't be written to: the bot is blocked, or was never opened")
            }
            E::PersonUnblockedBot => format!("{person} can be written to again"),
            E::PersonErased => format!("{person} was forgotten; the name can't be read any more"),
        }
    }
}

fn offer(kind: OfferKind) -> &'static str {
    match kind {
        OfferKind::Settings => "the offer of shared settings",
        OfferKind::Assignment => "the offer to use the account",
        OfferKind::Transfer => "the offer to transfer the account",
        OfferKind::Return => "the offer to give the account back",
        OfferKind::TakeAway => "the offer to take the account back",
    }
}
