//! The jitter buffer: packets come in when the network likes, and go out when they are to be heard.
//!
//! It holds packets, not sound; [`Playout`](crate::playout::Playout) joins it with a decoder. Time is handed in as the
//! [`Duration`] since any fixed moment, the same moment in all calls.
//!
//! How long a packet waits is decided by how late packets have lately been: of every hundred, more than ninety-nine should be there when
//! they are needed (`timing`). When the delay that is held differs from the one that is wanted, [`JitterBuffer::pace`]
//! asks the player to hurry or to linger a little; pauses between talkspurts are used for it at once. Two clocks that
//! run at different speeds look the same as a network that becomes slower or faster, and are dealt with likewise.

mod reception;
mod store;
mod timing;
mod types;

pub use reception::Report;
pub use types::{Arrival, Config, Next, Pace, Packet, Statistics};

use reception::Reception;
use std::time::Duration;
use store::Store;
use timing::Timing;

/// Concealment goes on for so long, then the stream counts as paused.
const STALL: Duration = Duration::from_millis(500);

/// Holds packets until they are due. It allocates when it is made and never after.
#[derive(Debug)]
pub struct JitterBuffer {
    config: Config,
    reception: Reception,
    timing: Timing,
    store: Store,
    state: State,
    late: u64,
    dropped: u64,
    concealed: i64,
    /// How long the last packet waited, less how late it was.
    held: i64,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Waiting for a first packet to become due.
    Idle,
    /// The sound up to here has gone out.
    Playing {
        /// Extended timestamp of what comes next.
        next: i64,
        /// Extended sequence number of what comes next.
        expected: i64,
        /// Ticks made up since then, without moving on.
        stalled: i64,
    },
}

