//! The open offers of one account, at most one of each kind, and what became of the others.

use super::{Event, Offer, OfferKind, Refusal};
use crate::ids::{OfferToken, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Every offer that an account ever had.
///
/// Closed offers are kept, since an old message in a chat can be pressed years later and then deserves a true answer.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offers {
    open: BTreeMap<OfferKind, Offer>,
    closed: BTreeMap<OfferToken, ClosedOffer>,
}

/// An offer that can't be taken any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedOffer {
    /// The offer as it was.
    pub offer: Offer,
    /// What became of it.
    pub fate: Fate,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// Somebody took it.
    Taken {
        /// Who.
        by: UserId,
    },
    /// It was taken, and the offerer took that back.
    Undone,
    /// The offerer called it back, or what it offered is no longer theirs to offer.
    Cancelled,
    /// Nobody took it in time.
    Expired,
}

/// An offer, found by its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'a> {
    /// It can be taken, if its moment has not passed.
    Open(&'a Offer),
    /// It can't.
    Closed(&'a ClosedOffer),
}

impl Offers {
    /// The offer of this name, open or closed.
    #[must_use]
    pub fn find(&self, token: &OfferToken) -> Option<Found<'_>> {
        let open = self.open.values().find(|offer| offer.token == *token).map(Found::Open);
        open.or_else(|| self.closed.get(token).map(Found::Closed))
    }

    /// Every open offer, in the order of the kinds.
    pub fn open(&self) -> impl Iterator<Item = &Offer> {
        self.open.values()
    }

    /// The open offer of this kind.
    #[must_use]
    pub fn open_of(&self, kind: OfferKind) -> Option<&Offer> {
        self.open.get(&kind)
    }

    /// What to record about the offers whose moment has passed.
    pub(super) fn lapsed(&self, at: DateTime<Utc>) -> impl Iterator<Item = Event> {
        let over = self.open().filter(move |offer| offer.until <= at);
        over.map(|offer| Event::OfferExpired { offer: offer.token.clone(), kind: offer.kind })
    }

    /// What to record so that every open offer is called back, except this one.
    pub(super) fn cancelled_but(&self, kept: Option<&OfferToken>) -> Vec<Event> {
        self.open().filter(|offer| Some(&offer.token) != kept).map(Offer::cancelled).collect()
    }

    /// Applies one fact.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::SettingsOffered { offer, by, to, until, .. } => {
                self.make(offer, OfferKind::Settings, *by, *to, *until);
            }
            Event::AssignmentOffered { offer, by, to, until } => {
                self.make(offer, OfferKind::Assignment, *by, *to, *until);
            }
            Event::TransferOffered { offer, by, to, until } => {
                self.make(offer, OfferKind::Transfer, *by, *to, *until);
            }
            Event::ReturnOffered { offer, by, to, until } => {
                self.make(offer, OfferKind::Return, *by, Some(*to), *until);
            }
            Event::TakeAwayOffered { offer, by, until } => {
                self.make(offer, OfferKind::TakeAway, *by, Some(*by), *until);
            }
            Event::OfferSent { offer, until } => self.give_until(offer, *until),
            Event::OfferCancelled { offer, .. } => self.close(offer, Fate::Cancelled),
            Event::OfferExpired { offer, .. } => self.close(offer, Fate::Expired),
            Event::TakeUndone { offer, .. } => self.close(offer, Fate::Undone),
            Event::AccountCreated { offer: Some(offer), owner, .. } => {
                self.close(offer, Fate::Taken { by: *owner });
            }
            Event::AccountAssigned { offer: Some(offer), user } => {
                self.close(offer, Fate::Taken { by: *user })
            }
            Event::AccountTransferred { offer, to, .. } | Event::AccountTakenAway { offer, to, .. } => {
                self.close(offer, Fate::Taken { by: *to });
            }
            Event::AccountReturned { offer: Some(offer), to, .. } => {
                self.close(offer, Fate::Taken { by: *to })
            }
            Event::AccountCreated { offer: None, .. }
            | Event::AccountAssigned { offer: None, .. }
            | Event::AccountReturned { offer: None, .. }
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
            | Event::AccountUnassigned { .. }
            | Event::AccountLent { .. }
            | Event::LoanEnded { .. }
            | Event::AccountDeleted { .. }
            | Event::AccountRegistered { .. }
            | Event::RegistrationFailed { .. } => {}
        }
    }

    fn make(
        &mut self,
        token: &OfferToken,
        kind: OfferKind,
        by: UserId,
        to: Option<UserId>,
        until: DateTime<Utc>,
    ) {
        self.open.insert(kind, Offer { token: token.clone(), kind, by, to, until });
    }

    fn give_until(&mut self, token: &OfferToken, until: DateTime<Utc>) {
        if let Some(offer) = self.open.values_mut().find(|offer| offer.token == *token) {
            offer.until = until;
        }
    }

    /// Also changes the fate of an offer that is closed already: shared settings that were assigned are taken by the
    /// new owner first, and then by the user.
    fn close(&mut self, token: &OfferToken, fate: Fate) {
        if let Some(closed) = self.closed.get_mut(token) {
            closed.fate = fate;
            return;
        }
        let kind = self.open.values().find(|offer| offer.token == *token).map(|offer| offer.kind);
        if let Some(offer) = kind.and_then(|kind| self.open.remove(&kind)) {
            self.closed.insert(token.clone(), ClosedOffer { offer, fate });
        }
    }
}

impl<'a> Found<'a> {
    /// The offer as it is, or was.
    #[must_use]
    pub fn offer(self) -> &'a Offer {
        match self {
            Self::Open(offer) => offer,
            Self::Closed(closed) => &closed.offer,
        }
    }
}

impl Offer {
    /// The fact that this offer was called back.
    pub(super) fn cancelled(&self) -> Event {
        Event::OfferCancelled { offer: self.token.clone(), kind: self.kind }
    }
}

impl ClosedOffer {
    /// What a late press is told.
    pub(super) fn refusal(&self) -> Refusal {
        match self.fate {
            Fate::Taken { .. } => Refusal::AlreadyTaken,
            Fate::Undone | Fate::Cancelled => Refusal::OfferCancelled,
            Fate::Expired => Refusal::OfferOver { since: self.offer.until },
        }
    }
}
