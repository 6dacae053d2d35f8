//! The one place of the media engine that asks what time it is.

use std::time::Instant;

/// Now. Everything below the handle and the threads takes the time as a parameter.
#[expect(
    clippy::disallowed_methods,
    reason = "the engine's threads and handle are the shell that owns the clock"
)]
pub(super) fn now() -> Instant {
    Instant::now()
}
