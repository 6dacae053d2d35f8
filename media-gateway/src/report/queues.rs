//! What waits to be told to the log: in order for each call, bounded, and patient while the log is away. Pure.

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, VecDeque};

/// Reports of one call that wait. A call has about ten; what switches on and off more often is thinned out.
const OF_ONE: usize = 64;

/// The first pause after a failure. It doubles up to [`LONGEST`].
const FIRST: TimeDelta = TimeDelta::milliseconds(200);

/// The longest pause between two tries.
const LONGEST: TimeDelta = TimeDelta::seconds(10);

/// Reports by what they are about. `K` names a call or an account, `R` is the report.
#[derive(Debug)]
pub struct Queues<K, R> {
    queues: BTreeMap<K, Queue<R>>,
}

#[derive(Debug)]
struct Queue<R> {
    waiting: VecDeque<R>,
    sending: bool,
    not_before: Option<DateTime<Utc>>,
    pause: TimeDelta,
}

impl<R> Default for Queue<R> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), sending: false, not_before: None, pause: FIRST }
    }
}

impl<K, R> Default for Queues<K, R> {
    fn default() -> Self {
        Self { queues: BTreeMap::new() }
    }
}

/// How a report weighs when there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// Without it the log would be wrong.
    Must,
    /// Without it the log would tell less.
    May,
}

impl<K: Ord + Clone, R: Clone> Queues<K, R> {
    /// One more report. Where a queue is full, the oldest that the log can do without goes.
    pub fn push(&mut self, key: K, report: R, weight: impl Fn(&R) -> Weight) {
        let queue = self.queues.entry(key).or_default();
        queue.waiting.push_back(report);
        if queue.waiting.len() > OF_ONE {
            // The first one may be under way.
            let light = queue.waiting.iter().skip(1).position(|it| weight(it) == Weight::May);
            if let Some(index) = light {
                queue.waiting.remove(index + 1);
            }
        }
    }

    /// A report that makes those before it of the same key superfluous.
    pub fn replace(&mut self, key: K, report: R) {
        let queue = self.queues.entry(key).or_default();
        queue.waiting.truncate(usize::from(queue.sending));
        queue.waiting.push_back(report);
    }

    /// What may be sent now, at most so many: the first of each queue that is not being sent or pausing.
    pub fn ready(&mut self, now: DateTime<Utc>, most: usize) -> Vec<(K, R)> {
        let may = |queue: &Queue<R>| !queue.sending && queue.not_before.is_none_or(|at| at <= now);
        let ready = self.queues.iter_mut().filter(|(_, queue)| may(queue)).take(most);
        let take = |(key, queue): (&K, &mut Queue<R>)| {
            queue.sending = true;
            queue.waiting.front().map(|report| (key.clone(), report.clone()))
        };
        ready.filter_map(take).collect()
    }

    /// The first report of this key was recorded, or refused for good.
    pub fn sent(&mut self, key: &K) {
        let Some(queue) = self.queues.get_mut(key) else { return };
        queue.waiting.pop_front();
        (queue.sending, queue.not_before, queue.pause) = (false, None, FIRST);
        if queue.waiting.is_empty() {
            self.queues.remove(key);
        }
    }

    /// The log is away: the first report of this key is tried again after a pause.
    pub fn failed(&mut self, key: &K, now: DateTime<Utc>) {
        let Some(queue) = self.queues.get_mut(key) else { return };
        queue.sending = false;
        queue.not_before = Some(now + queue.pause);
        queue.pause = (queue.pause * 2).min(LONGEST);
    }

    /// What was under way is as if it had never been sent, and nothing pauses.
    pub fn release(&mut self) {
        for queue in self.queues.values_mut() {
            (queue.sending, queue.not_before, queue.pause) = (false, None, FIRST);
        }
    }

    /// When something may be sent that may not now.
    #[must_use]
    pub fn next(&self) -> Option<DateTime<Utc>> {
        self.queues.values().filter(|queue| !queue.sending).filter_map(|queue| queue.not_before).min()
    }

    /// How many keys have something to tell.
    #[must_use]
    pub fn len(&self) -> usize {
        self.queues.len()
    }

    /// Nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::milliseconds(milliseconds)
    }

    fn must(_: &u32) -> Weight {
        Weight::Must
    }

    #[test]
    fn reports_of_one_call_are_sent_one_after_another() {
        let mut queues = Queues::default();
        queues.push("a", 1, must);
        queues.push("a", 2, must);
        queues.push("b", 3, must);
        assert_eq!(queues.ready(at(0), 9), [("a", 1), ("b", 3)]);
        assert_eq!(queues.ready(at(0), 9), [], "they are under way");
        queues.sent(&"a");
        assert_eq!(queues.ready(at(0), 9), [("a", 2)]);
        queues.sent(&"a");
        queues.sent(&"b");
        assert!(queues.is_empty());
    }

    #[test]
    fn while_the_log_is_away_pauses_grow_and_nothing_is_lost() {
        let mut queues = Queues::default();
        queues.push("a", 1, must);
        let mut now = at(0);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            assert_eq!(queues.ready(now, 9), [("a", 1)]);
            queues.failed(&"a", now);
            let next = queues.next().expect("a pause");
            pauses.push((next - now).num_milliseconds());
            assert_eq!(queues.ready(now, 9), []);
            now = next;
        }
        assert_eq!(pauses, [200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
    }

    #[test]
    fn a_call_that_goes_on_and_on_keeps_what_the_log_must_know() {
        let mut queues = Queues::default();
        let weight = |report: &u32| if report.is_multiple_of(2) { Weight::May } else { Weight::Must };
        for report in 1..=1000 {
            queues.push(
                "a",
                if report == 1000 { 1001 } else { report & !1 | u32::from(report == 1) },
                weight,
            );
        }
        let mut all = Vec::new();
        while let Some((key, report)) = queues.ready(at(0), 1).pop() {
            queues.sent(&key);
            all.push(report);
        }
        assert!(all.len() <= OF_ONE);
        assert_eq!((all.first(), all.last()), (Some(&1), Some(&1001)));
    }

    #[test]
    fn of_an_account_only_the_newest_word_counts() {
        let mut queues = Queues::default();
        queues.replace("a", 1);
        queues.replace("a", 2);
        assert_eq!(queues.ready(at(0), 9), [("a", 2)]);
        queues.replace("a", 3);
        queues.replace("a", 4);
        queues.sent(&"a");
        assert_eq!(queues.ready(at(0), 9), [("a", 4)], "what is under way is not taken back");
    }
}
