//! What the handle asks of a media thread.

use super::directory::Shared;
use super::peer::Peer;
use super::port::Port;
use super::record::{RecordingId, RecordingOptions};
use super::rtp_media::RtpMedia;
use super::source::Source;
use super::{DigitMethod, PortId};
use audio::dtmf::Digit;
use bytes::Bytes;
use std::fmt;
use std::sync::mpsc::SyncSender;
use tokio::sync::oneshot;

/// One command; see the verbs of [`Engine`](super::Engine).
pub(super) enum Command {
    Open {
        port: PortId,
        peer: Box<dyn Peer>,
        user: Option<String>,
        statistics: Shared,
    },
    Agree {
        port: PortId,
        media: Box<RtpMedia>,
    },
    Offer {
        port: PortId,
        offer: String,
        reply: oneshot::Sender<Result<String, String>>,
    },
    Signal {
        port: PortId,
        message: Bytes,
    },
    Join {
        a: PortId,
        b: PortId,
    },
    Part {
        port: PortId,
    },
    Play {
        port: PortId,
        source: Source,
    },
    Echo {
        port: PortId,
        on: bool,
    },
    Digits {
        port: PortId,
        digits: Digits,
        method: DigitMethod,
    },
    DetectTones {
        port: PortId,
        on: bool,
    },
    Record {
        port: PortId,
        recording: RecordingId,
        options: RecordingOptions,
    },
    StopRecording {
        recording: RecordingId,
    },
    Close {
        port: PortId,
    },
    /// This port will come from another thread: keep its commands until then.
    Expect {
        port: PortId,
    },
    /// Give this port to another thread.
    Release {
        port: PortId,
        to: SyncSender<Command>,
    },
    /// A port from another thread; `None`: it was closed on the way.
    Adopt {
        port: PortId,
        content: Option<Box<Port>>,
    },
}

/// Digits on their way out; [`fmt::Debug`] shows how many, not which.
pub(super) struct Digits(pub(super) Vec<Digit>);

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} digits", self.0.len())
    }
}
