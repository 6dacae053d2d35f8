//! The deadlines of SIP accounts: an offer that ends, changed settings that act by themselves, a loan that is over.
//!
//! A deadline that comes late does no harm: [`SipAccount`](crate::sip_account::SipAccount) decides by the moments in its
//! events, and the command given here only tidies up, so that menus and gateways change without waiting for somebody to
//! ask.

use crate::ids::{AccountNumber, OfferToken};
use crate::log::Recorded;
use crate::settings::Settings;
use crate::sip_account::{APPLY_AFTER, Command, Event, Origin};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What is due. As text it is the key of a deadline within its account: `offer/<token>`, `apply`, `loan`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeadlineKind {
    /// An offer ends untaken.
    OfferExpiry(OfferToken),
    /// Changed settings act by themselves.
    SettingsApply,
    /// A loan is over.
    LoanEnd,
}

/// A moment at which something happens to an account by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// The account.
    pub account: AccountNumber,
    /// What is due.
    pub kind: DeadlineKind,
    /// When.
    pub due: DateTime<Utc>,
}

impl Deadline {
    /// What to do when it is due, on behalf of [`Actor::Process`](crate::log::Actor::Process).
    ///
    /// Giving it again does nothing. A refusal means that nothing is left to do, unless it is
    /// [`Refusal::NotDue`](crate::sip_account::Refusal::NotDue): then it is given again at the moment told there. Settings
    /// have no such guard: changed again in the same instant, they act a little early.
    #[must_use]
    pub fn command(&self) -> Command {
        match &self.kind {
            DeadlineKind::OfferExpiry(offer) => Command::ExpireOffer { offer: offer.clone() },
            DeadlineKind::SettingsApply => Command::Apply { revision: None },
            DeadlineKind::LoanEnd => Command::EndLoan,
        }
    }
}

/// A change of the open deadlines of one account. Clearing one that is not open changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeadlineChange {
    /// The deadline is open; one of the same kind is replaced.
    Set {
        /// What is due.
        kind: DeadlineKind,
        /// When.
        due: DateTime<Utc>,
    },
    /// The deadline is of no more interest.
    Clear {
        /// What is not due any more.
        kind: DeadlineKind,
    },
}

/// What an event changes among the deadlines of its account.
#[must_use]
pub fn changes(recorded: &Recorded<Event>) -> Vec<DeadlineChange> {
    changes_at(&recorded.event, recorded.context.at)
}

/// What an event that was recorded at this moment changes among the deadlines of its account.
#[must_use]
pub fn changes_at(event: &Event, at: DateTime<Utc>) -> Vec<DeadlineChange> {
    match event {
        Event::SettingsOffered { offer, until, .. }
        | Event::OfferSent { offer, until }
        | Event::AssignmentOffered { offer, until, .. }
        | Event::TransferOffered { offer, until, .. }
        | Event::ReturnOffered { offer, until, .. }
        | Event::TakeAwayOffered { offer, until, .. } => vec![ends(offer, *until)],

        Event::OfferCancelled { offer, .. } | Event::OfferExpired { offer, .. } => vec![over(offer)],

        Event::AccountCreated { origin, settings, offer, .. } => {
            let waits =
                (*origin == Origin::Menu && *settings != Settings::default()).then(|| acts_by_itself(at));
            offer.iter().map(over).chain(waits).collect()
        }

        Event::AccountRenamed { .. }
        | Event::LoginChanged { .. }
        | Event::PasswordChanged { .. }
        | Event::ServerChanged { .. }
        | Event::TemplateChosen { .. }
        | Event::TransportChanged { .. }
        | Event::CodecsChanged { .. }
        | Event::DtmfMethodsChanged { .. }
        | Event::DialRulesChanged { .. }
        | Event::WorkerChosen { .. }
        | Event::RecordingChanged { .. } => vec![acts_by_itself(at)],

        Event::SettingsApplied { .. } => vec![clear(DeadlineKind::SettingsApply)],

        Event::AccountLent { until, .. } => {
            vec![DeadlineChange::Set { kind: DeadlineKind::LoanEnd, due: *until }]
        }
        Event::AccountUnassigned { .. } | Event::LoanEnded { .. } => vec![clear(DeadlineKind::LoanEnd)],

        Event::AccountAssigned { offer, .. } | Event::AccountReturned { offer, .. } => {
            offer.iter().map(over).chain([clear(DeadlineKind::LoanEnd)]).collect()
        }
        Event::AccountTransferred { offer, .. }
        | Event::AccountTakenAway { offer, .. }
        | Event::TakeUndone { offer, .. } => vec![over(offer), clear(DeadlineKind::LoanEnd)],

        Event::AccountDeleted { .. } => {
            vec![clear(DeadlineKind::SettingsApply), clear(DeadlineKind::LoanEnd)]
        }

        Event::AccountSwitchedOn
        | Event::AccountSwitchedOff
        | Event::AccountRegistered { .. }
        | Event::RegistrationFailed { .. } => Vec::new(),
    }
}

