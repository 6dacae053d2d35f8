//! Which uses of a nonce were seen: an answer that was overheard is good for nothing.

use std::collections::HashMap;
use std::time::SystemTime;

/// Nonces remembered at one time. Only right passwords get a nonce in here, and each leaves when its life ends.
const MOST: usize = 16_384;

/// How far behind the newest count an older one may still come: requests overtake one another on UDP.
const WINDOW: u32 = 64;

/// The nonce counts that were used.
#[derive(Default)]
pub(super) struct Replays {
    seen: HashMap<String, Counts>,
    /// Nonces made before this are too old: what was known of them has been dropped.
    floor: Option<SystemTime>,
}

struct Counts {
    made: SystemTime,
    newest: u32,
    /// Bit `n` stands for the count `newest - n`.
    used: u64,
}

impl Replays {
    /// Whether a nonce was made so long ago that its uses are no longer known.
    pub(super) fn is_forgotten(&self, made: SystemTime) -> bool {
        self.floor.is_some_and(|floor| made <= floor)
    }

    /// Notes one use of a nonce; `false` when it was used so before. The old clients, which do not count, get one use.
    pub(super) fn note(&mut self, nonce: &str, made: SystemTime, count: u32, oldest: SystemTime) -> bool {
        if let Some(counts) = self.seen.get_mut(nonce) {
            return counts.note(count);
        }
        self.make_room(oldest);
        self.seen.insert(nonce.to_owned(), Counts { made, newest: count, used: 1 });
        true
    }

    fn make_room(&mut self, oldest: SystemTime) {
        if self.seen.len() < MOST {
            return;
        }
        self.seen.retain(|_, counts| counts.made > oldest);
        if self.seen.len() >= MOST {
            // Everything known is still alive: forget the older half, and take no nonce of that age any more.
            let mut ages: Vec<SystemTime> = self.seen.values().map(|counts| counts.made).collect();
            ages.sort_unstable();
            let floor = ages[ages.len() / 2];
            self.seen.retain(|_, counts| counts.made > floor);
            self.floor = Some(floor);
        }
    }
}

impl Counts {
    fn note(&mut self, count: u32) -> bool {
        if count > self.newest {
            let step = count - self.newest;
            self.used = if step >= WINDOW { 0 } else { self.used << step };
            self.used |= 1;
            self.newest = count;
            return true;
        }
        let age = self.newest - count;
        let fresh = age < WINDOW && self.used & (1 << age) == 0;
        if fresh {
            self.used |= 1 << age;
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, UNIX_EPOCH};

    #[test]
    fn each_count_is_good_once_and_may_come_late() {
        let mut replays = Replays::default();
        let mut note = |count| replays.note("n", UNIX_EPOCH, count, UNIX_EPOCH);
        assert!(note(1) && note(3) && note(2));
        assert!(!note(1) && !note(2) && !note(3));
        assert!(note(100) && !note(3) && note(40) && !note(36));
    }

    #[test]
    fn memory_is_bounded_and_what_was_forgotten_is_not_taken_again() {
        let mut replays = Replays::default();
        let at = |n: u64| UNIX_EPOCH + Duration::from_millis(n);
        for n in 0..40_000_u64 {
            replays.note(&n.to_string(), at(n), 1, UNIX_EPOCH - Duration::from_secs(1));
        }
        assert!(replays.seen.len() <= MOST);
        for n in 0..40_000_u64 {
            assert!(
                replays.is_forgotten(at(n)) || !replays.note(&n.to_string(), at(n), 1, UNIX_EPOCH),
                "{n}"
            );
        }
    }
}
