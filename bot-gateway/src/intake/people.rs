//! Whose updates are being worked on in this process, and what waits for them. Pure; a lock around it is all it needs.
//!
//! Everything in here also stands in the inbox. What finds no room is left to the inbox and found there again.

use crate::incoming::Incoming;
use crate::telegram::FileRef;
use domain::ids::UserId;
use std::collections::{HashMap, VecDeque};

/// Updates of one person kept in memory. A person presses perhaps five times before the first is done.
const QUEUE: usize = 64;

/// People worked on at a time.
const PEOPLE: usize = 5_000;

/// An update to be handled.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) incoming: Incoming,
    pub(super) file: Option<FileRef>,
    /// It may have been handled before.
    pub(super) redelivered: bool,
    /// The person's claim was taken together with storing the update, and nobody has let it go since.
    pub(super) claimed: bool,
}

/// What the one who delivers has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// Nothing: someone works on this person.
    Queued,
    /// Start working on this person.
    Start {
        /// Something was left to the inbox, so read there first.
        look: bool,
    },
    /// Nothing now: too many people. The inbox has to be looked through later.
    NoRoom,
}

/// What the one who works does next.
#[derive(Debug)]
pub(super) enum Next {
    /// Handle this.
    Do(Box<Job>),
    /// Look into the inbox for what was left there.
    Look,
    /// Let the claim go; nothing needs it any more.
    LetGo,
    /// Stop: nothing is left, or whoever stores something just now will start anew.
    Stop,
}

/// Everybody who is being worked on.
#[derive(Debug, Default)]
pub(super) struct People {
    people: HashMap<UserId, Person>,
    /// Other processes may store updates of the same person. Then the inbox alone knows the order, and what is in memory
    /// only saves reading it.
    shared: bool,
    /// Something of someone was left to the inbox for want of room.
    backlog: bool,
}

#[derive(Debug, Default)]
struct Person {
    queue: VecDeque<Job>,
    /// Updates that are being stored just now.
    arriving: usize,
    working: bool,
    /// The claim is being let go.
    letting_go: bool,
    /// Something was left to the inbox.
    look: bool,
}

impl People {
    /// Nobody is being worked on yet.
    pub(super) fn new(shared: bool) -> Self {
        Self { shared, ..Self::default() }
    }

    /// Announces that an update of this person is being stored; [`People::deliver`] has to follow. Tells whether a
    /// claim that is taken with it can be relied on.
    pub(super) fn arrive(&mut self, person: UserId) -> bool {
        let state = self.people.entry(person).or_default();
        state.arriving += 1;
        !state.letting_go
    }

    /// Hands over what was stored; nothing if it was not stored, was known before, or belongs to another process.
    pub(super) fn deliver(&mut self, person: UserId, job: Option<Job>) -> Delivered {
        let (full, backlog) = (self.people.len() > PEOPLE, self.backlog);
        let Some(state) = self.people.get_mut(&person) else { return Delivered::Queued };
        state.arriving = state.arriving.saturating_sub(1);
        let idle = !state.working;
        if let Some(job) = job {
            if idle && full {
                self.backlog = true;
                self.forget_idle(person);
                return Delivered::NoRoom;
            }
            let full = state.queue.len() >= QUEUE;
            state.look |= self.shared || (idle && backlog) || full;
            if !full && (self.shared || !state.look) {
                state.queue.push_back(job);
            }
            if idle {
                state.working = true;
                return Delivered::Start { look: state.look };
            }
        } else if idle && (state.look || !state.queue.is_empty()) {
            state.working = true;
            return Delivered::Start { look: state.look };
        } else {
            self.forget_idle(person);
        }
        Delivered::Queued
    }

    /// Begins to work on a person whose updates were found in the inbox, unless someone does or there is no room. Whoever
    /// works on the person already, or is about to, looks into the inbox too: what was found may be in nobody's memory.
    pub(super) fn adopt(&mut self, person: UserId) -> bool {
        if let Some(state) = self.people.get_mut(&person) {
            state.look = true;
            return false;
        }
        if self.people.len() >= PEOPLE {
            self.backlog = true;
            return false;
        }
        self.people.insert(person, Person { working: true, look: true, ..Person::default() });
        true
    }

