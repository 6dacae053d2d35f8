//! What a call is made of, what goes into it, and what comes out.

use super::CONNECT_TIMEOUT;
use crate::framing::BadFrame;
use crate::key::{CallKey, Role};
use crate::server::Server;
use crate::transport::Transmit;
use crate::version::Signalling;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// What a call is made of.
#[derive(Debug)]
pub struct Config {
    /// Which end this is.
    pub role: Role,
    /// The key that both ends have agreed on.
    pub key: CallKey,
    /// How to speak: see [`crate::version::choose`].
    pub signalling: Signalling,
    /// `connections` of `phoneCall`.
    pub servers: Vec<Server>,
    /// `p2p_allowed` of `phoneCall`. Without it no address of ours reaches the far side.
    pub p2p: bool,
}

/// What goes into a call.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A datagram that came to one of the call's sockets.
    Datagram {
        /// Who sent it.
        source: SocketAddr,
        /// The socket that it came to.
        destination: SocketAddr,
        /// The bytes.
        contents: &'a [u8],
    },
    /// `updatePhoneCallSignalingData.data`.
    Signal(&'a [u8]),
    /// A packet of Opus to be sent: 10 to 120 ms.
    Sound {
        /// The packet.
        payload: &'a [u8],
        /// Its number, counted from wherever the shell likes, without a wrap: a number that is left out is a packet lost
        /// on the way here, and the far side conceals it. Never the same number twice.
        sequence: u64,
        /// Its RTP timestamp, at 48 kHz.
        timestamp: u32,
        /// Whether it begins a talkspurt.
        marker: bool,
    },
}

/// What comes out of a call.
#[derive(Debug)]
pub enum Output {
    /// Send this datagram.
    Transmit(Transmit),
    /// Send this with `phone.sendSignalingData`.
    Signal(Vec<u8>),
    /// Something happened.
    Event(Event),
}

/// What happened to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The two ends are connected. Sound may be given from now on; it is sent as soon as the far side takes it.
    Connected,
    /// The connection is gone; it is sought again.
    Interrupted,
    /// The connection is back.
    Resumed,
    /// A packet of sound came. An empty payload is padding: it counts as received, and is not played.
    Sound {
        /// Which stream it is of (SSRC): numbers and timestamps begin anew in another.
        stream: u32,
        /// Number of the packet, without a wrap.
        sequence: u64,
        /// Its RTP timestamp, at 48 kHz.
        timestamp: u32,
        /// Whether it begins a talkspurt.
        marker: bool,
        /// Opus, 10 to 120 ms; empty for padding.
        payload: Arc<[u8]>,
    },
    /// The far side has switched its microphone off or on. Sound may come regardless.
    FarMuted(bool),
    /// The call is over; hang up as disconnected.
    Failed(Failure),
}

/// How well a call does, as far as only the transport knows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Quality {
    /// Share of our packets that the far side reports lost lately, 0.0 to 1.0.
    pub loss_reported: f32,
    /// There and back, when it was measured.
    pub round_trip: Option<Duration>,
    /// Datagrams that were none of this call's, or broken.
    pub refused: u64,
}

/// Why a call can't go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There was no connection for [`CONNECT_TIMEOUT`](super::CONNECT_TIMEOUT).
    #[error("no connection within {} seconds", CONNECT_TIMEOUT.as_secs())]
    Timeout,
    /// The far side closed the connection.
    #[error("the far side closed the connection")]
    Closed,
    /// The transport is broken, as when the far side's certificate is not the one that it has named.
    #[error("the transport is broken: {0}")]
    Transport(String),
    /// The far side does not take Opus.
    #[error("the far side does not take our sound")]
    Refused,
    /// The far side's InitialSetup can't be used.
    #[error("the far side's setup can't be used: {0}")]
    Setup(String),
    /// The signalling channel is lost.
    #[error("signalling: {0}")]
    Signalling(BadFrame),
}