impl JitterBuffer {
    /// Makes an empty buffer.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            reception: Reception::new(),
            timing: Timing::new(&config),
            store: Store::new(config.capacity, config.max_payload),
            state: State::Idle,
            late: 0,
            dropped: 0,
            concealed: 0,
            held: 0,
        }
    }

    /// Takes a packet that arrived at `now`.
    pub fn put(&mut self, packet: &Packet<'_>, now: Duration) -> Arrival {
        if packet.payload.len() > self.config.max_payload {
            return Arrival::TooLarge;
        }
        let seen = match self.reception.accept(packet.sequence) {
            reception::Seen::New(sequence) => Ok((sequence, Arrival::Kept)),
            reception::Seen::Restarted(sequence) => Ok((sequence, Arrival::Restarted)),
            reception::Seen::Duplicate => Err(Arrival::Duplicate),
            reception::Seen::Stray => Err(Arrival::Stray),
            reception::Seen::Old => {
                self.late += 1;
                Err(Arrival::Late)
            }
        };
        let (sequence, mut arrival) = match seen {
            Ok(seen) => seen,
            Err(refused) => return refused,
        };
        if packet.ticks > 0 {
            let is_newest = self.reception.is_newest(sequence);
            if self.timing.arrived(packet.timestamp, now, is_newest) {
                arrival = Arrival::Restarted;
            }
        }
        if arrival == Arrival::Restarted {
            self.store.clear();
            self.state = State::Idle;
        }
        let timestamp = self.timing.extend(packet.timestamp);
        if let State::Playing { next, expected, .. } = self.state {
            let is_over = if packet.ticks > 0 {
                timestamp + i64::from(packet.ticks) <= next
            } else {
                sequence < expected
            };
            if is_over {
                self.late += u64::from(packet.ticks > 0);
                return Arrival::Late;
            }
        }
        if self.store.insert(sequence, timestamp, packet) {
            self.dropped += 1;
        }
        arrival
    }

    /// What will be heard at the moment `when`, where `wanted` ticks are needed: now, or a little later if there is sound left from
    /// the packet before. A packet may last longer or shorter than that; call again until there is enough.
    pub fn next(&mut self, when: Duration, wanted: u32) -> Next<'_> {
        self.drop_excess();
        match self.state {
            State::Idle => match self.store.first() {
                Some(first) if self.timing.may_begin(first.timestamp, when) => self.play_first(when),
                Some(_) | None => Next::Empty,
            },
            State::Playing { next, expected, stalled } => {
                let expected = self.store.skip_unplayed(expected);
                self.next_playing(when, wanted, next, expected, stalled)
            }
        }
    }

    /// Whether to play faster or slower, to hold as much as the network needs. Ask when a packet has been played.
    #[must_use]
    pub fn pace(&self) -> Pace {
        self.timing.pace(self.held)
    }

    /// How much more than needed is held of a stream that plays; `None` while nothing does.
    #[must_use]
    pub fn spare(&self) -> Option<Duration> {
        let State::Playing { .. } = self.state else { return None };
        let spare = self.held - self.timing.wanted();
        Some(self.timing.duration(spare.max(0).cast_unsigned()))
    }

    /// Changes [`Config::min_delay`] from here on; spare copies of lost packets are of use only if the packet after the lost one
    /// is there in time.
    pub fn set_min_delay(&mut self, delay: Duration) {
        self.timing.set_min_delay(delay);
    }

    /// How things went so far.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        let duration = |ticks: i64| self.timing.duration(ticks.max(0).cast_unsigned());
        Statistics {
            received: self.reception.received(),
            lost: self.reception.lost(),
            late: self.late,
            duplicated: self.reception.duplicated(),
            dropped: self.dropped,
            concealed: duration(self.concealed),
            jitter: self.timing.jitter(),
            delay: duration(self.held),
            wanted_delay: duration(self.timing.wanted()),
        }
    }

    /// Whether any packet has been lost.
    #[must_use]
    pub fn has_lost(&self) -> bool {
        self.reception.lost() > 0
    }

    /// The receiver's part of an RTCP report block (RFC 3550 section 6.4.1), and begins the interval of the next.
    pub fn report(&mut self) -> Report {
        self.reception.report(self.timing.jitter_ticks())
    }

    /// Forgets the stream, for another synchronisation source. Statistics go on.
    pub fn restart(&mut self) {
        self.reception.restart();
        self.timing.restart();
        self.store.clear();
        self.state = State::Idle;
    }

    fn next_playing(
        &mut self,
        when: Duration,
        wanted: u32,
        next: i64,
        expected: i64,
        stalled: i64,
    ) -> Next<'_> {
        let Some(first) = self.store.first() else {
            return self.stall(wanted, next, expected, stalled);
        };
        let gap = first.timestamp - next;
        if gap <= 0 {
            return self.play_first(when);
        }
        let missing = first.sequence - expected - first.unplayed_before;
        if missing <= 0 {
            return self.pause(when, wanted, first.timestamp, stalled);
        }
        let remaining = gap - stalled;
        if remaining <= 0 || self.timing.is_far(gap) {
            return self.play_first(when);
        }
        let recoverable = i64::from(first.ticks);
        if remaining > recoverable {
            let ticks = (remaining - recoverable).min(i64::from(wanted));
            self.state = State::Playing { next: next + ticks + stalled, expected, stalled: 0 };
            self.concealed += ticks;
            return Next::Conceal { ticks: ticks as u32 };
        }
        let expected = first.sequence - first.unplayed_before;
        self.state = State::Playing { next: first.timestamp, expected, stalled: 0 };
        self.concealed += remaining;
        match self.store.peek() {
            Some(next) => Next::Recover { next, ticks: remaining as u32 },
            None => Next::Conceal { ticks: remaining as u32 },
        }
    }

    /// Nothing is lost: the sender was silent. The pause is made as long as makes the next packet, at `timestamp`, punctual.
    fn pause(&mut self, when: Duration, wanted: u32, timestamp: i64, stalled: i64) -> Next<'_> {
        if let State::Playing { stalled, .. } = &mut self.state {
            *stalled = 0;
        }
        // What was taken for a loss meanwhile was none.
        self.concealed -= stalled;
        if self.timing.is_due(timestamp, when) {
            return self.play_first(when);
        }
        Next::Pause { ticks: wanted }
    }

    /// Nothing is there. Time stands, so that what is only delayed will still be heard.
    fn stall(&mut self, wanted: u32, next: i64, expected: i64, stalled: i64) -> Next<'_> {
        let stalled = stalled + i64::from(wanted);
        if stalled > self.timing.ticks(STALL) {
            // Nobody sends any more; what was lost, if anything was, will show when somebody does.
            self.concealed -= stalled - i64::from(wanted);
            self.state = State::Idle;
            return Next::Empty;
        }
        self.state = State::Playing { next, expected, stalled };
        self.concealed += i64::from(wanted);
        Next::Conceal { ticks: wanted }
    }

    fn play_first(&mut self, when: Duration) -> Next<'_> {
        let Some((entry, packet)) = self.store.take() else { return Next::Empty };
        self.held = self.timing.held(entry.timestamp, when);
        self.state = State::Playing {
            next: entry.timestamp + i64::from(entry.ticks),
            expected: entry.sequence + 1,
            stalled: 0,
        };
        Next::Play(packet)
    }

    /// Drops the oldest packets where more is held than may be.
    fn drop_excess(&mut self) {
        while let (Some(first), Some(end)) = (self.store.first(), self.store.end()) {
            let from = match self.state {
                State::Playing { next, .. } => next.max(first.timestamp),
                State::Idle => first.timestamp,
            };
            if end - from <= self.timing.most() || self.store.len() < 2 {
                return;
            }
            self.store.take();
            self.dropped += 1;
            if let (State::Playing { stalled, .. }, Some(first)) = (self.state, self.store.first()) {
                let expected = first.sequence - first.unplayed_before;
                self.state = State::Playing { next: first.timestamp, expected, stalled };
            }
        }
    }
}
