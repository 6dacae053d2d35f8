//! How fast one person, and everybody together, may use the bot. Pure: the time is handed in.
//!
//! Source: reference telegram-bot 4.11. The limits keep one person from using up what belongs to all; they are far above
//! what fingers do.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::UserId;
use std::collections::HashMap;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Presses of buttons: 20 in 10 seconds.
    Press,
    /// Inline queries: 5 a second.
    Inline,
    /// Cards of calls that a service account asks for, for everybody whom it calls: 100 a second.
    Card,
    /// Messages to the bot: 30 in 10 seconds.
    Message,
    /// Accounts made: 10 an hour. A list of accounts from an administrator counts as one.
    AddAccount,
    /// Calls placed: 30 an hour.
    Dial,
}

impl Limited {
    /// How many at once, and in which time as many come again.
    fn rate(self) -> (u32, TimeDelta) {
        match self {
            Self::Press => (20, TimeDelta::seconds(10)),
            Self::Inline => (5, TimeDelta::seconds(1)),
            Self::Card => (100, TimeDelta::seconds(1)),
            Self::Message => (30, TimeDelta::seconds(10)),
            Self::AddAccount => (10, TimeDelta::hours(1)),
            Self::Dial => (30, TimeDelta::hours(1)),
        }
    }

    /// Whether it counts for everybody together too.
    fn is_traffic(self) -> bool {
        match self {
            Self::Press | Self::Inline | Self::Card | Self::Message => true,
            Self::AddAccount | Self::Dial => false,
        }
    }
}

/// What everybody together may do: so many updates at once, and as many again in a second.
const EVERYBODY: (u32, TimeDelta) = (1_000, TimeDelta::seconds(1));

/// People remembered at a time; past this those whose allowance is whole again are forgotten.
const REMEMBERED: usize = 20_000;

/// The limits of everybody.
#[derive(Debug, Default)]
pub struct RateLimit {
    people: HashMap<(UserId, Limited), Allowance>,
    everybody: Option<Allowance>,
}

impl RateLimit {
    /// Nobody has done anything yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the person may do this now; if so it counts.
    pub fn allow(&mut self, person: UserId, what: Limited, now: DateTime<Utc>) -> bool {
        if what.is_traffic() && !self.everybody.get_or_insert(Allowance::whole(now)).take(EVERYBODY, now) {
            return false;
        }
        if self.people.len() >= REMEMBERED {
            self.people.retain(|_, allowance| !allowance.is_whole(now));
        }
        let rate = what.rate();
        self.people.entry((person, what)).or_insert(Allowance::whole(now)).take(rate, now)
    }
}

/// A token bucket that counts in time: the moment at which it is whole again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    whole_at: DateTime<Utc>,
}

impl Allowance {
    /// Nothing taken yet.
    pub(crate) fn whole(now: DateTime<Utc>) -> Self {
        Self { whole_at: now }
    }

    /// Takes one, if there is one.
    pub(crate) fn take(&mut self, rate: (u32, TimeDelta), now: DateTime<Utc>) -> bool {
        let free = self.free_at(rate) <= now;
        if free {
            self.whole_at = self.whole_at.max(now) + each(rate);
        }
        free
    }

    /// When there is one to take.
    pub(crate) fn free_at(&self, rate: (u32, TimeDelta)) -> DateTime<Utc> {
        self.whole_at + each(rate) - rate.1
    }

    /// Whether nothing is taken any more.
    pub(crate) fn is_whole(&self, now: DateTime<Utc>) -> bool {
        self.whole_at <= now
    }
}

/// How long one takes to come again.
fn each((count, period): (u32, TimeDelta)) -> TimeDelta {
    period / i32::try_from(count.max(1)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLGA: UserId = UserId(1);
    const IVAN: UserId = UserId(2);

    #[test]
    fn twenty_presses_at_once_are_fine_and_the_next_waits_half_a_second() {
        let mut limit = RateLimit::new();
        assert!((0..20).all(|_| limit.allow(OLGA, Limited::Press, at(0))));
        assert!(!limit.allow(OLGA, Limited::Press, at(0)));
        assert!(!limit.allow(OLGA, Limited::Press, at(499)));
        assert!(limit.allow(OLGA, Limited::Press, at(500)));
    }

    #[test]
    fn one_person_does_not_use_up_what_belongs_to_another() {
        let mut limit = RateLimit::new();
        while limit.allow(OLGA, Limited::Inline, at(0)) {}
        assert!(limit.allow(IVAN, Limited::Inline, at(0)));
        assert!(limit.allow(OLGA, Limited::Press, at(0)));
    }

    #[test]
    fn everybody_together_has_an_end_too() {
        let mut limit = RateLimit::new();
        let allowed = (0..2_000).filter(|person| limit.allow(UserId(*person), Limited::Press, at(0))).count();
        assert_eq!(allowed, 1_000);
        assert!(limit.allow(UserId(5_000), Limited::Press, at(1)));
    }

    #[test]
    fn accounts_come_again_after_six_minutes_each() {
        let mut limit = RateLimit::new();
        assert_eq!((0..50).filter(|_| limit.allow(OLGA, Limited::AddAccount, at(0))).count(), 10);
        assert!(!limit.allow(OLGA, Limited::AddAccount, at(359_999)));
        assert!(limit.allow(OLGA, Limited::AddAccount, at(360_000)));
    }

    #[test]
    fn people_who_rest_are_forgotten() {
        let mut limit = RateLimit::new();
        for person in 0..REMEMBERED {
            limit.allow(UserId(i64::try_from(person).unwrap()), Limited::Dial, at(0));
        }
        limit.allow(OLGA, Limited::Dial, at(3_600_000 * 2));
        assert_eq!(limit.people.len(), 1);
    }

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_767_225_600_000 + milliseconds).unwrap()
    }
}
