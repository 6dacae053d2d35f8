//! What may be asked of a SIP account.

use super::{Grant, Origin};
use crate::ids::{BatchId, OfferToken, Revision, UserId};
use crate::sealed::Sealed;
use crate::settings::{
    AccountName, Codecs, DialRulesText, DtmfMethods, HostPort, Login, Recording, Settings, TemplateCode,
    Transport, WorkerChoice,
};
use chrono::{DateTime, Utc};

/// A change of one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The label; none takes it away.
    Name(Option<AccountName>),
    /// SIP user and authentication user.
    Login(Login),
    /// The password, sealed.
    Password(Sealed),
    /// The SIP domain and server; none clears it.
    Domain(Option<HostPort>),
    /// The registrar; none means the domain.
    Proxy(Option<HostPort>),
    /// All that a template sets.
    Template {
        /// Which one.
        code: TemplateCode,
        /// The SIP domain and server, where the template knows it.
        domain: Option<HostPort>,
        /// The registrar, where it differs.
        proxy: Option<HostPort>,
        /// How SIP messages travel.
        transport: Transport,
        /// Audio codecs.
        codecs: Codecs,
        /// DTMF methods.
        dtmf: DtmfMethods,
        /// Dial rules.
        rules: DialRulesText,
    },
    /// How SIP messages travel.
    Transport(Transport),
    /// Audio codecs.
    Codecs(Codecs),
    /// DTMF methods.
    Dtmf(DtmfMethods),
    /// Dial rules.
    Rules(DialRulesText),
    /// Who registers the account and carries its media.
    Worker(WorkerChoice),
    /// Whether and where calls are recorded.
    Recording(Recording),
}

/// Evidence that the asker typed the account's password: the sealed password that a vault compared with what was typed,
/// in constant time. The account compares it with its own, so a password changed meanwhile proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof(pub Sealed);

/// An account's password sealed anew for the next owner. The account compares what was opened with its own, so a password
/// changed meanwhile is never overwritten by an older one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// What a vault opened.
    pub from: Sealed,
    /// The same password under the account's newest key.
    pub to: Sealed,
}

/// A command. Who gives it, and when, is in the context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Bring an account into being. The asker becomes its owner and user.
    Create {
        /// How.
        origin: Origin,
        /// What it is set to; empty from the menu.
        settings: Box<Settings>,
    },
    /// Share settings as an offer; the account comes into being at the Take.
    ShareSettings {
        /// The offer.
        offer: OfferToken,
        /// The only person who may take it.
        to: Option<UserId>,
        /// What the Take makes of the taker.
        grant: Grant,
        /// What is shared; login and password are there.
        settings: Box<Settings>,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
        /// The administrator's list it is out of.
        batch: Option<BatchId>,
    },
    /// An offer out of a list was sent.
    MarkSent {
        /// The offer.
        offer: OfferToken,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// Change one setting.
    Change(Change),
    /// Let changed settings act now. Given by the owner, or by the deadline.
    Apply {
        /// The newest revision that the asker knows of; a newer one is left alone. None means whatever is newest.
        revision: Option<Revision>,
    },
    /// Register from now on.
    SwitchOn,
    /// Do not register.
    SwitchOff,
    /// Offer to make somebody the user.
    OfferAssignment {
        /// The offer.
        offer: OfferToken,
        /// The only person who may take it.
        to: Option<UserId>,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// Offer to make somebody the owner.
    OfferTransfer {
        /// The offer.
        offer: OfferToken,
        /// The only person who may take it.
        to: Option<UserId>,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// Offer to give the account back to whom it came from.
    OfferReturn {
        /// The offer.
        offer: OfferToken,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// Offer oneself, a former owner who knows the password, the account.
    OfferTakeAway {
        /// The offer.
        offer: OfferToken,
        /// That the password fits.
        proof: Proof,
        /// From this moment on it can't be taken.
        until: DateTime<Utc>,
    },
    /// Take what is offered.
    Take {
        /// The offer.
        offer: OfferToken,
        /// The account's password sealed anew for the asker; needed where the owner changes and there is a password.
        resealed: Option<Resealed>,
    },
    /// Call an offer back.
    CancelOffer {
        /// The offer.
        offer: OfferToken,
    },
    /// Take a Take back while the account is untouched. Given by who had offered.
    UndoTake {
        /// The offer that had been taken.
        offer: OfferToken,
        /// The password sealed anew for the asker, where the owner changes.
        resealed: Option<Resealed>,
    },
    /// An offer's deadline has passed.
    ExpireOffer {
        /// The offer.
        offer: OfferToken,
    },
    /// Make somebody the user at once.
    Assign {
        /// Who rings and dials.
        user: UserId,
    },
    /// Make the owner the user again.
    Unassign,
    /// Make somebody the user for a while.
    Lend {
        /// Who rings and dials.
        user: UserId,
        /// When the account comes back by itself.
        until: DateTime<Utc>,
    },
    /// End a loan; by the owner at any time, by the deadline when it has passed.
    EndLoan,
    /// By the owner: delete the account. By an assigned user: give it back.
    Delete,
    /// A gateway registered this revision.
    ReportRegistered {
        /// The revision.
        revision: Revision,
    },
    /// A gateway could not register this revision.
    ReportRegistrationFailed {
        /// The revision.
        revision: Revision,
        /// SIP status code.
        code: u16,
        /// The reason phrase.
        reason: String,
    },
}
