//! How an account comes into being.

use super::Decision;
use crate::ids::{Revision, UserId};
use crate::settings::Settings;
use crate::sip_account::{Event, Origin, Refusal, SipAccount};
use chrono::{DateTime, Utc};

impl SipAccount {
    pub(super) fn create(&self, owner: UserId, origin: Origin, settings: Settings) -> Decision {
        match self {
            Self::Absent => {}
            Self::Owned(account)
                if account.ownership.owner() == owner
                    && account.settings.revision == Revision::default()
                    && account.settings.current == settings =>
            {
                return Ok(Vec::new());
            }
            Self::Offered(_) | Self::Owned(_) | Self::Deleted(_) => return Err(Refusal::NumberTaken),
        }
        if origin != Origin::Menu && !settings.is_complete() {
            return Err(Refusal::Incomplete);
        }
        let created = Event::AccountCreated { owner, origin, settings, offer: None };
        match origin {
            Origin::Menu => Ok(vec![created]),
            Origin::Share | Origin::Link | Origin::Import => Ok(vec![created, acts_at_once()]),
        }
    }

    /// A repeat is told by the offer's token, since a bot learns of the same message twice: when it is sent, and when
    /// it is pressed.
    pub(super) fn share(&self, shared: Event, at: DateTime<Utc>) -> Decision {
        let Event::SettingsOffered { offer, by, to, settings, until, .. } = &shared else {
            return Err(Refusal::NoSuchOffer);
        };
        match self.offer(offer) {
            Some(known) if known.offer().by == *by => return Ok(Vec::new()),
            Some(_) => return Err(Refusal::NumberTaken),
            None => {}
        }
        if *self != Self::Absent {
            return Err(Refusal::NumberTaken);
        }
        if !settings.is_complete() {
            return Err(Refusal::Incomplete);
        }
        if *to == Some(*by) {
            return Err(Refusal::OwnOffer);
        }
        if *until <= at {
            return Err(Refusal::OfferOver { since: *until });
        }
        Ok(vec![shared])
    }
}

/// Settings that came ready, by a share or a link, need no Apply.
pub(super) fn acts_at_once() -> Event {
    Event::SettingsApplied { revision: Revision::default() }
}
