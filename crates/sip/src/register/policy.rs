//! When to register again: pure rules, told what happened and a random number.

use std::time::Duration;

/// The first pause after a failure; each further one is twice as long.
const FIRST_RETRY: Duration = Duration::from_secs(2);
/// The longest pause that is our own idea.
const LONGEST_RETRY: Duration = Duration::from_secs(300);
/// The longest pause that a server may ask for; a mistyped header must not silence an account for a year.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// Refusals of the account itself before we stop: providers ban after about five wrong passwords.
const REFUSALS: u32 = 3;
/// The shortest time between refreshes, whatever a registrar grants.
const SHORTEST_REFRESH: Duration = Duration::from_secs(1);

/// How one attempt to register ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The registrar keeps us for so long.
    Granted(Duration),
    /// It answered with this code; 408 stands for silence and 503 for a server that cannot be reached.
    Refused {
        /// The SIP code.
        code: u16,
        /// How long it asked to be left alone.
        retry_after: Option<Duration>,
    },
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Refresh after this time.
    Refresh(Duration),
    /// Try again after this time.
    Retry(Duration),
    /// Stop: it would fail again, and may get us banned.
    Stop,
}

/// What an account's attempts have come to so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Policy {
    failures: u32,
    refusals: u32,
}

impl Policy {
    /// Takes in one outcome. `random` is uniform in 0 to 1.
    pub(crate) fn after(&mut self, outcome: Outcome, random: f64) -> Next {
        let random = random.clamp(0.0, 1.0);
        match outcome {
            Outcome::Granted(expires) => {
                *self = Policy::default();
                Next::Refresh(expires.mul_f64(0.75 + 0.15 * random).max(SHORTEST_REFRESH))
            }
            Outcome::Refused { code, retry_after } => self.refused(code, retry_after, random),
        }
    }

    fn refused(&mut self, code: u16, retry_after: Option<Duration>, random: f64) -> Next {
        // 401 and 407 arrive here only after an answered challenge.
        self.refusals = if matches!(code, 401 | 403 | 404 | 407) { self.refusals + 1 } else { 0 };
        if self.refusals >= REFUSALS {
            return Next::Stop;
        }
        let pause = FIRST_RETRY.saturating_mul(1 << self.failures.min(16)).min(LONGEST_RETRY);
        self.failures = self.failures.saturating_add(1);
        match retry_after {
            // Thousands of accounts were told the same second: come a little later, never sooner.
            Some(asked) => {
                Next::Retry(asked.min(LONGEST_RETRY_AFTER).max(FIRST_RETRY).mul_f64(1.0 + 0.25 * random))
            }
            None => Next::Retry(pause.mul_f64(0.75 + 0.5 * random)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SILENCE: Outcome = Outcome::Refused { code: 408, retry_after: None };
    const WRONG: Outcome = Outcome::Refused { code: 401, retry_after: None };

    fn seconds(next: Next) -> u64 {
        match next {
            Next::Refresh(pause) | Next::Retry(pause) => pause.as_secs(),
            Next::Stop => panic!("stopped"),
        }
    }

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let mut policy = Policy::default();
        let pauses: Vec<u64> = (0..10).map(|_| seconds(policy.after(SILENCE, 0.5))).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }

    #[test]
    fn pauses_are_spread_by_a_quarter_either_way() {
        let at = |random| Policy::default().after(SILENCE, random);
        assert_eq!(at(0.0), Next::Retry(Duration::from_millis(1500)));
        assert_eq!(at(1.0), Next::Retry(Duration::from_millis(2500)));
    }

    #[test]
    fn a_wrong_password_is_tried_three_times_and_no_more() {
        let mut policy = Policy::default();
        assert!(matches!(policy.after(WRONG, 0.5), Next::Retry(_)));
        assert!(matches!(policy.after(WRONG, 0.5), Next::Retry(_)));
        assert_eq!(policy.after(WRONG, 0.5), Next::Stop);
    }

    #[test]
    fn a_server_in_trouble_is_tried_for_ever() {
        let mut policy = Policy::default();
        let trouble = Outcome::Refused { code: 500, retry_after: None };
        assert!((0..100).all(|_| matches!(policy.after(trouble, 0.5), Next::Retry(_))));
    }

    #[test]
    fn a_success_forgets_all_failures() {
        let mut policy = Policy::default();
        policy.after(WRONG, 0.5);
        policy.after(WRONG, 0.5);
        policy.after(Outcome::Granted(Duration::from_secs(60)), 0.5);
        assert_eq!(seconds(policy.after(WRONG, 0.5)), 2);
    }

    #[test]
    fn a_server_that_asks_for_a_pause_gets_it() {
        let busy = Outcome::Refused { code: 503, retry_after: Some(Duration::from_secs(60)) };
        assert_eq!(Policy::default().after(busy, 0.0), Next::Retry(Duration::from_secs(60)));
        let absurd = Outcome::Refused { code: 503, retry_after: Some(Duration::from_secs(9_999_999)) };
        assert_eq!(seconds(Policy::default().after(absurd, 0.0)), 3600);
    }

    #[test]
    fn refreshes_come_well_before_the_end() {
        let granted = Outcome::Granted(Duration::from_secs(100));
        assert_eq!(seconds(Policy::default().after(granted, 0.0)), 75);
        assert_eq!(seconds(Policy::default().after(granted, 1.0)), 90);
        assert_eq!(seconds(Policy::default().after(Outcome::Granted(Duration::ZERO), 1.0)), 1);
    }
}
