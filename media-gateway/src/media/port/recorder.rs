//! A recording in the making: frames of both sides in, pieces of an Ogg/Opus file out.

use super::FRAME;
use crate::media::event::RecordingEnding;
use crate::media::record::{Layout, RecordingId, RecordingOptions};
use bytes::Bytes;
use std::time::Duration;

/// One recording, fed every 20 ms.
pub(in crate::media) struct Recorder {
    id: RecordingId,
    options: RecordingOptions,
    frames: u64,
    bytes: u64,
}

/// What is left at the end.
pub(in crate::media) struct Finished {
    pub(in crate::media) last: Bytes,
    pub(in crate::media) length: Duration,
    pub(in crate::media) bytes: u64,
}
impl Recorder {
    pub(in crate::media) fn new(id: RecordingId, options: RecordingOptions, rate: u32) -> Self {
        let _ = rate;
        Self { id, options, frames: 0, bytes: 0 }
    }
    pub(in crate::media) const fn id(&self) -> RecordingId {
        self.id
    }
    pub(in crate::media) fn take(
        &mut self,
        _own: &[i16],
        _other: &[i16],
        _rate: u32,
        _chunk: impl FnMut(Bytes),
    ) -> Option<RecordingEnding> {
        None
    }
    pub(in crate::media) fn finish(self) -> Finished {
        Finished { last: Bytes::new(), length: Duration::ZERO, bytes: self.bytes }
    }
}
