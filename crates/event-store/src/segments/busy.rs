//! Segments in which somebody talks.

use domain::call::Segment;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How many reasons there are to keep each segment.
#[derive(Debug, Clone, Default)]
pub(super) struct Busy(Arc<Mutex<BTreeMap<Segment, usize>>>);

/// Keeps a segment with its process until it is dropped.
#[derive(Debug)]
pub struct Keep {
    busy: Busy,
    segment: Segment,
}

impl Busy {
    pub(super) fn keep(&self, segment: Segment) -> Keep {
        let mut reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *reasons.entry(segment).or_default() += 1;
        Keep { busy: self.clone(), segment }
    }

    pub(super) fn is(&self, segment: Segment) -> bool {
        let reasons = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reasons.contains_key(&segment)
    }
}

impl Drop for Keep {
    fn drop(&mut self) {
        let mut reasons = self.busy.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = reasons.get_mut(&self.segment) {
            *count -= 1;
            if *count == 0 {
                reasons.remove(&self.segment);
            }
        }
    }
}
