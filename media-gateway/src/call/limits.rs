//! How long things may take, and how many there may be.

use std::time::Duration;

/// How long calls wait for a person whose phone was lost.
pub const LOST_PHONE: Duration = Duration::from_secs(30);

/// Between two Telegram calls to the same person: their app has to notice that the first one is over.
pub const SUMMONS_PAUSE: Duration = Duration::from_secs(2);

/// How long a far end may take to say whether it does a transfer.
pub const TRANSFER: Duration = Duration::from_secs(15);

/// Lines of one person.
pub const LINES: usize = 2;

/// Phones of one person that are connected at a time; one more puts out the oldest.
pub const PHONES: usize = 8;

/// Pairs of far ends that one person has joined and left.
pub const PAIRS: usize = 4;

/// What the operator sets.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Whether a second call comes through while a person talks.
    pub parallel_calls: bool,
    /// Callers on hold hear music.
    pub hold_music: bool,
    /// How long anybody's phone rings.
    pub ring: Duration,
    /// How long a person who was asked to call has time to do so (product reference 3.3, step 4).
    pub call_window: Duration,
    /// How long a caller waits for a person without a phone.
    pub wait_for_phone: Duration,
    /// The greatest length of a call.
    pub max_length: Option<Duration>,
    /// The greatest length of a recording.
    pub recording: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            parallel_calls: true,
            hold_music: true,
            ring: Duration::from_secs(90),
            call_window: Duration::from_secs(60),
            wait_for_phone: Duration::from_secs(20),
            max_length: Some(Duration::from_secs(4 * 60 * 60)),
            recording: Duration::from_secs(2 * 60 * 60),
        }
    }
}
