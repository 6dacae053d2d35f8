//! How late packets are, and how long they should therefore wait.
//!
//! A packet's *transit* is its arrival less its timestamp, both in ticks. Nobody knows what a transit is in truth, for the clocks
//! are not set alike; but its difference from the smallest of the last seconds is how late the packet is. The
//! delay that is wanted is one that more than ninety-nine in a hundred packets keep. Since the smallest transit is that of the last few
//! seconds only, clocks of different speed are followed as they drift, and a new way through the network is learnt.

use super::{Config, Pace};
use std::time::Duration;

/// Steps in which lateness is counted, in milliseconds.
const BUCKET_MS: i64 = 5;
const BUCKETS: usize = 128;
/// So much of all packets may be later than the wanted delay.
const TOO_LATE: f32 = 0.007;
/// How much of the past remains with each packet: at 50 packets a second half is forgotten in three seconds.
const MEMORY: f32 = 0.995;
/// Packets until the network counts as known.
const LEARNING: u32 = 50;
/// The smallest transit is looked for in the last eight of these.
const EPOCH: Duration = Duration::from_millis(500);
const EPOCHS: usize = 8;
/// Transits that differ by more are those of another stream.
const JUMP: Duration = Duration::from_secs(2);

#[derive(Debug)]
pub(super) struct Timing {
    clock_rate: i64,
    min_delay: i64,
    start_delay: i64,
    first_delay: i64,
    max_delay: i64,
    /// The last extended timestamp.
    timestamp: Option<i64>,
    /// The last transit of a packet in order.
    transit: Option<i64>,
    /// The smallest transits of the last epochs, newest first.
    smallest: [i64; EPOCHS],
    epoch: u128,
    /// How late packets were: parts of one.
    lateness: [f32; BUCKETS],
    /// The smallest transit that lateness is counted from.
    reference: i64,
    packets: u32,
    wanted: i64,
    /// RFC 3550 section 6.4.1, times sixteen.
    jitter: i64,
}

impl Timing {
    pub(super) fn new(config: &Config) -> Self {
        let clock_rate = i64::from(config.clock_rate.max(1));
        let ticks = |time: Duration| time.as_micros() as i64 * clock_rate / 1_000_000;
        let start_delay = ticks(config.start_delay.max(config.min_delay));
        Self {
            clock_rate,
            min_delay: ticks(config.min_delay),
            start_delay,
            first_delay: ticks(config.first_delay.max(config.min_delay)).min(start_delay),
            max_delay: ticks(config.max_delay).max(start_delay),
            timestamp: None,
            transit: None,
            smallest: [i64::MAX; EPOCHS],
            epoch: 0,
            lateness: [0.0; BUCKETS],
            reference: 0,
            packets: 0,
            wanted: start_delay,
            jitter: 0,
        }
    }

    pub(super) fn ticks(&self, time: Duration) -> i64 {
        let micros = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        // A clock that has gone for years would not fit at 48 kHz otherwise.
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        seconds.saturating_mul(self.clock_rate).saturating_add(rest * self.clock_rate / 1_000_000)
    }

    pub(super) fn duration(&self, ticks: u64) -> Duration {
        let rate = self.clock_rate.cast_unsigned();
        Duration::from_secs(ticks / rate) + Duration::from_nanos(ticks % rate * 1_000_000_000 / rate)
    }

    /// The timestamp without wrapping, by the last one.
    pub(super) fn extend(&self, timestamp: u32) -> i64 {
        match self.timestamp {
            None => i64::from(timestamp),
            Some(last) => last + i64::from(timestamp.wrapping_sub(last as u32).cast_signed()),
        }
    }

    pub(super) fn set_min_delay(&mut self, delay: Duration) {
        self.min_delay = self.ticks(delay).min(self.max_delay);
        self.wanted = self.wanted.max(self.min_delay);
    }

    /// Takes note of a packet. `true` if its timestamp is that of another stream; all begins anew with it then.
    pub(super) fn arrived(&mut self, timestamp: u32, now: Duration, is_newest: bool) -> bool {
        let now_ticks = self.ticks(now);
        let mut extended = self.extend(timestamp);
        let jumped = is_newest
            && self.transit.is_some_and(|transit| (now_ticks - extended - transit).abs() > self.ticks(JUMP));
        if jumped {
            self.restart();
            extended = i64::from(timestamp);
        }
        let transit = now_ticks - extended;
        if let Some(last) = self.transit {
            let difference = (transit - last).abs();
            self.jitter += difference - ((self.jitter + 8) >> 4);
        }
        if is_newest || self.timestamp.is_none() {
            self.timestamp = Some(extended);
            self.transit = Some(transit);
        }
        self.keep_smallest(transit, now);
        if jumped || self.packets == 0 {
            self.reference = self.base();
        }
        self.move_reference();
        self.count(transit - self.base());
        jumped
    }

