//! Recordings: what is wanted of them.

use std::time::Duration;

/// Names a recording for its whole life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordingId(pub(super) u64);

/// What to record, and how much of it at most.
#[derive(Debug, Clone, Copy)]
pub struct RecordingOptions {
    /// One channel with both parties, or one for each.
    pub layout: Layout,
    /// Longest time.
    pub longest: Duration,
    /// Most bytes of the whole file.
    pub largest: u64,
}

/// Where the two parties are in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// Both in one channel.
    #[default]
    Mixed,
    /// The port that was named is left, the one it is joined to is right.
    Stereo,
}

impl Default for RecordingOptions {
    /// Mixed, at most four hours and 50 MB (a bot's largest upload).
    fn default() -> Self {
        Self { layout: Layout::Mixed, longest: Duration::from_secs(4 * 3600), largest: 50 * 1000 * 1000 }
    }
}
