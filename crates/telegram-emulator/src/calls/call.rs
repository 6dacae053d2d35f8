//! A phone call between two people, as Telegram's server keeps it. <https://core.telegram.org/api/end-to-end/voice-calls>

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// A signed-in app: a device, or a key of the MTProto door. Numbers are never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Endpoint(pub(crate) u64);

/// A call. The server relays what both ends agree on and knows no key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: i64,
    pub(crate) access_hash: i64,
    pub(crate) video: bool,
    pub(crate) caller: i64,
    pub(crate) callee: i64,
    /// Unix seconds of the emulated clock.
    pub(crate) requested: i64,
    /// When the first of the callee's apps said that it rings.
    pub(crate) received: Option<i64>,
    /// SHA-256 of the caller's half of the key exchange.
    pub(crate) g_a_hash: Vec<u8>,
    /// What the caller can speak.
    pub(crate) offered: Protocol,
    pub(crate) stage: Stage,
    pub(super) caller_at: Endpoint,
    pub(super) callee_at: Option<Endpoint>,
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The callee's apps ring, or are about to.
    Requested,
    /// One of them answered; the caller has to show its half of the key now.
    Accepted { g_b: Vec<u8>, answered: Protocol, since: i64 },
    /// Both have what they need; signalling flows.
    Active(Active),
    /// Over. Without a reason where Telegram gives none.
    Discarded { reason: Option<Reason>, duration: Option<i64> },
}

/// What both ends of a confirmed call are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Active {
    pub(crate) g_a: Vec<u8>,
    pub(crate) g_b: Vec<u8>,
    pub(crate) fingerprint: i64,
    pub(crate) protocol: Protocol,
    pub(crate) p2p_allowed: bool,
    pub(crate) connections: Vec<Connection>,
    pub(crate) since: i64,
}

/// Why a call ended. TL `PhoneCallDiscardReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Reason {
    Missed,
    Disconnect,
    Hangup,
    Busy,
}

/// What an app can speak. TL `phoneCallProtocol`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Protocol {
    pub(crate) min_layer: i32,
    pub(crate) max_layer: i32,
    pub(crate) udp_p2p: bool,
    pub(crate) udp_reflector: bool,
    pub(crate) library_versions: Vec<String>,
}

/// A way for media to flow. TL `phoneConnection`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Connection {
    /// The emulator's own reflector. Only the first twelve bytes of the tag name the call.
    Reflector { id: i64, ip: IpAddr, port: u16, peer_tag: [u8; 16] },
}

/// A call as somebody's list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Caller,
    Callee,
}

impl Call {
    /// Which side this person is on, if any.
    pub(crate) fn role(&self, user: i64) -> Option<Role> {
        match user {
            user if user == self.caller => Some(Role::Caller),
            user if user == self.callee => Some(Role::Callee),
            _ => None,
        }
    }

    /// The person on the other side.
    pub(crate) fn other(&self, user: i64) -> i64 {
        if user == self.caller { self.callee } else { self.caller }
    }

    /// The tag that names this call at the reflector.
    pub(crate) fn peer_tag(&self) -> Option<[u8; 16]> {
        let Stage::Active(active) = &self.stage else { return None };
        active.connections.iter().map(|Connection::Reflector { peer_tag, .. }| *peer_tag).next()
    }
}

impl Protocol {
    /// What both sides can speak, in the order of the caller; none where they have no version in common.
    pub(crate) fn common(&self, callee: &Self) -> Option<Self> {
        let (min_layer, max_layer) =
            (self.min_layer.max(callee.min_layer), self.max_layer.min(callee.max_layer));
        let versions = self.library_versions.iter().filter(|v| callee.library_versions.contains(v));
        let library_versions: Vec<String> = versions.cloned().collect();
        let common = Self {
            min_layer,
            max_layer,
            udp_p2p: self.udp_p2p && callee.udp_p2p,
            udp_reflector: self.udp_reflector && callee.udp_reflector,
            library_versions,
        };
        (!common.library_versions.is_empty() && min_layer <= max_layer).then_some(common)
    }
}