    /// Whether a packet with this timestamp is to be heard now.
    pub(super) fn is_due(&self, timestamp: i64, now: Duration) -> bool {
        self.ticks(now) - timestamp >= self.base() + self.wanted
    }

    /// Whether a packet with this timestamp may begin a stream now.
    pub(super) fn may_begin(&self, timestamp: i64, now: Duration) -> bool {
        let needed = if self.packets < LEARNING { self.needed().max(self.first_delay) } else { self.wanted };
        self.ticks(now) - timestamp >= self.base() + needed
    }

    /// How long the fastest packet waits if one with this timestamp is played now.
    pub(super) fn held(&self, timestamp: i64, now: Duration) -> i64 {
        self.ticks(now) - timestamp - self.base()
    }

    pub(super) fn wanted(&self) -> i64 {
        self.wanted
    }

    pub(super) fn most(&self) -> i64 {
        self.max_delay
    }

    pub(super) fn is_far(&self, gap: i64) -> bool {
        gap > self.max_delay
    }

    pub(super) fn pace(&self, held: i64) -> Pace {
        let excess = held - self.wanted;
        let ms = |ms: i64| ms * self.clock_rate / 1000;
        if excess > ms(100) {
            Pace::Rush
        } else if excess > ms(15) {
            Pace::Hurry
        } else if excess < 0 {
            Pace::Linger
        } else {
            Pace::Keep
        }
    }

    pub(super) fn jitter_ticks(&self) -> u32 {
        u32::try_from(self.jitter >> 4).unwrap_or(0)
    }

    pub(super) fn jitter(&self) -> Duration {
        self.duration(u64::from(self.jitter_ticks()))
    }

    /// Forgets the stream and keeps what is known of the network.
    pub(super) fn restart(&mut self) {
        self.timestamp = None;
        self.transit = None;
        self.smallest = [i64::MAX; EPOCHS];
        self.jitter = 0;
    }

    /// The smallest transit of the last seconds.
    fn base(&self) -> i64 {
        let smallest = self.smallest.into_iter().min().unwrap_or(i64::MAX);
        if smallest == i64::MAX { 0 } else { smallest }
    }

    fn keep_smallest(&mut self, transit: i64, now: Duration) {
        let epoch = now.as_millis() / EPOCH.as_millis();
        let passed = usize::try_from(epoch.saturating_sub(self.epoch)).unwrap_or(EPOCHS).min(EPOCHS);
        self.epoch = self.epoch.max(epoch);
        self.smallest.rotate_right(passed);
        self.smallest[..passed].fill(i64::MAX);
        self.smallest[0] = self.smallest[0].min(transit);
    }

    /// The way through the network has become longer: what was late before is so much less late now. Where it has become shorter,
    /// what was before says nothing.
    fn move_reference(&mut self) {
        let bucket = (BUCKET_MS * self.clock_rate / 1000).max(1);
        let shift = (self.base() - self.reference) / bucket;
        self.reference += shift * bucket;
        let places = usize::try_from(shift.unsigned_abs()).unwrap_or(BUCKETS).min(BUCKETS);
        if shift > 0 {
            let early: f32 = self.lateness[..places].iter().sum();
            self.lateness.copy_within(places.., 0);
            self.lateness[BUCKETS - places..].fill(0.0);
            self.lateness[0] += early;
        }
    }

    fn count(&mut self, late: i64) {
        self.packets = self.packets.saturating_add(1);
        // In the beginning every packet counts alike.
        let keep = MEMORY.min(1.0 - 1.0 / self.packets as f32);
        for part in &mut self.lateness {
            *part *= keep;
        }
        let bucket = late.max(0) * 1000 / self.clock_rate / BUCKET_MS;
        let bucket = usize::try_from(bucket).unwrap_or(BUCKETS - 1).min(BUCKETS - 1);
        self.lateness[bucket] += 1.0 - keep;
        self.wanted = self.decide();
    }

    fn decide(&self) -> i64 {
        let least = if self.packets < LEARNING { self.start_delay } else { self.min_delay };
        self.needed().clamp(least, self.max_delay)
    }

    /// What the network asks for, as far as it is known.
    fn needed(&self) -> i64 {
        let mut later = 1.0;
        let mut needed = BUCKETS;
        for (bucket, part) in self.lateness.iter().enumerate() {
            later -= part;
            if later <= TOO_LATE {
                needed = bucket + 1;
                break;
            }
        }
        (needed as i64 * BUCKET_MS * self.clock_rate / 1000).min(self.max_delay)
    }
}
