//! Whose an account is, who uses it, and through whose hands it came.

use super::{Event, OfferKind, Returned};
use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who owns and who uses an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ownership {
    owner: UserId,
    holder: Holder,
    came_from: Vec<UserId>,
}

/// Who rings and dials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The owner.
    Owner,
    /// Somebody else, until the owner changes it.
    Assigned {
        /// Who.
        to: UserId,
    },
    /// Somebody else for a while.
    Lent {
        /// Who.
        to: UserId,
        /// When the account comes back by itself.
        until: DateTime<Utc>,
    },
}

impl Ownership {
    /// A new account of this owner, who uses it too.
    #[must_use]
    pub fn new(owner: UserId) -> Self {
        Self { owner, holder: Holder::Owner, came_from: Vec::new() }
    }

    /// To whom the account belongs.
    #[must_use]
    pub fn owner(&self) -> UserId {
        self.owner
    }

    /// Who rings and dials.
    #[must_use]
    pub fn user(&self) -> UserId {
        match self.holder {
            Holder::Owner => self.owner,
            Holder::Assigned { to } | Holder::Lent { to, .. } => to,
        }
    }

    /// Who rings and dials, and on what terms.
    #[must_use]
    pub fn holder(&self) -> Holder {
        self.holder
    }

    /// The owners it was transferred by, the latest one last. Who has given it back, or has had it taken away, is not
    /// among them.
    pub fn former_owners(&self) -> impl DoubleEndedIterator<Item = UserId> {
        self.came_from.iter().copied().filter(|&former| former != self.owner)
    }

    /// To whom this person can give the account back (product reference 5.2).
    #[must_use]
    pub fn return_of(&self, by: UserId) -> Option<(UserId, Returned)> {
        if by == self.owner {
            self.former_owners().next_back().map(|former| (former, Returned::Ownership))
        } else {
            (by == self.user()).then_some((self.owner, Returned::Use))
        }
    }

    /// Applies one fact.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::AccountCreated { owner, .. } => *self = Self::new(*owner),
            Event::AccountAssigned { user, .. } => self.holder = Holder::Assigned { to: *user },
            Event::AccountLent { user, until } => self.holder = Holder::Lent { to: *user, until: *until },
            Event::AccountUnassigned { .. }
            | Event::LoanEnded { .. }
            | Event::AccountReturned { what: Returned::Use, .. }
            | Event::TakeUndone { kind: OfferKind::Assignment | OfferKind::Settings, .. } => {
                self.holder = Holder::Owner;
            }
            Event::AccountTransferred { from, to, .. } => {
                self.came_from.push(*from);
                self.belongs_to(*to);
            }
            Event::AccountReturned { what: Returned::Ownership, to, .. }
            | Event::AccountTakenAway { to, .. }
            | Event::TakeUndone {
                kind: OfferKind::Transfer | OfferKind::Return | OfferKind::TakeAway,
                to,
                ..
            } => {
                let its_turn = self.came_from.iter().rposition(|former| former == to);
                self.came_from.truncate(its_turn.unwrap_or(self.came_from.len()));
                self.belongs_to(*to);
            }
            Event::SettingsOffered { .. }
            | Event::OfferSent { .. }
            | Event::AccountRenamed { .. }
            | Event::LoginChanged { .. }
            | Event::PasswordChanged { .. }
            | Event::ServerChanged { .. }
            | Event::TemplateChosen { .. }
            | Event::TransportChanged { .. }
            | Event::CodecsChanged { .. }
            | Event::DtmfMethodsChanged { .. }
            | Event::DialRulesChanged { .. }
            | Event::WorkerChosen { .. }
            | Event::RecordingChanged { .. }
            | Event::AccountSwitchedOn
            | Event::AccountSwitchedOff
            | Event::SettingsApplied { .. }
            | Event::AssignmentOffered { .. }
            | Event::TransferOffered { .. }
            | Event::ReturnOffered { .. }
            | Event::TakeAwayOffered { .. }
            | Event::OfferCancelled { .. }
            | Event::OfferExpired { .. }
            | Event::AccountDeleted { .. }
            | Event::AccountRegistered { .. }
            | Event::RegistrationFailed { .. } => {}
        }
    }

    fn belongs_to(&mut self, owner: UserId) {
        self.owner = owner;
        self.holder = Holder::Owner;
    }
}
