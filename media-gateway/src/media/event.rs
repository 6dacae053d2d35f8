//! What the engine tells its owner.

use super::PortId;
use super::record::RecordingId;
use audio::dtmf::Digit;
use bytes::Bytes;
use std::time::Duration;

/// Something happened on a port. Events of one port arrive in order.
#[derive(Debug, Clone)]
pub enum Event {
    /// Sound can flow: the first packet came (SIP), or ICE and DTLS are up (browser). Again after each reconnect.
    Connected {
        /// Which port.
        port: PortId,
    },
    /// The path is lost; the engine waits for it to come back.
    Disconnected {
        /// Which port.
        port: PortId,
    },
    /// The path did not come back, or never came up. The port stays open, silent, until it is closed.
    Failed {
        /// Which port.
        port: PortId,
        /// Why.
        failure: Failure,
    },
    /// No packet came for this long although the far side may send: once per silence.
    Silent {
        /// Which port.
        port: PortId,
        /// Since the last packet.
        lasted: Duration,
    },
    /// Packets come again after [`Event::Silent`].
    Heard {
        /// Which port.
        port: PortId,
    },
    /// The far side pressed a digit, heard as telephone-event or as tones. Once per press.
    Digit {
        /// Which port.
        port: PortId,
        /// Never to be logged.
        digit: Digit,
    },
    /// All digits given to [`Engine::send_digits`](super::Engine::send_digits) are out.
    DigitsSent {
        /// Which port.
        port: PortId,
    },
    /// A source with an end was played to it. Not told when it was replaced or stopped.
    Played {
        /// Which port.
        port: PortId,
    },
    /// A message for the far side's signalling, from a peer that has such messages (see [`Peer`](super::Peer)).
    Signal {
        /// Which port.
        port: PortId,
        /// Opaque to the engine.
        message: Bytes,
    },
    /// The next piece of a recording: append it to what came before.
    RecordingChunk {
        /// Which recording.
        recording: RecordingId,
        /// A piece of an Ogg/Opus file.
        bytes: Bytes,
    },
    /// A recording is complete; its last chunk came before.
    RecordingFinished {
        /// Which recording.
        recording: RecordingId,
        /// How long it is.
        length: Duration,
        /// How many bytes its chunks held together.
        bytes: u64,
        /// Why it ended.
        ending: RecordingEnding,
    },
}

/// Why a port can no longer carry sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No path was found in time.
    NoPath,
    /// The path was lost, and did not come back in time.
    PathLost,
    /// The far side closed it.
    Closed,
    /// The far side broke the protocol, or we did.
    Protocol,
}

/// Why a recording ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingEnding {
    /// It was asked to.
    Stopped,
    /// One of its ports was closed.
    PortClosed,
    /// It reached its longest time or its most bytes.
    Limit,
    /// Nobody took its chunks in time, so its sound has a hole.
    Overrun,
}
