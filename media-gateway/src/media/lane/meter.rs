//! How a media thread keeps up, and what it does when it does not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Counters that others read.
#[derive(Debug, Default)]
pub(in crate::media) struct Meter {
    overruns: AtomicU64,
    dropped: AtomicU64,
}

impl Meter {
    pub(in crate::media) fn overruns(&self) -> u64 {
        self.overruns.load(Ordering::Relaxed)
    }

    pub(in crate::media) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    pub(super) fn overrun(&self) {
        self.overruns.fetch_add(1, Ordering::Relaxed);
        metrics::counter!("tandem_media_overruns_total").increment(1);
    }

    pub(super) fn drop_frames(&self, frames: u64) {
        self.dropped.fetch_add(frames, Ordering::Relaxed);
        metrics::counter!("tandem_media_frames_dropped_total").increment(frames);
    }
}

/// Chooses how much effort Opus may take, by how much of the time is used.
///
/// Effort 5 sounds nearly as good as 10; 0 costs a third of it. Better all calls a little duller than one with holes.
#[derive(Debug)]
pub(super) struct Effort {
    /// Share of the time in use, averaged over about a second.
    load: f32,
    complexity: u8,
    /// Time to wait before the next change.
    rest: Duration,
}

/// Complexities from best to cheapest.
const STEPS: [u8; 4] = [5, 3, 1, 0];
/// Between changes.
const REST: Duration = Duration::from_secs(2);
/// What the load is averaged over.
const MEMORY: Duration = Duration::from_secs(1);

impl Effort {
    pub(super) const fn new() -> Self {
        Self { load: 0.0, complexity: STEPS[0], rest: Duration::ZERO }
    }

    pub(super) const fn complexity(&self) -> u8 {
        self.complexity
    }

    pub(super) const fn load(&self) -> f32 {
        self.load
    }

    /// Work took this long, of so much time since the work before.
    pub(super) fn spent(&mut self, work: Duration, time: Duration) {
        let time = time.max(work).max(Duration::from_micros(1));
        let share = work.as_secs_f32() / time.as_secs_f32();
        self.load += (share - self.load) * (time.as_secs_f32() / MEMORY.as_secs_f32()).min(1.0);
        self.rest = self.rest.saturating_sub(time);
        if !self.rest.is_zero() {
            return;
        }
        let place = STEPS.iter().position(|step| *step == self.complexity).unwrap_or(0);
        let next = match self.load {
            load if load > 0.80 => place + 1,
            // Lower than the cheaper step's load, or it would swing.
            load if load < 0.40 => place.saturating_sub(1),
            _ => place,
        };
        if next != place && next < STEPS.len() {
            self.complexity = STEPS[next];
            self.rest = REST;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(effort: &mut Effort, ticks: u32, milliseconds: u64) -> u8 {
        let (work, time) = (Duration::from_millis(milliseconds), Duration::from_millis(10));
        (0..ticks).for_each(|_| effort.spent(work, time));
        effort.complexity()
    }

    #[test]
    fn under_load_opus_gets_cheaper_step_by_step_and_better_again_after() {
        let mut effort = Effort::new();
        assert_eq!(after(&mut effort, 1000, 5), 5, "half a core is no reason");
        assert_eq!(after(&mut effort, 200, 9), 3);
        assert_eq!(after(&mut effort, 600, 9), 0);
        assert_eq!(after(&mut effort, 600, 9), 0, "there is nothing cheaper");
        assert_eq!(after(&mut effort, 2000, 1), 5);
    }

    #[test]
    fn one_long_tick_changes_nothing() {
        let mut effort = Effort::new();
        assert_eq!(after(&mut effort, 1, 30), 5);
    }
}
