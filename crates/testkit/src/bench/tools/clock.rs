//! The machine's clock: to measure is to look at it.

use chrono::{DateTime, Utc};
use event_store::clock::Clock;
use std::time::Instant;

/// The machine's clock.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> DateTime<Utc> {
        #[expect(clippy::disallowed_methods, reason = "a measurement looks at the machine's clock")]
        Utc::now()
    }
}

/// The moment it is, to measure from.
pub(crate) fn now() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "a measurement looks at the machine's clock")]
    Instant::now()
}