/// The open deadlines, in memory. What a driver keeps in a table is the same fold.
#[derive(Debug, Clone, Default)]
pub struct Deadlines(BTreeMap<(AccountNumber, DeadlineKind), DateTime<Utc>>);

impl Deadlines {
    /// Takes note of one event of one account.
    pub fn see(&mut self, account: AccountNumber, recorded: &Recorded<Event>) {
        for change in changes(recorded) {
            match change {
                DeadlineChange::Set { kind, due } => self.0.insert((account, kind), due),
                DeadlineChange::Clear { kind } => self.0.remove(&(account, kind)),
            };
        }
    }

    /// What is due by now, the earliest first.
    #[must_use]
    pub fn due(&self, now: DateTime<Utc>) -> Vec<Deadline> {
        let all = self.0.iter().map(|((account, kind), due)| Deadline {
            account: *account,
            kind: kind.clone(),
            due: *due,
        });
        let mut due: Vec<Deadline> = all.filter(|deadline| deadline.due <= now).collect();
        due.sort_by_key(|deadline| deadline.due);
        due
    }

    /// When something is due next.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.0.values().min().copied()
    }
}

/// The text is not the key of a deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key of a deadline is offer/<token>, apply, or loan")]
pub struct NotADeadline;

impl fmt::Display for DeadlineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OfferExpiry(token) => write!(f, "offer/{token}"),
            Self::SettingsApply => f.write_str("apply"),
            Self::LoanEnd => f.write_str("loan"),
        }
    }
}

impl FromStr for DeadlineKind {
    type Err = NotADeadline;

    fn from_str(text: &str) -> Result<Self, NotADeadline> {
        match text {
            "apply" => Ok(Self::SettingsApply),
            "loan" => Ok(Self::LoanEnd),
            _ => {
                let token = text.strip_prefix("offer/").ok_or(NotADeadline)?;
                token.parse().map(Self::OfferExpiry).map_err(|_| NotADeadline)
            }
        }
    }
}

fn ends(offer: &OfferToken, due: DateTime<Utc>) -> DeadlineChange {
    DeadlineChange::Set { kind: DeadlineKind::OfferExpiry(offer.clone()), due }
}

fn over(offer: &OfferToken) -> DeadlineChange {
    clear(DeadlineKind::OfferExpiry(offer.clone()))
}

fn acts_by_itself(changed_at: DateTime<Utc>) -> DeadlineChange {
    DeadlineChange::Set { kind: DeadlineKind::SettingsApply, due: changed_at + APPLY_AFTER }
}

