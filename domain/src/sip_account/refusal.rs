//! Why a command on a SIP account was refused, as sentences about what is the case.

use chrono::{DateTime, Utc};

/// Why a command was refused. The bot turns each into words and a next step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account (any more).
    #[error("there is no such account")]
    NoSuchAccount,
    /// The number is taken by another account.
    #[error("the number is taken by another account")]
    NumberTaken,
    /// Only the owner may.
    #[error("only the owner may do this")]
    NotTheOwner,
    /// Neither owner nor user.
    #[error("the account is not yours")]
    NotYours,
    /// Login, password or server is missing.
    #[error("login, password or server is missing")]
    Incomplete,
    /// The offer is over, taken by nobody.
    #[error("the offer is over since {since}")]
    OfferOver {
        /// When it ended.
        since: DateTime<Utc>,
    },
    /// Somebody else has taken the offer.
    #[error("somebody else has taken the offer")]
    AlreadyTaken,
    /// The offerer has called it back.
    #[error("the offer was called back")]
    OfferCancelled,
    /// There is no such offer on this account.
    #[error("there is no such offer")]
    NoSuchOffer,
    /// The offer is for another person.
    #[error("the offer is for another person")]
    OfferForAnother,
    /// Who shares settings can't take them.
    #[error("your own offer is not for you")]
    OwnOffer,
    /// The taker already has what is offered.
    #[error("you already have it")]
    AlreadyYours,
    /// Nobody to give the account back to.
    #[error("there is nobody to give it back to")]
    NobodyToReturnTo,
    /// Not a former owner, or the password does not fit (which of the two is not told).
    #[error("it can't be taken away")]
    TakeAwayRefused,
    /// The account was changed since the Take.
    #[error("the account was changed since it was taken")]
    TouchedSince,
    /// A return or a take-away stands once it is taken.
    #[error("this can't be undone")]
    NotUndoable,
    /// The password that is set now has to be sealed anew for the new owner.
    #[error("the password must be sealed anew")]
    ResealNeeded,
    /// A loan ends in the past, or later than a year from now.
    #[error("the end of a loan is not in the future")]
    BadLoanEnd,
    /// The deadline has not passed yet.
    #[error("it is not due before {due}")]
    NotDue {
        /// When it will be.
        due: DateTime<Utc>,
    },
}
