//! A SIP account: who owns it, who uses it, what it is set to, and what is on offer.
//!
//! One stream holds everything that happens to one account, offers included, so a Take is one atomic append and the
//! account's history is one read.

mod claims;
mod command;
mod decide;
mod event;
mod evolve;
mod offer;
mod offers;
mod ownership;
mod refusal;
mod registration;
mod settings_history;
mod state;

pub use claims::{ClaimChange, claims};
pub use command::{Change, Command, Proof, Resealed};
pub use event::{Event, Grant, Origin, Returned};
pub use offer::{Offer, OfferKind};
pub use offers::{ClosedOffer, Fate, Found, Offers};
pub use ownership::{Holder, Ownership};
pub use refusal::Refusal;
pub use registration::Registration;
pub use settings_history::{Applied, SettingsHistory};
pub use state::{Deleted, Offered, Owned, SipAccount};

use chrono::TimeDelta;

/// How long an offer may be taken after it was made (product reference 4.1 step 8).
pub const OFFER_LIFE: TimeDelta = TimeDelta::minutes(5);

/// Changed settings act this long after the last change, if nobody presses Apply (product reference 3.2).
pub const APPLY_AFTER: TimeDelta = TimeDelta::minutes(5);

/// How long an offer out of an administrator's list waits to be sent.
pub const BATCH_LIFE: TimeDelta = TimeDelta::hours(24);

/// The longest loan.
pub const LOAN_MAX: TimeDelta = TimeDelta::days(366);

#[cfg(test)]
mod tests;
