//! How messages travel in signalling packets: in order and exactly once, over a channel that loses, doubles and reorders.
//!
//! Two framings are in use. Versions 8 and 9 number and acknowledge messages themselves ([`V2`]); versions 12 and 13 run
//! SCTP over the signalling channel ([`V3`]). Neither reads a clock: time is handed in.

mod gzip;
mod v2;
mod v3;

pub use v2::V2;
pub use v3::V3;

use crate::packet::BadPacket;

/// The greatest message, in bytes, as it is sent.
pub const MAX_MESSAGE: usize = 1024 * 1024;

/// The greatest size of all messages of one packet, in bytes, after they were unpacked. A call's greatest message is an
/// offer of some twenty kilobytes; more would only be work for us and none for who sends it.
pub const MAX_UNPACKED: usize = 256 * 1024;

/// What could not be used of a packet. The rest of the call goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    /// The packet could not be opened.
    #[error(transparent)]
    Packet(#[from] BadPacket),
    /// The plaintext ends in the midst of a message, or has a kind of message that nobody knows.
    #[error("the packet is not built of messages")]
    Malformed,
    /// A message is longer than is allowed, packed or unpacked.
    #[error("a message is too long")]
    TooLong,
    /// More messages wait for an acknowledgement than are kept.
    #[error("the far side has stopped acknowledging")]
    TooManyUnacknowledged,
    /// The far side ended the SCTP association, or never answered.
    #[error("the signalling association is lost")]
    Lost,
}
