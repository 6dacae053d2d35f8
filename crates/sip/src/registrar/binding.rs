//! Where a user is reached, and for how long.

use crate::account::Transport;
use crate::call::Hop;
use std::fmt;
use std::net::SocketAddr;
use std::time::SystemTime;

/// One contact of a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// The contact's URI as the phone wrote it.
    pub contact: String,
    /// Where the registration came from: behind NAT, the only address that reaches the phone.
    pub source: SocketAddr,
    /// How it came.
    pub transport: Transport,
    /// The Path of proxies on the way, outermost first (RFC 3327).
    pub path: Vec<String>,
    /// How much the phone likes to be called there, in thousandths; 1000 where it does not say.
    pub preference: u16,
    /// The name of the device (`+sip.instance`, RFC 5626), where it has one.
    pub instance: Option<String>,
    /// When it ends.
    pub until: SystemTime,
    pub(super) call_id: String,
    pub(super) cseq: u32,
}

impl Binding {
    /// The way to the phone, without asking any name service.
    #[must_use]
    pub fn hop(&self) -> Hop {
        Hop { address: self.source, transport: self.transport }
    }
}

impl fmt::Debug for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Binding({} {} until {:?})", self.transport, self.source, self.until)
    }
}

/// What a registration changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A user is reached at one more place, or still.
    Bound {
        /// Who.
        user: String,
        /// Whether the place is new.
        is_new: bool,
    },
    /// A user is no longer reached at some place.
    Unbound {
        /// Who.
        user: String,
        /// Places that are left.
        left: usize,
    },
}
