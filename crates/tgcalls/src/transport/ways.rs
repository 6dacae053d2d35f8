//! Which ways the far side is heard on, so that one that has died is left for one that lives.
//!
//! A telephone that goes from Wi-Fi to the mobile network appears at another address in mid-call. ICE keeps to the way
//! with the best priority until many checks in a row went unanswered, which is longer than a call survives; so the
//! address that is silent while another speaks is taken out of the choice, and tried again later.

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use str0m::net::Protocol;
use str0m::{Candidate, CandidateKind};

/// A way is dead if another was heard so much later. A living one carries a check of ours every second and a half, and
/// official apps give up a way after two and a half seconds of silence.
const DEAD: Duration = Duration::from_secs(4);

/// A way that was left is tried again after this time: the Wi-Fi may be back.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// As often are ways tried again in one call.
const MAX_TRIES: usize = 16;

/// As many ways are watched; the one that was silent longest is forgotten.
const MAX_WAYS: usize = 32;

/// As many candidates of the far side are tried at once; then the oldest goes.
pub(super) const MAX_TOLD: usize = 64;

/// As many are tried in a whole call: `str0m` forgets none. A far side in a train tells some with each new network.
const MAX_EVER_TOLD: usize = 1024;

/// What becomes of a candidate.
#[derive(Debug, PartialEq)]
pub(super) enum Told {
    /// It is to be tried; so as not to try too many, this one no more.
    Try { instead_of: Option<Candidate> },
    /// It is let go.
    TooMany,
}

/// One of our addresses, and one of the far side's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    pub(super) ours: SocketAddr,
    pub(super) theirs: SocketAddr,
}

/// The ways of one call.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// Where sound goes.
    chosen: Option<Way>,
    heard: Vec<(Way, Instant)>,
    /// What the far side has told, as far as it is tried.
    told: Vec<Candidate>,
    ever_told: usize,
    /// Addresses of the far side that are out of the choice, and when they come back.
    left: Vec<(SocketAddr, Instant)>,
    tries: usize,
}

impl Ways {
    /// The far side has told this candidate.
    pub(super) fn tell(&mut self, candidate: &Candidate) -> Told {
        if self.ever_told >= MAX_EVER_TOLD {
            return Told::TooMany;
        }
        self.ever_told += 1;
        if self.told.contains(candidate) {
            return Told::Try { instead_of: None };
        }
        let is_idle = |it: &Candidate| self.chosen.is_none_or(|chosen| chosen.theirs != it.addr());
        let oldest = self.told.iter().position(is_idle).filter(|_| self.told.len() >= MAX_TOLD);
        let instead_of = oldest.map(|at| self.told.remove(at));
        self.told.push(candidate.clone());
        Told::Try { instead_of }
    }

    /// Sound goes this way.
    pub(super) fn choose(&mut self, way: Way) {
        self.chosen = Some(way);
    }

    /// The far side was heard on this way.
    pub(super) fn hear(&mut self, way: Way, now: Instant) {
        if let Some((_, at)) = self.heard.iter_mut().find(|(known, _)| *known == way) {
            *at = now;
            return;
        }
        if self.heard.len() >= MAX_WAYS {
            let silent = (0..MAX_WAYS).min_by_key(|at| self.heard[*at].1);
            silent.map(|at| self.heard.swap_remove(at));
        }
        self.heard.push((way, now));
    }

    /// What is to be taken out of the choice now: all that leads to an address that has died.
    pub(super) fn leave(&mut self, now: Instant) -> Vec<Candidate> {
        let Some(dead) = self.dead() else { return Vec::new() };
        self.chosen = None;
        self.heard.retain(|(way, _)| way.theirs != dead);
        self.left.push((dead, now + TRY_AGAIN));
        let mut candidates: Vec<_> = self.told.iter().filter(|it| it.addr() == dead).cloned().collect();
        // An address that was not told was learned from what came from it.
        candidates.push(Candidate::from_parts(
            "1".to_owned(),
            1,
            Protocol::Udp,
            1,
            dead,
            CandidateKind::PeerReflexive,
            None,
            None,
            None,
        ));
        candidates
    }

