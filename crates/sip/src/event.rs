//! What a user agent tells its application: registrations that changed, calls that come, and what happens in them.

use crate::account::AccountKey;
use crate::call::{Call, CallId, Digit, Invitation, Replaces};
use crate::uri::Uri;
use std::time::Duration;

/// One thing that happened. Events of one call arrive in order; so do those of one account.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "an invitation is rare beside other events, and is read field by field"
)]
pub enum Event {
    /// An account's registration came up, failed, or ended.
    Registration {
        /// Whose.
        account: AccountKey,
        /// What it is.
        state: RegistrationState,
    },
    /// Somebody calls. The call rings nowhere until [`Call::ring`] is called.
    Incoming {
        /// The handle to answer it with.
        call: Call,
        /// The account that is called; `None` for a client of our own [`Server`](crate::Server).
        account: Option<AccountKey>,
        /// Who calls and with what.
        invitation: Invitation,
    },
    /// Something happened in a call.
    Call {
        /// Which.
        id: CallId,
        /// What.
        event: CallEvent,
    },
}

/// How an account stands with its registrar. Told when it changes, never at a mere refresh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationState {
    /// Calls reach us.
    Registered {
        /// How long the registrar keeps us without a refresh.
        expires: Duration,
    },
    /// They do not.
    Failed {
        /// The SIP code; 408 where nobody answered and 503 where nobody could be reached (RFC 3261 section 8.1.3.1).
        code: u16,
        /// The server's words, or ours where there is no answer.
        reason: String,
        /// When it is tried again by itself.
        retry_in: Option<Duration>,
        /// Whether trying again would not help: wrong password, unknown or forbidden account.
        permanent: bool,
    },
    /// It was ended by [`UserAgent::unregister`](crate::UserAgent::unregister).
    Unregistered,
}

/// What happens in a call, in the words of the side that hears it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallEvent {
    /// The far end rings (180). It may come more than once.
    Ringing,
    /// The far end sends sound before it answers: announcements, its own ring tone (183 or 180 with a description).
    Progress {
        /// Its session description.
        sdp: String,
    },
    /// Our call was answered.
    Answered {
        /// The far end's session description, or the last one of a provisional answer where the final has none.
        sdp: String,
    },
    /// The far end has received our answer (ACK).
    Acknowledged {
        /// Its answer, where its INVITE had no offer and ours was in [`Call::answer`].
        sdp: Option<String>,
    },
    /// The far end wants to change the session: hold, resume, other codecs. Say [`Call::answer_offer`] or [`Call::refuse_offer`].
    Reoffered {
        /// Its offer; `None` where it asks for ours, which [`Call::answer_offer`] then makes.
        sdp: Option<String>,
    },
    /// Our offer made by [`Call::reoffer`] was taken, or the answer to an offer it asked for has come.
    ReofferAnswered {
        /// The answer.
        sdp: String,
    },
    /// Our offer was refused; the session stays as it was.
    ReofferRefused {
        /// The SIP code.
        code: u16,
        /// The words beside it.
        reason: String,
    },
    /// A digit came by INFO (`application/dtmf-relay` or `application/dtmf`).
    Digit {
        /// Which.
        digit: Digit,
        /// How long it was pressed, where the message says so.
        duration: Option<Duration>,
    },
    /// The far end asks us to call somebody else instead of it (REFER). Say [`Call::accept_transfer`] or [`Call::refuse_transfer`].
    TransferAsked {
        /// Whom to call.
        to: Uri,
        /// The call at that place which ours is to replace.
        replaces: Option<Replaces>,
    },
    /// How the transfer stands that we asked for (NOTIFY with a `sipfrag`).
    TransferProgress {
        /// The SIP code that the far end got, 100 and 180 among them; a refusal of the request itself comes alike.
        code: u16,
        /// The words beside it.
        reason: String,
    },
    /// The call is over. Nothing follows.
    Ended {
        /// The SIP code that ended it; 200 for a call that was answered and hung up.
        code: u16,
        /// The far end's words, from its `Reason` header where there is one.
        reason: String,
        /// The Q.850 cause of its `Reason` header.
        cause: Option<u16>,
        /// Who ended it.
        by: EndedBy,
    },
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// This side, by [`Call::hang_up`] or [`Call::reject`].
    Us,
    /// The far side: hang-up, refusal, withdrawal, or replacement by a transfer.
    Them,
    /// Nobody: no answer, a lost connection, a session that was not refreshed.
    Timer,
}