    /// What to do next for a person whose claim is held, or not. What was left to the inbox is read first: it holds
    /// everything that is in the queue too, and in the right order.
    pub(super) fn next(&mut self, person: UserId, claimed: bool) -> Next {
        let Some(state) = self.people.get_mut(&person) else { return Next::Stop };
        if std::mem::take(&mut state.look) {
            return Next::Look;
        }
        if self.shared {
            // What the inbox did not show is done.
            state.queue.clear();
        } else if let Some(job) = state.queue.pop_front() {
            return Next::Do(Box::new(job));
        }
        if claimed && state.arriving == 0 {
            state.letting_go = true;
            return Next::LetGo;
        }
        state.working = false;
        state.letting_go = false;
        self.forget_idle(person);
        Next::Stop
    }

    /// An update that was found in the inbox, if it is in memory too.
    pub(super) fn take(&mut self, person: UserId, update: u32) -> Option<Job> {
        let queue = &mut self.people.get_mut(&person)?.queue;
        let place = queue.iter().position(|job| job.incoming.update == update)?;
        queue.remove(place)
    }

    /// Whether something in memory came with a claim that is still held.
    pub(super) fn is_claimed(&self, person: UserId) -> bool {
        self.people.get(&person).is_some_and(|state| state.queue.iter().any(|job| job.claimed))
    }

    /// Whether the claim may be let go now: nothing waits and nothing arrives. If so, what arrives meanwhile can't rely on
    /// it, until [`People::let_go`].
    pub(super) fn may_let_go(&mut self, person: UserId) -> bool {
        let Some(state) = self.people.get_mut(&person) else { return true };
        state.letting_go = state.queue.is_empty() && state.arriving == 0 && !state.look;
        state.letting_go
    }

    /// The claim was let go; the inbox is looked into once more, since another process may have stored something for us.
    pub(super) fn let_go(&mut self, person: UserId, look: bool) {
        if let Some(state) = self.people.get_mut(&person) {
            state.letting_go = false;
            state.look |= look;
            for job in &mut state.queue {
                job.claimed = false;
            }
        }
    }

    /// The claim is still held: letting it go has failed.
    pub(super) fn keep(&mut self, person: UserId) {
        if let Some(state) = self.people.get_mut(&person) {
            state.letting_go = false;
        }
    }

    /// More may be left in the inbox.
    pub(super) fn look_again(&mut self, person: UserId) {
        if let Some(state) = self.people.get_mut(&person) {
            state.look = true;
        }
    }

    /// Another process works on this person: what waits here is theirs.
    pub(super) fn give_up(&mut self, person: UserId) {
        if let Some(state) = self.people.get_mut(&person) {
            state.queue.clear();
            state.look = false;
            state.working = false;
            state.letting_go = false;
        }
        self.forget_idle(person);
    }

    /// Something has to be found in the inbox again.
    pub(super) fn leave_to_the_inbox(&mut self) {
        self.backlog = true;
    }

    /// Whether something was left to the inbox, and forgets it: the caller looks.
    pub(super) fn take_backlog(&mut self) -> bool {
        std::mem::take(&mut self.backlog)
    }

    /// Whether nobody is being worked on.
    #[cfg(test)]
    pub(super) fn is_idle(&self) -> bool {
        self.people.is_empty()
    }

