//! One call of the exchange with one phone.

use super::menu::Menu;
use media_gateway::media::PortId;
use sip::sdp::Negotiation;
use sip::{Call, CallId};

/// A call with a phone, in either direction.
pub(super) struct Leg {
    pub(super) call: Call,
    pub(super) port: PortId,
    pub(super) negotiation: Negotiation,
    /// Whom it is with: a login.
    pub(super) who: String,
    /// Its name on the wire, of calls that came in: transfers name it.
    pub(super) wire_id: Option<String>,
    /// Our answer, until it is sent.
    pub(super) answer: Option<String>,
    pub(super) is_up: bool,
    pub(super) doing: Doing,
}

/// What a leg is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// It hears itself.
    Echo,
    /// It is in the voice menu.
    Menu(Menu),
    /// It is told to hang up, and is called back then.
    CallBack,
    /// It is called back.
    CalledBack,
    /// It hears something that never becomes a call.
    Unanswered,
    /// It talks, or is about to talk, with another leg.
    Bridge(CallId),
    /// It is being reached for a leg whose person asked for a transfer: `with` gets it, `by` is told.
    Reached {
        /// Who gets it.
        with: CallId,
        /// Who asked.
        by: CallId,
    },
    /// It is over as soon as the last phrase is said.
    Leaving,
}
