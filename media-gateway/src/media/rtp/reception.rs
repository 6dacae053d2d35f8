//! What is known about the stream that comes in: loss, jitter, and the words for a report (RFC 3550 appendix A).

use super::rtcp::{Block, SenderInfo};
use std::time::{Duration, Instant};

/// A jump of more than this many sequence numbers is a new beginning, not a loss (RFC 3550 A.1).
const LEAP: u16 = 3000;

/// One incoming stream (SSRC).
#[derive(Debug)]
pub(crate) struct Reception {
    /// Who sends.
    pub(crate) ssrc: u32,
    base: u32,
    highest: u32,
    received: u64,
    expected_before: u64,
    received_before: u64,
    transit: Option<i64>,
    jitter: f64,
    clock: u32,
    report: Option<(u32, Instant)>,
    start: Instant,
}

impl Reception {
    /// The first packet of a stream. `clock` is the codec's RTP clock.
    pub(crate) fn begin(ssrc: u32, sequence: u16, clock: u32, now: Instant) -> Self {
        Self {
            ssrc,
            base: u32::from(sequence),
            highest: u32::from(sequence).wrapping_sub(1),
            received: 0,
            expected_before: 0,
            received_before: 0,
            transit: None,
            jitter: 0.0,
            clock,
            report: None,
            start: now,
        }
    }

    /// A packet of this stream came.
    pub(crate) fn heard(&mut self, sequence: u16, timestamp: u32, now: Instant) {
        let ahead = sequence.wrapping_sub(self.highest as u16);
        if ahead < LEAP {
            self.highest = self.highest.wrapping_add(u32::from(ahead));
        } else if ahead < 0_u16.wrapping_sub(LEAP) {
            // The far side restarted its numbers without a new SSRC.
            self.base = u32::from(sequence);
            self.highest = self.base;
            (self.received, self.expected_before, self.received_before) = (0, 0, 0);
            self.transit = None;
        }
        self.received += 1;
        self.measure(timestamp, now);
    }

    /// The codec changed, and with it the clock.
    pub(crate) fn set_clock(&mut self, clock: u32) {
        if self.clock != clock {
            self.clock = clock;
            self.transit = None;
        }
    }

    /// A sender report of this stream came.
    pub(crate) fn reported(&mut self, info: &SenderInfo, now: Instant) {
        self.report = Some(((info.ntp >> 16) as u32, now));
    }

    /// Packets lost since the start; late duplicates can hide some.
    pub(crate) fn lost(&self) -> u64 {
        self.expected().saturating_sub(self.received)
    }

    /// Interarrival jitter.
    pub(crate) fn jitter(&self) -> Duration {
        Duration::from_secs_f64(self.jitter / f64::from(self.clock.max(1)))
    }

    /// The block for the next report; begins a new interval.
    pub(crate) fn block(&mut self, now: Instant) -> Block {
        let expected = self.expected() - self.expected_before;
        let received = self.received - self.received_before;
        (self.expected_before, self.received_before) = (self.expected(), self.received);
        let lost = expected.saturating_sub(received);
        let fraction = (lost * 256).checked_div(expected).unwrap_or(0).min(255);
        let (last_report, delay) = match self.report {
            Some((middle, at)) => (middle, now.saturating_duration_since(at).as_secs_f64() * 65_536.0),
            None => (0, 0.0),
        };
        Block {
            ssrc: self.ssrc,
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            lost: i32::try_from(self.lost()).unwrap_or(i32::MAX),
            highest: self.highest,
            jitter: self.jitter as u32,
            last_report,
            delay: delay as u32,
        }
    }

    fn expected(&self) -> u64 {
        u64::from(self.highest.wrapping_sub(self.base).wrapping_add(1))
    }

    /// RFC 3550 A.8.
    fn measure(&mut self, timestamp: u32, now: Instant) {
        let elapsed = now.saturating_duration_since(self.start).as_secs_f64() * f64::from(self.clock);
        let transit = i64::from((elapsed as u64 as u32).wrapping_sub(timestamp).cast_signed());
        if let Some(before) = self.transit.replace(transit) {
            let difference = (transit - before).unsigned_abs() as f64;
            // A pause of the far side (DTX, hold) is no jitter.
            if difference < f64::from(self.clock) {
                self.jitter += (difference - self.jitter) / 16.0;
            }
        }
    }
}

/// Round trip from a report about us (RFC 3550 6.4.1): now, minus when our report left, minus how long they kept it.
pub(crate) fn round_trip(now_ntp: u64, block: &Block) -> Option<Duration> {
    if block.last_report == 0 {
        return None;
    }
    let now = (now_ntp >> 16) as u32;
    let units = now.wrapping_sub(block.last_report).wrapping_sub(block.delay);
    // A negative or absurd result comes from a far side that does not follow the RFC.
    let seconds = f64::from(units) / 65_536.0;
    (seconds < 30.0).then(|| Duration::from_secs_f64(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::clock::now;

    fn heard(sequences: &[u16]) -> Reception {
        let start = now();
        let mut reception = Reception::begin(1, sequences[0], 8000, start);
        for (place, sequence) in sequences.iter().enumerate() {
            let place = u32::try_from(place).unwrap();
            reception.heard(*sequence, place * 160, start + Duration::from_millis(20) * place);
        }
        reception
    }

    #[test]
    fn packets_that_never_came_are_lost() {
        assert_eq!(heard(&[1, 2, 3, 4]).lost(), 0);
        assert_eq!(heard(&[1, 2, 5, 6]).lost(), 2);
        assert_eq!(heard(&[1, 3, 2, 4]).lost(), 0, "order does not matter");
        assert_eq!(heard(&[65_534, 65_535, 1, 2]).lost(), 1, "numbers roll over");
    }

    #[test]
    fn a_report_tells_the_share_lost_since_the_last_one() {
        let mut reception = heard(&[1, 2, 4]);
        assert_eq!(reception.block(now()).fraction_lost, 64);
        assert_eq!(reception.block(now()).fraction_lost, 0, "nothing came since");
        assert_eq!(reception.block(now()).lost, 1);
    }

    #[test]
    fn a_far_side_that_starts_over_loses_nothing() {
        assert_eq!(heard(&[1, 2, 3, 30_000, 30_001]).lost(), 0);
    }

    #[test]
    fn packets_on_time_have_no_jitter_and_late_ones_have() {
        assert!(heard(&[1, 2, 3, 4, 5]).jitter() < Duration::from_millis(1));
        let start = now();
        let mut reception = Reception::begin(1, 0, 8000, start);
        for place in 0..50_u16 {
            let late = Duration::from_millis(if place % 2 == 0 { 0 } else { 10 });
            let at = start + Duration::from_millis(20) * u32::from(place) + late;
            reception.heard(place, u32::from(place) * 160, at);
        }
        let jitter = reception.jitter();
        assert!(jitter > Duration::from_millis(8) && jitter < Duration::from_millis(11), "{jitter:?}");
    }

    #[test]
    fn the_round_trip_leaves_out_how_long_they_waited() {
        let sent: u64 = 100 << 32;
        let back = sent + (3 << 32) / 2;
        let block = Block { last_report: (sent >> 16) as u32, delay: 65_536, ..Block::default() };
        assert_eq!(round_trip(back, &block), Some(Duration::from_millis(500)));
        assert_eq!(round_trip(back, &Block::default()), None, "they heard no report yet");
    }
}
