//! When each port says its next frame.
//!
//! A port's frames follow the packets of whom it listens to: the first packet sets its beat, so that sound does not wait
//! for a clock that knows nothing of it. All beats lie on one fine [`Grid`], so that many calls share a waking of the
//! thread. The two ports of a bridge, whose far sides speak at different moments, then come onto one beat step by step,
//! for a waking costs more than the work in it; and where more is held than the network needs, both are moved forward.
//! Steps are so small and rare that a far side takes them for a clock a little off.

use std::time::{Duration, Instant};

/// From one frame to the next.
pub(super) const FRAME: Duration = Duration::from_millis(20);
/// Beats are whole steps of this apart.
const GRAIN: Duration = Duration::from_millis(2);
/// Two beats further apart than this are nearer the other way round.
const HALF: Duration = Duration::from_millis(10);
/// A beat moves by a step at most in so many frames.
const RESTS: u32 = 4;
/// Frames that are made up for at once after a stall; more are dropped.
const CATCH_UP: Duration = Duration::from_millis(40);
/// So much is left of what is held to spare, or a beat moved forward would soon want it back.
const LEFT: Duration = GRAIN;

/// The moments at which beats may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    origin: Instant,
}

/// One port's beat.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    due: Instant,
    frames: u32,
    /// How far it may still be moved forward: each step gives the far side more to hold, so there must be an end.
    credit: Duration,
}

/// How one of two beats stands to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// They fall together.
    Together,
    /// It is the one to move back.
    Ahead,
    /// The other is.
    Behind,
}

impl Grid {
    pub(super) const fn new(origin: Instant) -> Self {
        Self { origin }
    }

    /// The first moment from `at` on.
    pub(super) fn after(&self, at: Instant) -> Instant {
        let since = at.saturating_duration_since(self.origin).as_nanos();
        let steps = since.div_ceil(GRAIN.as_nanos());
        self.origin + GRAIN * u32::try_from(steps).unwrap_or(u32::MAX)
    }
}

impl Beat {
    /// One that is due at a moment of the grid.
    pub(super) const fn at(due: Instant) -> Self {
        Self { due, frames: 0, credit: FRAME }
    }

    pub(super) const fn due(&self) -> Instant {
        self.due
    }

    /// Frames since it began.
    pub(super) const fn frames(&self) -> u32 {
        self.frames
    }

    /// Sound that is to be heard from `due` on has come: frames follow it.
    pub(super) fn follow(&mut self, due: Instant) {
        self.due = due;
        self.credit = FRAME;
    }

    /// A frame was said. Returns how many must be dropped because the thread was kept from running: sound that is
    /// much too late is heard by nobody.
    pub(super) fn pass(&mut self, now: Instant) -> u32 {
        self.frames = self.frames.wrapping_add(1);
        let late = now.saturating_duration_since(self.due);
        let dropped = if late > CATCH_UP { (late.as_nanos() / FRAME.as_nanos()) as u32 } else { 0 };
        self.due += FRAME * (dropped + 1);
        dropped
    }

    /// Whether it is time for a step.
    pub(super) const fn may_step(&self) -> bool {
        self.frames.is_multiple_of(RESTS)
    }

    /// How it stands to another. `tie`: of two that are as far apart either way, it is this one that moves.
    pub(super) fn relation(&self, other: &Self, tie: bool) -> Relation {
        let apart = if self.due <= other.due {
            (other.due - self.due).as_nanos() % FRAME.as_nanos()
        } else {
            let behind = (self.due - other.due).as_nanos() % FRAME.as_nanos();
            (FRAME.as_nanos() - behind) % FRAME.as_nanos()
        };
        match apart {
            0 => Relation::Together,
            apart if apart < HALF.as_nanos() || (apart == HALF.as_nanos() && tie) => Relation::Ahead,
            _ => Relation::Behind,
        }
    }

    /// A step back.
    pub(super) fn later(&mut self) {
        self.due += GRAIN;
    }

    /// Whether a step forward is wanted where so much is to spare.
    pub(super) fn may_hasten(&self, spare: Duration) -> bool {
        self.credit >= GRAIN && spare >= GRAIN + LEFT
    }

    /// A step forward.
    pub(super) fn sooner(&mut self) {
        self.due -= GRAIN;
        self.credit = self.credit.saturating_sub(GRAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn beats_are_on_the_grid_and_never_before_what_they_wait_for() {
        let begin = now();
        let grid = Grid::new(begin);
        for (asked, given) in [(0, 0), (1, 2), (2, 2), (3, 4), (1001, 1002)] {
            assert_eq!(grid.after(begin + ms(asked)), begin + ms(given), "{asked}");
        }
    }

    #[test]
    fn a_short_stall_is_made_up_for_and_after_a_long_one_frames_are_dropped_on_the_same_beat() {
        let begin = now();
        let mut beat = Beat::at(begin);
        assert_eq!((beat.pass(begin + ms(39)), beat.due()), (0, begin + ms(20)));
        assert_eq!((beat.pass(begin + ms(39)), beat.due()), (0, begin + ms(40)));
        assert_eq!((beat.pass(begin + ms(145)), beat.due()), (5, begin + ms(160)));
    }

    #[test]
    fn two_beats_come_together_and_neither_waits_longer_than_half_a_frame_for_it() {
        for (one, other) in (0..10).flat_map(|one| (0..10).map(move |other| (one * 2, other * 2))) {
            let begin = now();
            let mut beats = [Beat::at(begin + ms(one)), Beat::at(begin + ms(other))];
            let (mut steps, mut at) = (0, begin);
            while at < begin + ms(2000) {
                at += GRAIN;
                for place in 0..2 {
                    if beats[place].due() > at {
                        continue;
                    }
                    beats[place].pass(at);
                    let standing = beats[place].relation(&beats[1 - place], place == 0);
                    if standing == Relation::Ahead && beats[place].may_step() {
                        beats[place].later();
                        steps += 1;
                    }
                }
            }
            assert_eq!(beats[0].relation(&beats[1], true), Relation::Together, "{one} {other}");
            assert!(steps <= 5, "{one} {other}: {steps} steps");
        }
    }

    #[test]
    fn a_beat_is_moved_forward_only_while_there_is_enough_to_spare_and_a_frame_in_all() {
        let begin = now();
        let mut beat = Beat::at(begin);
        assert!(!beat.may_hasten(ms(3)), "it would want it back");
        let mut steps = 0;
        while beat.may_hasten(ms(50)) {
            beat.sooner();
            steps += 1;
        }
        assert_eq!(steps, 10);
        beat.follow(begin);
        assert!(beat.may_hasten(ms(50)), "another stream, another beat");
    }
}
