//! What is true of a SIP account: its states, and what others may ask about it.

use super::offers::{Found, Offers};
use super::ownership::Ownership;
use super::registration::Registration;
use super::settings_history::{Applied, SettingsHistory};
use super::{Grant, Offer, OfferKind, Returned};
use crate::ids::{OfferToken, Revision, UserId};
use crate::sealed::Sealed;
use crate::settings::Settings;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A SIP account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SipAccount {
    /// Nothing has happened under this number.
    #[default]
    Absent,
    /// Settings were shared and nobody has taken them yet.
    Offered(Box<Offered>),
    /// It belongs to somebody.
    Owned(Box<Owned>),
    /// It is gone, or its offer ended untaken. Its number is never given again.
    Deleted(Deleted),
}

/// Shared settings that wait for a Take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// What the Take makes of the taker.
    pub grant: Grant,
    /// What is shared.
    pub settings: Settings,
    pub(super) offers: Offers,
}

/// An account that belongs to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// Whose it is and who uses it.
    pub ownership: Ownership,
    /// What it is set to.
    pub settings: SettingsHistory,
    /// How it stands at its provider.
    pub registration: Registration,
    pub(super) offers: Offers,
    /// The offer whose Take was the last thing that anybody did to the account.
    pub(super) untouched_since: Option<OfferToken>,
}

/// What is still known of an account that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Deleted {
    pub(super) last_owner: Option<UserId>,
    pub(super) offers: Offers,
}

impl SipAccount {
    /// The account, if it belongs to somebody.
    #[must_use]
    pub fn owned(&self) -> Option<&Owned> {
        match self {
            Self::Owned(account) => Some(account),
            Self::Absent | Self::Offered(_) | Self::Deleted(_) => None,
        }
    }

    /// To whom it belongs.
    #[must_use]
    pub fn owner(&self) -> Option<UserId> {
        self.owned().map(|account| account.ownership.owner())
    }

    /// Who rings and dials, as far as the log knows: a loan that lapsed a moment ago may not be tidied up yet.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        self.owned().map(|account| account.ownership.user())
    }

    /// When the loan ends that runs, if one does.
    #[must_use]
    pub fn loan_until(&self) -> Option<DateTime<Utc>> {
        self.owned().and_then(|account| account.loan()).map(|(_, until)| until)
    }

    /// The owners it was transferred by, the latest one last: who may take it away with its password.
    #[must_use]
    pub fn former_owners(&self) -> Vec<UserId> {
        self.owned().map(|account| account.ownership.former_owners().collect()).unwrap_or_default()
    }

    /// To whom this person could give the account back.
    #[must_use]
    pub fn return_of(&self, by: UserId) -> Option<(UserId, Returned)> {
        self.owned().and_then(|account| account.ownership.return_of(by))
    }

    /// The settings as people see and edit them, or as they are shared.
    #[must_use]
    pub fn settings(&self) -> Option<&Settings> {
        match self {
            Self::Offered(shared) => Some(&shared.settings),
            Self::Owned(account) => Some(&account.settings.current),
            Self::Absent | Self::Deleted(_) => None,
        }
    }

    /// The password, sealed.
    #[must_use]
    pub fn password(&self) -> Option<&Sealed> {
        self.settings().and_then(|settings| settings.password.as_ref())
    }

    /// Whether a gateway could register with the current settings.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.settings().is_some_and(Settings::is_complete)
    }

    /// How many changes led to the current settings.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        self.owned().map(|account| account.settings.revision)
    }

    /// The settings that act.
    #[must_use]
    pub fn applied(&self) -> Option<&Applied> {
        self.owned().and_then(|account| account.settings.applied.as_ref())
    }

    /// Every offer, open or closed.
    #[must_use]
    pub fn all_offers(&self) -> Option<&Offers> {
        match self {
            Self::Absent => None,
            Self::Offered(shared) => Some(&shared.offers),
            Self::Owned(account) => Some(&account.offers),
            Self::Deleted(gone) => Some(&gone.offers),
        }
    }

    /// Every open offer.
    pub fn offers(&self) -> impl Iterator<Item = &Offer> {
        self.all_offers().into_iter().flat_map(Offers::open)
    }

    /// The offer of this name, open or closed.
    #[must_use]
    pub fn offer(&self, token: &OfferToken) -> Option<Found<'_>> {
        self.all_offers().and_then(|offers| offers.find(token))
    }

    /// Whether a Take of this offer by this person must bring the password sealed anew: the account gets another owner,
    /// and has a password. The seal to open is [`SipAccount::password`].
    #[must_use]
    pub fn needs_reseal_for(&self, token: &OfferToken, by: UserId) -> bool {
        let Some(Found::Open(offer)) = self.offer(token) else { return false };
        self.password().is_some() && self.would_change_owner(offer, by)
    }

    /// Whether taking the Take of this offer back must bring the password sealed anew.
    #[must_use]
    pub fn needs_reseal_to_undo(&self, token: &OfferToken) -> bool {
        let Some(Found::Closed(closed)) = self.offer(token) else { return false };
        self.password().is_some() && closed.offer.kind == OfferKind::Transfer
    }

    fn would_change_owner(&self, offer: &Offer, by: UserId) -> bool {
        match offer.kind {
            OfferKind::Settings => {
                let given = matches!(self, Self::Offered(shared) if shared.grant == Grant::Give);
                given && offer.by != by
            }
            OfferKind::Assignment => false,
            OfferKind::Transfer => offer.by != by,
            OfferKind::Return => offer.by != by && self.owner() == Some(offer.by),
            OfferKind::TakeAway => offer.by == by,
        }
    }
}