    /// The far side's address of the chosen way, if that has died and the far side is heard from another.
    fn dead(&self) -> Option<SocketAddr> {
        let chosen = self.chosen?;
        let (_, last) = self.heard.iter().find(|(way, _)| *way == chosen)?;
        let lives = |(way, at): &&(Way, Instant)| way.theirs != chosen.theirs && *at >= *last + DEAD;
        // The address may still be heard through another of our sockets: then it is not the one that has gone.
        let is_silent = |(way, at): &(Way, Instant)| way.theirs != chosen.theirs || *at < *last + DEAD;
        (self.heard.iter().any(|it| lives(&it)) && self.heard.iter().all(is_silent)).then_some(chosen.theirs)
    }

    /// What comes back into the choice.
    pub(super) fn try_again(&mut self, now: Instant) -> Vec<Candidate> {
        if self.tries >= MAX_TRIES {
            return Vec::new();
        }
        let due: Vec<_> =
            self.left.extract_if(.., |(_, at)| *at <= now).map(|(address, _)| address).collect();
        self.tries += due.len();
        self.told.iter().filter(|it| due.contains(&it.addr())).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "a test needs a first instant; all others are counted from it"
    )]
    fn start() -> Instant {
        Instant::now()
    }

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, last], 40_000))
    }

    fn way(theirs: u8) -> Way {
        Way { ours: address(1), theirs: address(theirs) }
    }

    fn after(begin: Instant, seconds: u64) -> Instant {
        begin + Duration::from_secs(seconds)
    }

    #[test]
    fn a_way_is_left_when_it_is_silent_and_another_speaks() {
        let begin = start();
        let mut ways = Ways::default();
        ways.tell(&Candidate::host(address(2), Protocol::Udp).expect("a candidate"));
        ways.choose(way(2));
        ways.hear(way(2), begin);
        ways.hear(way(3), after(begin, 3));
        assert_eq!(ways.leave(after(begin, 3)), []);
        ways.hear(way(3), after(begin, 4));
        let left: Vec<_> = ways.leave(after(begin, 4)).iter().map(Candidate::addr).collect();
        assert_eq!(left, [address(2); 2], "as it was told, and as it may have been learned");
        assert_eq!(ways.leave(after(begin, 4)), [], "once");
        assert_eq!(ways.try_again(after(begin, 18)), []);
        let back: Vec<_> = ways.try_again(after(begin, 19)).iter().map(Candidate::addr).collect();
        assert_eq!(back, [address(2)]);
        assert_eq!(ways.try_again(after(begin, 60)), []);
    }

    fn candidate(number: u16) -> Candidate {
        Candidate::host(SocketAddr::from(([192, 0, 2, 2], number)), Protocol::Udp).expect("a candidate")
    }

    #[test]
    fn of_too_many_candidates_the_oldest_that_is_not_in_use_goes() {
        let mut ways = Ways::default();
        for number in 1..=64 {
            assert_eq!(ways.tell(&candidate(number)), Told::Try { instead_of: None });
        }
        ways.choose(Way { ours: address(1), theirs: candidate(1).addr() });
        assert_eq!(ways.tell(&candidate(64)), Told::Try { instead_of: None }, "it is known");
        assert_eq!(ways.tell(&candidate(65)), Told::Try { instead_of: Some(candidate(2)) });
        assert_eq!(ways.tell(&candidate(66)), Told::Try { instead_of: Some(candidate(3)) });
        let tried = (67..2_000).filter(|it| ways.tell(&candidate(*it)) != Told::TooMany).count();
        assert_eq!((tried, ways.told.len()), (MAX_EVER_TOLD - 67, MAX_TOLD));
    }

    #[test]
    fn while_nobody_speaks_no_way_is_left() {
        let begin = start();
        let mut ways = Ways::default();
        ways.choose(way(2));
        ways.hear(way(2), begin);
        ways.hear(way(3), begin);
        assert_eq!(ways.leave(after(begin, 60)), []);
    }

    #[test]
    fn an_address_that_is_heard_by_another_of_our_sockets_is_not_gone() {
        let begin = start();
        let mut ways = Ways::default();
        ways.choose(way(2));
        ways.hear(way(2), begin);
        ways.hear(Way { ours: address(9), theirs: address(2) }, after(begin, 10));
        ways.hear(way(3), after(begin, 10));
        assert_eq!(ways.leave(after(begin, 10)), []);
    }

    #[test]
    fn no_more_ways_are_watched_than_a_call_can_have() {
        let begin = start();
        let mut ways = Ways::default();
        for last in 0..=255 {
            ways.hear(way(last), after(begin, u64::from(last)));
        }
        assert_eq!(ways.heard.len(), MAX_WAYS);
        assert!(ways.heard.iter().any(|(known, _)| *known == way(255)));
    }
}
