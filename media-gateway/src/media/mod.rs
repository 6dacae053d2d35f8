//! The media engine: sound of all calls, on a few threads of its own.
//!
//! [`Engine`] is a handle: its verbs put commands into a thread's bounded queue and return. A [`PortId`] names one far
//! side: a SIP leg (RTP), a browser (WebRTC), a Telegram call or any other [`Peer`]. Two ports that are joined hear each other.
//!
//! ```text
//!  datagrams ─► Peer ─► jitter buffer ─► decoder ─┬─► other port's encoder ─► its Peer ─► datagrams
//!                 └──── Opus to Opus, nothing mixed ────────────────────────────►┘
//! ```
//!
//! Every thread (`lane`) owns its ports and wakes at the beat of their packets, fifty times a second for a call: it takes all
//! datagrams that came, lets the peers do what is due, and makes the packets that are due. There is no task, lock or channel per call or packet.
//! What this file deliberately lacks: SIP, SDP of SIP, users, calls, the log. They are `crate::call`'s.

mod browser;
mod capacity;
mod clock;
mod command;
mod config;
mod descriptors;
mod directory;
mod engine;
mod error;
mod event;
mod guarded;
mod lane;
mod peer;
mod port;
mod record;
mod rtp;
mod rtp_media;
mod source;
mod statistics;
mod telegram;
#[cfg(test)]
mod tests;
pub mod turn;

pub use config::EngineConfig;
pub use engine::{BrowserPort, Engine, RtpPort};
pub use error::EngineError;
pub use event::{Event, Failure, RecordingEnding};
pub use peer::{Datagram, Happening, Heard, Packet, Payload, Peer, Received, Wanted};
pub use record::{Layout, RecordingId, RecordingOptions};
pub use rtp_media::{Direction, RtpMedia, SrtpKey, SrtpKeys, SrtpSuite, TelephoneEvent};
pub use source::Source;
pub use statistics::{Load, Statistics};
pub use telegram::{Addresses, Setup as TelegramSetup, TelegramPeer};

/// Names a port for its whole life; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PortId(u64);

/// How digits are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DigitMethod {
    /// Telephone-events where they were agreed on, tones in the sound otherwise.
    #[default]
    Best,
    /// Tones in the sound.
    Tones,
}
