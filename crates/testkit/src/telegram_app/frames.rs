//! What Telegram tells a device, and what the library tells of a call. Bytes stay in base64, since nobody here reads them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the ends of a call can speak, as Telegram writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Protocol {
    pub(super) min_layer: i32,
    pub(super) max_layer: i32,
    pub(super) udp_p2p: bool,
    pub(super) udp_reflector: bool,
    pub(super) library_versions: Vec<String>,
}

/// The group of the key exchange, and randomness from the server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Group {
    pub(super) g: i32,
    pub(super) p: String,
    pub(super) random: String,
}

/// A frame from Telegram. `docs/emulator.md`, "Devices".
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Frame {
    Ready {
        user: Value,
        dh: Group,
    },
    Requested {
        call: String,
        from: Value,
        g_a_hash: String,
    },
    Waiting {
        call: String,
        ringing: bool,
    },
    Accepted {
        call: String,
        g_b: String,
    },
    Call {
        call: String,
        g_a_or_b: String,
        fingerprint: String,
        connections: Vec<Value>,
        p2p_allowed: bool,
        protocol: Protocol,
    },
    Signal {
        call: String,
        data: String,
    },
    Discarded {
        call: String,
        reason: Option<String>,
        duration: Option<u64>,
    },
    Error {
        of: String,
        code: i32,
        text: String,
    },
}

/// What the library tells of one call.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Told {
    /// Our part of the key exchange: the hash of g_a, or g_b.
    Offer { bytes: String },
    /// There is a key.
    Agreed { g_a: String, fingerprint: String },
    /// A packet for the other end.
    Signal { data: String },
    /// `CONNECTING`, `CONNECTED`, `TIMEOUT`, `FAILED`, `CLOSED`.
    State { state: String },
    /// The first sound that is no silence, so long after the connection was begun.
    FirstSound { after_ms: f64 },
    /// The last second.
    Heard(Heard),
    /// What both people may compare.
    Emoji { emoji: String },
    /// An order could not be carried out.
    Failed { words: String },
}

/// What was heard in the last second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Heard {
    /// 0 is the loudest possible.
    pub(super) level_dbov: f64,
    /// The strongest frequency; none in silence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hz: Option<f64>,
    /// How much of the power is at that frequency, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purity: Option<f64>,
    /// Frames of ten milliseconds.
    pub(super) frames: u32,
}
