//! Making, sending, calling back and outliving offers.

use super::{Decision, person};
use crate::ids::{OfferToken, UserId};
use crate::log::Actor;
use crate::sip_account::offers::{Fate, Found};
use crate::sip_account::state::Owned;
use crate::sip_account::{Event, OfferKind, Proof, Refusal, Returned, SipAccount};
use chrono::{DateTime, Utc};

impl SipAccount {
    /// Every failure looks alike, so that nobody learns which accounts there are, whose they were, or whether a password
    /// was right (product reference 5.2).
    pub(super) fn offer_take_away(
        &self,
        by: Actor,
        offer: OfferToken,
        proof: &Proof,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        let refused = |_| Refusal::TakeAwayRefused;
        let by = person(by).map_err(refused)?;
        let account = self.existing().map_err(refused)?;
        let fits = self.password() == Some(&proof.0);
        let owned_it = account.ownership.former_owners().any(|former| former == by);
        if !(fits && owned_it) {
            return Err(Refusal::TakeAwayRefused);
        }
        let offered = Event::TakeAwayOffered { offer: offer.clone(), by, until };
        account.offered(by, OfferKind::TakeAway, &offer, offered, until, at)
    }

    pub(super) fn mark_sent(
        &self,
        by: UserId,
        token: &OfferToken,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        match self.offer(token) {
            None => Err(Refusal::NoSuchOffer),
            Some(known) if known.offer().by != by => Err(Refusal::NotYours),
            Some(Found::Closed(closed)) => Err(closed.refusal()),
            Some(Found::Open(_)) if until <= at => Err(Refusal::OfferOver { since: until }),
            Some(Found::Open(open)) if open.until == until => Ok(Vec::new()),
            Some(Found::Open(_)) => Ok(vec![Event::OfferSent { offer: token.clone(), until }]),
        }
    }

    pub(super) fn cancel_offer(&self, by: UserId, token: &OfferToken) -> Decision {
        match self.offer(token) {
            None => Err(Refusal::NoSuchOffer),
            Some(known) if known.offer().by != by => Err(Refusal::NotYours),
            Some(Found::Open(offer)) => Ok(vec![offer.cancelled()]),
            Some(Found::Closed(closed)) if closed.fate == Fate::Cancelled => Ok(Vec::new()),
            Some(Found::Closed(closed)) => Err(closed.refusal()),
        }
    }

    /// An offer whose moment has passed is closed before any command is decided, this one too.
    pub(super) fn expire_offer(&self, token: &OfferToken) -> Decision {
        match self.offer(token) {
            None => Err(Refusal::NoSuchOffer),
            Some(Found::Open(offer)) => Err(Refusal::NotDue { due: offer.until }),
            Some(Found::Closed(_)) => Ok(Vec::new()),
        }
    }
}

impl Owned {
    pub(super) fn offer_assignment(
        &self,
        by: Actor,
        offer: OfferToken,
        to: Option<UserId>,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        let by = self.as_owner(by)?;
        if to.is_some_and(|to| to == by || self.is_assigned_to(to)) {
            return Err(Refusal::AlreadyYours);
        }
        let offered = Event::AssignmentOffered { offer: offer.clone(), by, to, until };
        self.offered(by, OfferKind::Assignment, &offer, offered, until, at)
    }

    pub(super) fn offer_transfer(
        &self,
        by: Actor,
        offer: OfferToken,
        to: Option<UserId>,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        let by = self.as_owner(by)?;
        if to == Some(by) {
            return Err(Refusal::AlreadyYours);
        }
        let offered = Event::TransferOffered { offer: offer.clone(), by, to, until };
        self.offered(by, OfferKind::Transfer, &offer, offered, until, at)
    }

    pub(super) fn offer_return(
        &self,
        by: UserId,
        offer: OfferToken,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        let nobody = if by == self.ownership.owner() { Refusal::NobodyToReturnTo } else { Refusal::NotYours };
        let (to, _): (UserId, Returned) = self.ownership.return_of(by).ok_or(nobody)?;
        let offered = Event::ReturnOffered { offer: offer.clone(), by, to, until };
        self.offered(by, OfferKind::Return, &offer, offered, until, at)
    }

    /// A new offer replaces the open one of its kind. An offer that was made before is not made again.
    fn offered(
        &self,
        by: UserId,
        kind: OfferKind,
        token: &OfferToken,
        offered: Event,
        until: DateTime<Utc>,
        at: DateTime<Utc>,
    ) -> Decision {
        match self.offers.find(token).map(|known| known.offer()) {
            Some(known) if known.by == by && known.kind == kind => return Ok(Vec::new()),
            Some(_) => return Err(Refusal::NoSuchOffer),
            None => {}
        }
        if until <= at {
            return Err(Refusal::OfferOver { since: until });
        }
        let replaced = self.offers.open_of(kind).map(|older| older.cancelled());
        Ok(replaced.into_iter().chain([offered]).collect())
    }
}
