//! The one place of the media engine that asks what time it is.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Now. Everything below the handle and the threads takes the time as a parameter.
#[expect(
    clippy::disallowed_methods,
    reason = "the engine's threads and handle are the shell that owns the clock"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Now as the system stamps datagrams, since 1970. It may jump, and only says how long ago something came.
#[expect(clippy::disallowed_methods, reason = "the same")]
pub(super) fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
