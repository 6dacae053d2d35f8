//! Pressing Take.

use super::Decision;
use super::creation::acts_at_once;
use crate::ids::{OfferToken, UserId};
use crate::sealed::Sealed;
use crate::sip_account::offers::{ClosedOffer, Fate, Found};
use crate::sip_account::state::{Offered, Owned};
use crate::sip_account::{Event, Grant, Offer, OfferKind, Origin, Refusal, Resealed, Returned, SipAccount};

impl SipAccount {
    pub(super) fn take(&self, by: UserId, token: &OfferToken, resealed: Option<Resealed>) -> Decision {
        let offer = match self.offer(token).ok_or(Refusal::NoSuchOffer)? {
            Found::Open(offer) => offer,
            Found::Closed(closed) => return self.pressed_again(by, closed),
        };
        if offer.by == by {
            match offer.kind {
                OfferKind::Settings => return Err(Refusal::OwnOffer),
                OfferKind::Assignment | OfferKind::Transfer | OfferKind::Return => {
                    return Ok(vec![offer.cancelled()]);
                }
                OfferKind::TakeAway => {}
            }
        }
        if offer.to.is_some_and(|to| to != by) {
            return Err(Refusal::OfferForAnother);
        }
        match self {
            Self::Offered(shared) => shared.taken(offer, by, resealed),
            Self::Owned(account) => account.taken(offer, by, resealed),
            Self::Absent | Self::Deleted(_) => Err(Refusal::NoSuchOffer),
        }
    }

    /// A second press by who took it, or by who called it back, finds it done; everybody else is told what became of it.
    fn pressed_again(&self, by: UserId, closed: &ClosedOffer) -> Decision {
        let still_has_it = self.owner() == Some(by) || self.user() == Some(by);
        let called_back_by_pressing = match closed.offer.kind {
            OfferKind::Assignment | OfferKind::Transfer | OfferKind::Return => true,
            OfferKind::Settings | OfferKind::TakeAway => false,
        };
        match closed.fate {
            Fate::Taken { by: taker } if taker == by && still_has_it => Ok(Vec::new()),
            Fate::Cancelled if closed.offer.by == by && called_back_by_pressing => Ok(Vec::new()),
            Fate::Taken { .. } | Fate::Cancelled | Fate::Undone | Fate::Expired => Err(closed.refusal()),
        }
    }
}

impl Offered {
    fn taken(&self, offer: &Offer, by: UserId, resealed: Option<Resealed>) -> Decision {
        let mut settings = self.settings.clone();
        let owner = match self.grant {
            Grant::Give => {
                settings.password = new_seal(settings.password.as_ref(), resealed)?;
                by
            }
            Grant::Assign => offer.by,
        };
        let token = Some(offer.token.clone());
        let created = Event::AccountCreated { owner, origin: Origin::Share, settings, offer: token.clone() };
        let assigned = (owner != by).then_some(Event::AccountAssigned { user: by, offer: token });
        Ok([Some(created), Some(acts_at_once()), assigned].into_iter().flatten().collect())
    }
}

impl Owned {
    fn taken(&self, offer: &Offer, by: UserId, resealed: Option<Resealed>) -> Decision {
        match offer.kind {
            OfferKind::Settings => Err(Refusal::NoSuchOffer),
            OfferKind::Assignment => self.take_assignment(offer, by),
            OfferKind::Transfer => self.take_transfer(offer, by, resealed),
            OfferKind::Return => self.take_return(offer, by, resealed),
            OfferKind::TakeAway => self.take_away(offer, by, resealed),
        }
    }

    fn take_assignment(&self, offer: &Offer, by: UserId) -> Decision {
        if self.is_assigned_to(by) {
            return Err(Refusal::AlreadyYours);
        }
        let assigned = Event::AccountAssigned { user: by, offer: Some(offer.token.clone()) };
        Ok(self.before_the_user_changes().chain([assigned]).collect())
    }

    fn take_transfer(&self, offer: &Offer, by: UserId, resealed: Option<Resealed>) -> Decision {
        let transferred = Event::AccountTransferred {
            from: self.ownership.owner(),
            to: by,
            offer: offer.token.clone(),
            password: self.new_seal(resealed)?,
        };
        Ok(self.before_the_owner_changes(&offer.token).chain([transferred]).collect())
    }

    fn take_return(&self, offer: &Offer, by: UserId, resealed: Option<Resealed>) -> Decision {
        let (to, what) = self.ownership.return_of(offer.by).ok_or(Refusal::NobodyToReturnTo)?;
        if to != by {
            return Err(Refusal::OfferForAnother);
        }
        let returned = |password| Event::AccountReturned {
            from: offer.by,
            to,
            what,
            offer: Some(offer.token.clone()),
            password,
        };
        match what {
            Returned::Use => Ok(vec![returned(None)]),
            Returned::Ownership => {
                let returned = returned(self.new_seal(resealed)?);
                Ok(self.before_the_owner_changes(&offer.token).chain([returned]).collect())
            }
        }
    }

    fn take_away(&self, offer: &Offer, by: UserId, resealed: Option<Resealed>) -> Decision {
        let taken_away = Event::AccountTakenAway {
            from: self.ownership.owner(),
            to: by,
            offer: offer.token.clone(),
            password: self.new_seal(resealed)?,
        };
        Ok(self.before_the_owner_changes(&offer.token).chain([taken_away]).collect())
    }

    /// The password as the new owner's key seals it.
    pub(super) fn new_seal(&self, resealed: Option<Resealed>) -> Result<Option<Sealed>, Refusal> {
        new_seal(self.settings.current.password.as_ref(), resealed)
    }
}

fn new_seal(password: Option<&Sealed>, resealed: Option<Resealed>) -> Result<Option<Sealed>, Refusal> {
    match (password, resealed) {
        (None, _) => Ok(None),
        (Some(password), Some(resealed)) if resealed.from == *password => Ok(Some(resealed.to)),
        (Some(_), Some(_) | None) => Err(Refusal::ResealNeeded),
    }
}
