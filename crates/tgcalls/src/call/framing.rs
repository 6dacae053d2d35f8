//! The framing of a call's version, whichever it is.

use crate::framing::{BadFrame, V2, V3};
use crate::key::{CallKey, Role};
use crate::version::Signalling;
use std::time::Instant;

/// The framing of this call's version.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of them in a call, and a call is large")]
pub(super) enum Framing {
    V2(V2),
    V3(V3),
}

impl Framing {
    pub(super) fn new(signalling: Signalling, key: CallKey, role: Role) -> Self {
        match signalling {
            Signalling::V2 => Self::V2(V2::new(key, role)),
            Signalling::V3 => Self::V3(V3::new(key, role)),
        }
    }

    pub(super) fn send(&mut self, message: &[u8], now: Instant) -> Result<(), BadFrame> {
        match self {
            Self::V2(framing) => framing.send(message, now),
            Self::V3(framing) => framing.send(message, now),
        }
    }

    pub(super) fn receive(&mut self, packet: &[u8], now: Instant) -> (Vec<Vec<u8>>, Result<(), BadFrame>) {
        match self {
            Self::V2(framing) => framing.receive(packet, now),
            Self::V3(framing) => framing.receive(packet, now),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        match self {
            Self::V2(framing) => framing.handle_timeout(now),
            Self::V3(framing) => framing.handle_timeout(now),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Self::V2(framing) => framing.poll_timeout(),
            Self::V3(framing) => framing.poll_timeout(),
        }
    }

    pub(super) fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::V2(framing) => framing.poll_transmit(),
            Self::V3(framing) => framing.poll_transmit(),
        }
    }
}
