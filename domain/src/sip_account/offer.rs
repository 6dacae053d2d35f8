//! What is on offer for an account.

use crate::ids::{OfferToken, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a Take of an offer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferKind {
    /// Shared settings: the account comes into being.
    Settings,
    /// The taker becomes user; the owner stays.
    Assignment,
    /// The taker becomes owner and user.
    Transfer,
    /// The account goes back to whom it came from.
    Return,
    /// A former owner takes the account back by its password.
    TakeAway,
}

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Its name in the chat.
    pub token: OfferToken,
    /// What a Take does.
    pub kind: OfferKind,
    /// Who offered.
    pub by: UserId,
    /// The only person who may take it; without one, whoever presses first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<UserId>,
    /// From this moment on it can't be taken.
    pub until: DateTime<Utc>,
}
