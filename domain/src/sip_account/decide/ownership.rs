//! Assigning, lending and deleting without an offer, and what has to be tidied up before an account changes hands.

use super::Decision;
use crate::ids::{OfferToken, UserId};
use crate::log::Actor;
use crate::sip_account::ownership::Holder;
use crate::sip_account::state::Owned;
use crate::sip_account::{Event, LOAN_MAX, Offer, OfferKind, Refusal, Returned, SipAccount};
use chrono::{DateTime, Utc};

impl SipAccount {
    /// The owner deletes; whoever else uses the account gives it back (product reference 5.1).
    pub(super) fn delete(&self, by: Actor) -> Decision {
        let account = match self {
            Self::Owned(account) => account,
            Self::Deleted(gone) if gone.last_owner.map(Actor::Person) == Some(by) => return Ok(Vec::new()),
            Self::Absent | Self::Offered(_) | Self::Deleted(_) => return Err(Refusal::NoSuchAccount),
        };
        match account.as_owner(by) {
            Ok(owner) => {
                let deleted = Event::AccountDeleted { owner };
                Ok(account.offers.cancelled_but(None).into_iter().chain([deleted]).collect())
            }
            Err(Refusal::NotTheOwner) => Ok(account.given_back()),
            Err(refusal) => Err(refusal),
        }
    }
}

impl Owned {
    /// Makes somebody the user at once; the owner themself means nobody else.
    pub(super) fn assign(&self, by: Actor, user: UserId) -> Decision {
        let owner = self.as_owner(by)?;
        if user == owner {
            return self.unassign(by);
        }
        if self.is_assigned_to(user) {
            return Ok(Vec::new());
        }
        let assigned = Event::AccountAssigned { user, offer: None };
        Ok(self.before_the_user_changes().chain([assigned]).collect())
    }

    pub(super) fn unassign(&self, by: Actor) -> Decision {
        self.as_owner(by)?;
        let ended = match self.ownership.holder() {
            Holder::Owner => return Ok(Vec::new()),
            Holder::Assigned { to: user } => Event::AccountUnassigned { user },
            Holder::Lent { to: user, .. } => Event::LoanEnded { user },
        };
        Ok(self.before_the_user_changes().chain([ended]).collect())
    }

    pub(super) fn lend(&self, by: Actor, user: UserId, until: DateTime<Utc>, at: DateTime<Utc>) -> Decision {
        let owner = self.as_owner(by)?;
        if user == owner {
            return Err(Refusal::AlreadyYours);
        }
        if until <= at || until > at + LOAN_MAX {
            return Err(Refusal::BadLoanEnd);
        }
        if self.loan() == Some((user, until)) {
            return Ok(Vec::new());
        }
        let lent = Event::AccountLent { user, until };
        Ok(self.before_the_user_changes().chain([lent]).collect())
    }

    /// A loan whose moment has passed is ended before any command is decided, this one too.
    pub(super) fn end_loan(&self, by: Actor) -> Decision {
        match by {
            Actor::Process => self.loan().map_or(Ok(Vec::new()), |(_, due)| Err(Refusal::NotDue { due })),
            Actor::Person(_) | Actor::Operator | Actor::Gateway => {
                self.as_owner(by)?;
                let Some((user, _)) = self.loan() else { return Ok(Vec::new()) };
                Ok(self.before_the_user_changes().chain([Event::LoanEnded { user }]).collect())
            }
        }
    }

    /// Who has the account on loan, and until when.
    pub(in crate::sip_account) fn loan(&self) -> Option<(UserId, DateTime<Utc>)> {
        match self.ownership.holder() {
            Holder::Lent { to, until } => Some((to, until)),
            Holder::Owner | Holder::Assigned { .. } => None,
        }
    }

    pub(super) fn is_assigned_to(&self, user: UserId) -> bool {
        self.ownership.holder() == Holder::Assigned { to: user }
    }

    /// An offer to return the use of the account is worth nothing once its maker no longer uses it.
    pub(super) fn before_the_user_changes(&self) -> impl Iterator<Item = Event> {
        self.returns_by_its_user().map(Offer::cancelled)
    }

    /// Nothing that the former owner, or their user, has on offer binds the next one.
    ///
    /// The next owner's seal goes on the password that people see set, so that one has to be the one that acts.
    pub(super) fn before_the_owner_changes(&self, taken: &OfferToken) -> impl Iterator<Item = Event> {
        let applied = self
            .settings
            .acts_with_another_password()
            .then_some(Event::SettingsApplied { revision: self.settings.revision });
        self.offers.cancelled_but(Some(taken)).into_iter().chain(applied)
    }

    /// The open offer of an assigned user to return the account.
    pub(super) fn returns_by_its_user(&self) -> impl Iterator<Item = &Offer> {
        let owner = self.ownership.owner();
        self.offers.open_of(OfferKind::Return).into_iter().filter(move |offer| offer.by != owner)
    }

    fn given_back(&self) -> Vec<Event> {
        let returned = Event::AccountReturned {
            from: self.ownership.user(),
            to: self.ownership.owner(),
            what: Returned::Use,
            offer: None,
            password: None,
        };
        self.before_the_user_changes().chain([returned]).collect()
    }
}
