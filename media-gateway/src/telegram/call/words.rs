//! What goes into one call and what comes out of it, in words of our own: the state machine knows no wire format.

use super::super::event::{End, HangUp};
use bytes::Bytes;
use std::time::Duration;
use tgcalls::group::Group;
use tgcalls::server::Server;

/// How Telegram names a call (`inputPhoneCall`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::telegram) struct Peer {
    pub(in crate::telegram) id: i64,
    pub(in crate::telegram) access_hash: i64,
}

/// Which call a message is about, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telegram) struct About {
    pub(in crate::telegram) peer: Peer,
    /// Who made the call.
    pub(in crate::telegram) admin: i64,
    /// Who was called.
    pub(in crate::telegram) participant: i64,
}

/// What Telegram says of a call (`PhoneCall`), by an update or in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) enum Update {
    /// It exists; `received`: it rings at the far side.
    Waiting { about: About, received: bool },
    /// Somebody calls.
    Requested { about: About, g_a_hash: Vec<u8> },
    /// The far side took it.
    Accepted { about: About, g_b: Vec<u8> },
    /// The key is there.
    Agreed(Box<Agreed>),
    /// It is over.
    Discarded { id: i64, reason: Option<Reason> },
    /// Telegram does not know it (any more).
    Empty { id: i64 },
}

impl Update {
    /// Telegram's id of the call.
    pub(in crate::telegram) fn id(&self) -> i64 {
        match self {
            Self::Discarded { id, .. } | Self::Empty { id } => *id,
            Self::Waiting { about, .. } | Self::Requested { about, .. } | Self::Accepted { about, .. } => {
                about.peer.id
            }
            Self::Agreed(agreed) => agreed.about.peer.id,
        }
    }

    /// Which call it is about; an ended one has only its id.
    pub(in crate::telegram) fn about(&self) -> Option<About> {
        match self {
            Self::Discarded { .. } | Self::Empty { .. } => None,
            Self::Waiting { about, .. } | Self::Requested { about, .. } | Self::Accepted { about, .. } => {
                Some(*about)
            }
            Self::Agreed(agreed) => Some(agreed.about),
        }
    }
}

/// The final `phoneCall`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) struct Agreed {
    pub(in crate::telegram) about: About,
    /// The other side's public value.
    pub(in crate::telegram) g_a_or_b: Vec<u8>,
    pub(in crate::telegram) fingerprint: i64,
    /// The chosen version first.
    pub(in crate::telegram) versions: Vec<String>,
    pub(in crate::telegram) servers: Vec<Server>,
    pub(in crate::telegram) p2p: bool,
    /// `custom_parameters`, JSON.
    pub(in crate::telegram) parameters: Option<String>,
}

/// Why a call is discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::telegram) enum Reason {
    Missed,
    Disconnect,
    Hangup,
    Busy,
    /// It goes on as a conference, which is not spoken here.
    Migrate,
}

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) enum Trouble {
    /// Telegram wants to be left alone for so long.
    Flood(Duration),
    /// Telegram said no, in its word (`USER_ID_INVALID`).
    Refused { code: u16, words: String },
    /// Telegram can't be reached.
    Unreachable,
    /// Telegram's group for the key is weak, or an answer makes no sense.
    Nonsense,
}

impl Trouble {
    /// Whether Telegram has had this very `phone.requestCall` before.
    pub(super) fn is_repetition(&self) -> bool {
        self.says("RANDOM_ID_DUPLICATE")
    }

    /// Whether this is what Telegram may say to `phone.acceptCall` or `phone.confirmCall` when it has carried it out
    /// before. It says the same for other reasons, so this counts only for what was sent twice.
    pub(super) fn may_be_repetition(&self) -> bool {
        self.says("CALL_ALREADY_ACCEPTED") || self.says("CALL_PEER_INVALID")
    }

    /// Whether Telegram refused with this word.
    pub(in crate::telegram) fn says(&self, word: &str) -> bool {
        matches!(self, Self::Refused { words, .. } if words == word)
    }
}

/// A request to Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::telegram) enum Request {
    /// `messages.getDhConfig`; answered by [`Input::Group`].
    Group,
    /// `phone.requestCall`; answered by [`Input::Answered`], as are [`Request::Accept`] and [`Request::Confirm`].
    Ring { random_id: i32, g_a_hash: [u8; 32] },
    /// `phone.receivedCall`.
    Received { peer: Peer },
    /// `phone.acceptCall`.
    Accept { peer: Peer, g_b: Box<[u8; 256]> },
    /// `phone.confirmCall`.
    Confirm { peer: Peer, g_a: Box<[u8; 256]>, fingerprint: i64 },
    /// `phone.sendSignalingData`.
    Signal { peer: Peer, packet: Bytes },
    /// `phone.discardCall`.
    Discard { peer: Peer, reason: Reason, duration: Duration },
}

/// What happens to a call.
#[derive(Debug)]
pub(in crate::telegram) enum Input {
    /// The group for the key, and the server's random bytes.
    Group(Result<Box<(Group, Vec<u8>)>, Trouble>),
    /// The answer to the last request that has one. `repeated`: it was sent before, and the answer to that was lost.
    Answered { answer: Result<Update, Trouble>, repeated: bool },
    /// Telegram tells.
    Update(Update),
    /// A packet of signalling from the far side.
    Far(Bytes),
    /// `phone.sendSignalingData` says that the call is over.
    SignalRefused,
    /// The service account is gone from here.
    AccountGone,
    /// Take the call.
    Answer,
    /// Hang up.
    HangUp(HangUp),
    /// Send a packet of signalling.
    Signal(Bytes),
}

/// What a call wants done.
#[derive(Debug)]
pub(in crate::telegram) enum Output {
    /// Ask Telegram.
    Ask(Request),
    /// Tell the gateway.
    Tell(Told),
}

/// What the gateway is to know.
#[derive(Debug)]
pub(in crate::telegram) enum Told {
    Ringing,
    Begun(Box<tgcalls::call::Config>),
    Signal(Bytes),
    /// Exactly once.
    Over(End),
}
