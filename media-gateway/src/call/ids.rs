//! Names of what a person's calls are made of.

use std::fmt;
use std::time::Duration;

pub use domain::ids::CallId;

/// A moment: how long the process has been running. The state machines never ask for it; it is handed in.
pub type Moment = Duration;

/// One phone of a person: a connection of a browser, or a Telegram call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PhoneId(pub u64);

/// One SIP dialog of a person's calls. A call has one, and a second one for a while when it is transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

impl fmt::Display for PhoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "phone-{}", self.0)
    }
}

impl fmt::Display for LegId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "leg-{}", self.0)
    }
}