fn clear(kind: DeadlineKind) -> DeadlineChange {
    DeadlineChange::Clear { kind }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decider::Decider;
    use crate::log::{Context, Position};
    use crate::scenario::{IVAN, OLGA, at, token};
    use crate::settings::Transport;
    use crate::sip_account::{OfferKind, SipAccount};

    #[test]
    fn an_offer_ends_when_its_time_is_up_and_not_before() {
        let deadlines = after([(0, transfer_offered(5))]);
        assert_eq!(deadlines.due(at(4)), []);
        assert_eq!(deadlines.next(), Some(at(5)));

        let due = deadlines.due(at(5));
        assert_eq!(
            due.iter().map(Deadline::command).collect::<Vec<_>>(),
            [Command::ExpireOffer { offer: token(1) }]
        );
    }

    #[test]
    fn an_offer_that_was_taken_called_back_or_ended_is_not_due() {
        let taken = Event::AccountTransferred { from: OLGA, to: IVAN, offer: token(1), password: None };
        let cancelled = Event::OfferCancelled { offer: token(1), kind: OfferKind::Transfer };
        let expired = Event::OfferExpired { offer: token(1), kind: OfferKind::Transfer };
        for closed in [taken, cancelled, expired] {
            assert_eq!(after([(0, transfer_offered(5)), (1, closed)]).next(), None);
        }
    }

    #[test]
    fn an_offer_that_is_sent_ends_by_its_new_moment() {
        let sent = Event::OfferSent { offer: token(1), until: at(65) };
        assert_eq!(after([(0, transfer_offered(24 * 60)), (60, sent)]).next(), Some(at(65)));
    }

    #[test]
    fn changed_settings_act_five_minutes_after_the_last_change() {
        let deadlines = after([(0, tls()), (3, tls())]);
        assert_eq!(deadlines.due(at(7)), []);
        let due = deadlines.due(at(8));
        assert_eq!(
            due.iter().map(Deadline::command).collect::<Vec<_>>(),
            [Command::Apply { revision: None }]
        );
    }

    #[test]
    fn settings_that_were_applied_are_not_applied_again() {
        let applied = Event::SettingsApplied { revision: crate::ids::Revision(1) };
        assert_eq!(after([(0, tls()), (1, applied)]).next(), None);
    }

    #[test]
    fn a_loan_ends_at_its_end_unless_it_ended_before() {
        let lent = Event::AccountLent { user: IVAN, until: at(60) };
        assert_eq!(after([(0, lent.clone())]).due(at(60))[0].command(), Command::EndLoan);
        for ended in [
            Event::LoanEnded { user: IVAN },
            Event::AccountAssigned { user: IVAN, offer: None },
            Event::AccountDeleted { owner: OLGA },
        ] {
            assert_eq!(after([(0, lent.clone()), (1, ended)]).next(), None);
        }
    }

    #[test]
    fn a_key_in_a_table_is_read_back() {
        let kinds = [DeadlineKind::OfferExpiry(token(7)), DeadlineKind::SettingsApply, DeadlineKind::LoanEnd];
        for kind in kinds {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("offer/short".parse::<DeadlineKind>(), Err(NotADeadline));
    }

    fn after(history: impl IntoIterator<Item = (i64, Event)>) -> Deadlines {
        let mut deadlines = Deadlines::default();
        for (minutes, event) in history {
            deadlines.see(AccountNumber::MIN, &recorded(minutes, event));
        }
        deadlines
    }

    fn recorded(minutes: i64, event: Event) -> Recorded<Event> {
        Recorded {
            position: Position::START,
            tenant: 0,
            category: SipAccount::NAME.into(),
            stream: AccountNumber::MIN.to_string(),
            version: 1,
            id: String::new(),
            context: Context::person(OLGA, at(minutes)),
            cause: None,
            event,
        }
    }

    fn transfer_offered(minutes: i64) -> Event {
        Event::TransferOffered { offer: token(1), by: OLGA, to: None, until: at(minutes) }
    }

    fn tls() -> Event {
        Event::TransportChanged { transport: Transport::Tls }
    }
}
