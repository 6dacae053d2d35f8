//! What may be done to a SIP account, by whom, and what is recorded of it. One file a concern.

mod creation;
mod offers;
mod ownership;
mod registration;
mod settings;
mod take;
mod undo;

use super::state::Owned;
use super::{Command, Event, Refusal, SipAccount};
use crate::decider::Decider;
use crate::ids::UserId;
use crate::log::{Actor, Context};
use chrono::{DateTime, Utc};

/// What one concern decides: the facts to record, or why not.
type Decision = Result<Vec<Event>, Refusal>;

impl Decider for SipAccount {
    const NAME: &'static str = "sip_account";
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    /// Deadlines do not wait for the process that tidies up: what has lapsed by now is recorded first, and the command
    /// is decided as if it had been recorded in time.
    fn decide(&self, command: Command, context: &Context) -> Decision {
        let lapsed = self.lapsed(context.at);
        if lapsed.is_empty() {
            return self.settle(command, context);
        }
        let mut today = self.clone();
        lapsed.iter().for_each(|event| today.evolve(event));
        let decided = today.settle(command, context)?;
        Ok([lapsed, decided].concat())
    }

    fn evolve(&mut self, event: &Event) {
        self.apply(event);
    }
}

impl SipAccount {
    fn settle(&self, command: Command, context: &Context) -> Decision {
        let (by, at) = (context.by, context.at);
        match command {
            Command::Create { origin, settings } => self.create(person(by)?, origin, *settings),
            Command::ShareSettings { offer, to, grant, settings, until, batch } => {
                let shared = Event::SettingsOffered {
                    offer: offer.clone(),
                    by: person(by)?,
                    to,
                    grant,
                    settings: *settings,
                    until,
                    batch,
                };
                self.share(shared, at)
            }
            Command::Change(change) => self.existing()?.change(by, change),
            Command::Apply { revision } => self.existing()?.apply(by, revision),
            Command::SwitchOn => self.existing()?.switch(by, true),
            Command::SwitchOff => self.existing()?.switch(by, false),
            Command::OfferAssignment { offer, to, until } => {
                self.existing()?.offer_assignment(by, offer, to, until, at)
            }
            Command::OfferTransfer { offer, to, until } => {
                self.existing()?.offer_transfer(by, offer, to, until, at)
            }
            Command::OfferReturn { offer, until } => {
                self.existing()?.offer_return(person(by)?, offer, until, at)
            }
            Command::OfferTakeAway { offer, proof, until } => {
                self.offer_take_away(by, offer, &proof, until, at)
            }
            Command::MarkSent { offer, until } => self.mark_sent(person(by)?, &offer, until, at),
            Command::CancelOffer { offer } => self.cancel_offer(person(by)?, &offer),
            Command::ExpireOffer { offer } => self.expire_offer(&offer),
            Command::Take { offer, resealed } => self.take(person(by)?, &offer, resealed),
            Command::UndoTake { offer, resealed } => self.undo_take(person(by)?, &offer, resealed),
            Command::Assign { user } => self.existing()?.assign(by, user),
            Command::Unassign => self.existing()?.unassign(by),
            Command::Lend { user, until } => self.existing()?.lend(by, user, until, at),
            Command::EndLoan => self.existing()?.end_loan(by),
            Command::Delete => self.delete(by),
            Command::ReportRegistered { revision } => self.existing()?.report_registered(by, revision),
            Command::ReportRegistrationFailed { revision, code, reason } => {
                self.existing()?.report_failed(by, revision, code, &reason)
            }
        }
    }

    /// What to record of the deadlines that have passed.
    fn lapsed(&self, at: DateTime<Utc>) -> Vec<Event> {
        let mut lapsed: Vec<Event> =
            self.all_offers().into_iter().flat_map(|offers| offers.lapsed(at)).collect();
        if let Self::Owned(account) = self
            && let Some((user, until)) = account.loan()
            && until <= at
        {
            lapsed.extend(
                account.returns_by_its_user().filter(|offer| offer.until > at).map(|it| it.cancelled()),
            );
            lapsed.push(Event::LoanEnded { user });
        }
        lapsed
    }

    fn existing(&self) -> Result<&Owned, Refusal> {
        self.owned().ok_or(Refusal::NoSuchAccount)
    }
}

impl Owned {
    /// The owner, if it is they who ask.
    fn as_owner(&self, by: Actor) -> Result<UserId, Refusal> {
        match by {
            Actor::Person(by) if by == self.ownership.owner() => Ok(by),
            Actor::Person(by) if by == self.ownership.user() => Err(Refusal::NotTheOwner),
            Actor::Person(_) | Actor::Process | Actor::Operator | Actor::Gateway => Err(Refusal::NotYours),
        }
    }
}

/// The person who asks; nobody else can own, use, offer or take an account.
fn person(by: Actor) -> Result<UserId, Refusal> {
    match by {
        Actor::Person(by) => Ok(by),
        Actor::Process | Actor::Operator | Actor::Gateway => Err(Refusal::NotYours),
    }
}
