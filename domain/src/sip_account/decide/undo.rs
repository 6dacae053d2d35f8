//! Taking a Take back while the account is untouched.

use super::Decision;
use crate::ids::{OfferToken, UserId};
use crate::sip_account::offers::{Fate, Found};
use crate::sip_account::state::Owned;
use crate::sip_account::{Event, OfferKind, Refusal, Resealed, SipAccount};

impl SipAccount {
    pub(super) fn undo_take(&self, by: UserId, token: &OfferToken, resealed: Option<Resealed>) -> Decision {
        let closed = match self.offer(token).ok_or(Refusal::NoSuchOffer)? {
            Found::Open(_) => return Err(Refusal::NoSuchOffer),
            Found::Closed(closed) => closed,
        };
        if closed.offer.by != by {
            return Err(Refusal::NotYours);
        }
        let taker = match closed.fate {
            Fate::Taken { by } => by,
            Fate::Undone => return Ok(Vec::new()),
            Fate::Cancelled | Fate::Expired => return Err(closed.refusal()),
        };
        let account = self.existing()?;
        match closed.offer.kind {
            OfferKind::Return | OfferKind::TakeAway => Err(Refusal::NotUndoable),
            OfferKind::Settings | OfferKind::Assignment | OfferKind::Transfer
                if account.untouched_since.as_ref() != Some(token) =>
            {
                Err(Refusal::TouchedSince)
            }
            OfferKind::Settings if account.ownership.owner() == taker => {
                Ok(account.given_settings_undone(token, taker, by))
            }
            OfferKind::Settings | OfferKind::Assignment => {
                let kind = closed.offer.kind;
                Ok(vec![Event::TakeUndone {
                    offer: token.clone(),
                    kind,
                    from: taker,
                    to: by,
                    password: None,
                }])
            }
            OfferKind::Transfer => account.transfer_undone(token, taker, by, resealed),
        }
    }
}

impl Owned {
    /// Before the Take there was no account, so there is none after it was undone.
    fn given_settings_undone(&self, token: &OfferToken, from: UserId, to: UserId) -> Vec<Event> {
        let undone =
            Event::TakeUndone { offer: token.clone(), kind: OfferKind::Settings, from, to, password: None };
        let deleted = Event::AccountDeleted { owner: from };
        self.offers.cancelled_but(None).into_iter().chain([undone, deleted]).collect()
    }

    fn transfer_undone(
        &self,
        token: &OfferToken,
        from: UserId,
        to: UserId,
        resealed: Option<Resealed>,
    ) -> Decision {
        let undone = Event::TakeUndone {
            offer: token.clone(),
            kind: OfferKind::Transfer,
            from,
            to,
            password: self.new_seal(resealed)?,
        };
        Ok(self.before_the_owner_changes(token).chain([undone]).collect())
    }
}