    fn forget_idle(&mut self, person: UserId) {
        if self.people.get(&person).is_some_and(|state| !state.working && state.arriving == 0) {
            self.people.remove(&person);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incoming::{Act, From};

    const OLGA: UserId = UserId(1);

    #[test]
    fn one_works_and_the_rest_queues_in_order() {
        let mut people = People::default();
        assert_eq!(arrive(&mut people, 1), Delivered::Start { look: false });
        assert_eq!(arrive(&mut people, 2), Delivered::Queued);
        assert_eq!([next(&mut people), next(&mut people), next(&mut people)], [Some(1), Some(2), None]);
        assert!(people.is_idle());
    }

    #[test]
    fn what_arrives_while_the_last_one_stops_is_started_anew() {
        let mut people = People::default();
        arrive(&mut people, 1);
        assert_eq!(next(&mut people), Some(1));
        people.arrive(OLGA);
        assert_eq!(next(&mut people), None);
        assert_eq!(people.deliver(OLGA, Some(job(2))), Delivered::Start { look: false });
        assert_eq!(next(&mut people), Some(2));
    }

    #[test]
    fn a_claim_is_not_let_go_while_something_arrives() {
        let mut people = People::default();
        arrive(&mut people, 1);
        next(&mut people);
        assert!(people.arrive(OLGA), "the claim is held, so it can be relied on");
        assert!(!people.may_let_go(OLGA));
        people.deliver(OLGA, Some(job(2)));
        assert!(!people.may_let_go(OLGA));
        next(&mut people);
        assert!(matches!(people.next(OLGA, true), Next::LetGo));
        assert!(!people.arrive(OLGA), "the claim is on its way out");
    }

    #[test]
    fn a_queue_that_is_full_leaves_the_rest_to_the_inbox_in_order() {
        let mut people = People::default();
        for update in 0..100 {
            arrive(&mut people, update);
        }
        assert!(matches!(people.next(OLGA, false), Next::Look));
        for update in 0..64 {
            assert_eq!(next(&mut people), Some(update));
        }
        arrive(&mut people, 100);
        assert_eq!(next(&mut people), Some(100));
        assert_eq!(next(&mut people), None);
    }

    #[test]
    fn with_too_many_people_a_new_one_waits_in_the_inbox() {
        let mut people = People::default();
        for person in 0..5_000 {
            people.arrive(UserId(person + 10));
            people.deliver(UserId(person + 10), Some(job(1)));
        }
        assert_eq!(arrive(&mut people, 1), Delivered::NoRoom);
        assert!(!people.adopt(OLGA));
        assert!(people.take_backlog());
    }

    #[test]
    fn what_was_left_by_a_crash_is_looked_for_also_while_telegram_brings_it_again() {
        // The search finds an update of Olga's just when the same one is being stored once more, which does nothing.
        let mut people = People::default();
        people.arrive(OLGA);
        assert!(!people.adopt(OLGA));
        assert_eq!(people.deliver(OLGA, None), Delivered::Start { look: true });
        assert!(matches!(people.next(OLGA, false), Next::Look));

        // The same while a newer one of hers is worked on already.
        let mut people = People::default();
        arrive(&mut people, 2);
        assert!(!people.adopt(OLGA));
        assert!(matches!(people.next(OLGA, false), Next::Look));
        assert_eq!(next(&mut people), Some(2));
    }

    #[test]
    fn where_others_store_too_the_inbox_is_read_before_anything_is_done() {
        let mut people = People::new(true);
        assert_eq!(arrive(&mut people, 2), Delivered::Start { look: true });
        assert!(people.is_claimed(OLGA));
        assert!(matches!(people.next(OLGA, false), Next::Look));
        assert_eq!(people.take(OLGA, 1).map(|job| job.incoming.update), None);
        assert_eq!(people.take(OLGA, 2).map(|job| job.incoming.update), Some(2));
        arrive(&mut people, 3);
        assert!(matches!(people.next(OLGA, true), Next::Look), "another may have stored something before");
    }

    #[test]
    fn what_another_process_works_on_is_theirs() {
        let mut people = People::default();
        arrive(&mut people, 1);
        people.give_up(OLGA);
        assert!(people.is_idle());
    }

    fn arrive(people: &mut People, update: u32) -> Delivered {
        people.arrive(OLGA);
        people.deliver(OLGA, Some(job(update)))
    }

    fn next(people: &mut People) -> Option<u32> {
        match people.next(OLGA, false) {
            Next::Do(job) => Some(job.incoming.update),
            Next::Look | Next::LetGo | Next::Stop => None,
        }
    }

    fn job(update: u32) -> Job {
        let from = From { id: OLGA, name: "Olga".into(), username: None, language_code: None };
        let incoming = Incoming { update, from, act: Act::Other };
        Job { incoming, file: None, redelivered: false, claimed: true }
    }
}
