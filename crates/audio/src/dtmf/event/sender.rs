//! Digits out.

use super::Payload;
use crate::dtmf::Digit;
use std::collections::VecDeque;
use std::time::Duration;

/// Digits that may wait their turn; with the default timing that is ten seconds of sending.
const QUEUE: usize = 64;
/// How often the last packet of a digit is sent (RFC 4733 section 2.5.1.4).
const ENDS: u8 = 3;
/// Shorter tones and pauses may be missed (ITU-T Q.24).
const LEAST: Duration = Duration::from_millis(40);

/// How digits are timed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How long a digit lasts, at least 40 ms.
    pub duration: Duration,
    /// The silence between two digits, at least 40 ms.
    pub pause: Duration,
    /// Loudness below full, 0 to 63 dB.
    pub volume: u8,
    /// The time from one packet to the next.
    pub ptime: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            duration: Duration::from_millis(100),
            pause: Duration::from_millis(60),
            volume: 10,
            ptime: Duration::from_millis(20),
        }
    }
}

/// There are already too many digits waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many digits are waiting to be sent")]
pub struct QueueFull;

/// A packet to send in place of a packet of sound, with the telephone-event payload type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Transmit {
    /// The RTP timestamp: the moment at which the digit began, the same in all packets of a digit.
    pub timestamp: u32,
    /// Set in the first packet of a digit.
    pub marker: bool,
    /// The payload.
    pub payload: [u8; 4],
}

/// Sends digits one after another, in step with the packets of sound.
///
/// Call [`poll`](Self::poll) where a packet of sound would be sent. It allocates when it is made and never after.
#[derive(Debug)]
pub struct Sender {
    duration: u32,
    pause: u32,
    step: u32,
    volume: u8,
    waiting: VecDeque<Digit>,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Idle,
    Sounding { digit: Digit, since: u32 },
    Ending { digit: Digit, since: u32, left: u8 },
    Pausing { since: u32 },
}

impl Sender {
    /// For an RTP clock of `clock_rate` ticks per second.
    #[must_use]
    pub fn new(clock_rate: u32, options: Options) -> Self {
        Self {
            // A duration is written in 16 bits; a digit that would not fit is cut to what does.
            duration: ticks(options.duration.max(LEAST), clock_rate).min(u32::from(u16::MAX)),
            pause: ticks(options.pause.max(LEAST), clock_rate),
            step: ticks(options.ptime, clock_rate),
            volume: options.volume.min(63),
            waiting: VecDeque::with_capacity(QUEUE),
            state: State::Idle,
        }
    }

    /// Puts a digit at the end of the queue.
    ///
    /// # Errors
    ///
    /// 64 digits are waiting already.
    pub fn press(&mut self, digit: Digit) -> Result<(), QueueFull> {
        if self.waiting.len() == QUEUE {
            return Err(QueueFull);
        }
        self.waiting.push_back(digit);
        Ok(())
    }

    /// Whether nothing sounds or waits, pauses included.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        matches!(self.state, State::Idle) && self.waiting.is_empty()
    }

    /// What to send in place of the packet of sound that begins at `timestamp`; `None` leaves its place to the sound, also
    /// between two digits, where silence should be sent while [`is_idle`](Self::is_idle) says no.
    ///
    /// Timestamps go on with the sound's clock (they may wrap): one call for each packet that would be sent.
    pub fn poll(&mut self, timestamp: u32) -> Option<Transmit> {
        if let State::Pausing { since } = self.state {
            if timestamp.wrapping_sub(since) < self.pause {
                return None;
            }
            self.state = State::Idle;
        }
        let mut marker = false;
        if let State::Idle = self.state {
            let digit = self.waiting.pop_front()?;
            self.state = State::Sounding { digit, since: timestamp };
            marker = true;
        }
        if let State::Sounding { digit, since } = self.state {
            // A packet tells how long the digit will have lasted when the next one comes. Nought would mean a state without
            // end.
            let lasted = timestamp.wrapping_sub(since).saturating_add(self.step).max(1);
            if lasted < self.duration {
                return Some(self.packet(digit, since, lasted, false, marker));
            }
            self.state = State::Ending { digit, since, left: ENDS };
        }
        if let State::Ending { digit, since, left } = self.state {
            self.state = match left {
                0 | 1 => State::Pausing { since: since.wrapping_add(self.duration) },
                _ => State::Ending { digit, since, left: left - 1 },
            };
            return Some(self.packet(digit, since, self.duration, true, marker));
        }
        None
    }

    fn packet(&self, digit: Digit, since: u32, lasted: u32, end: bool, marker: bool) -> Transmit {
        // No longer than `duration`, which fits in 16 bits.
        let duration = u16::try_from(lasted).unwrap_or(u16::MAX);
        let payload = Payload { event: digit.event(), end, volume: self.volume, duration };
        Transmit { timestamp: since, marker, payload: payload.bytes() }
    }
}

fn ticks(time: Duration, clock_rate: u32) -> u32 {
    u32::try_from(time.as_millis() * u128::from(clock_rate) / 1000).unwrap_or(u32::MAX)
}

/// The payload stays hidden: it may be a digit of a card number.
impl std::fmt::Debug for Transmit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transmit")
            .field("timestamp", &self.timestamp)
            .field("marker", &self.marker)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digit(key: char) -> Digit {
        Digit::from_char(key).unwrap()
    }

    /// All packets until the sender is idle: at which moment each was sent, and what it was.
    fn packets(sender: &mut Sender, begin: u32, step: u32) -> Vec<(u32, Transmit)> {
        let mut timestamp = begin;
        let mut sent = Vec::new();
        while !sender.is_idle() {
            sent.extend(sender.poll(timestamp).map(|packet| (timestamp.wrapping_sub(begin), packet)));
            timestamp = timestamp.wrapping_add(step);
        }
        sent
    }

    #[test]
    fn a_digit_begins_with_a_marker_grows_and_ends_three_times() {
        let mut sender = Sender::new(8000, Options::default());
        sender.press(digit('5')).unwrap();
        let sent = packets(&mut sender, 1000, 160);
        let told: Vec<_> = sent
            .iter()
            .map(|(at, packet)| {
                let payload = Payload::parse(&packet.payload).unwrap();
                assert_eq!((payload.event, packet.timestamp, payload.volume), (5, 1000, 10));
                (*at, packet.marker, payload.duration, payload.end)
            })
            .collect();
        assert_eq!(
            told,
            [
                (0, true, 160, false),
                (160, false, 320, false),
                (320, false, 480, false),
                (480, false, 640, false),
                (640, false, 800, true),
                (800, false, 800, true),
                (960, false, 800, true),
            ]
        );
    }

    #[test]
    fn a_pause_stands_between_two_digits_also_where_timestamps_wrap() {
        let mut sender = Sender::new(48000, Options::default());
        sender.press(digit('1')).unwrap();
        sender.press(digit('1')).unwrap();
        let sent = packets(&mut sender, u32::MAX - 2000, 960);
        let begins: Vec<_> = sent.iter().filter(|(_, packet)| packet.marker).map(|(at, _)| *at).collect();
        // 100 ms of digit and 60 ms of pause are 7680 ticks.
        assert_eq!(begins, [0, 7680]);
        assert_eq!(sent[7].1.timestamp, (u32::MAX - 2000).wrapping_add(7680));
    }

    #[test]
    fn a_digit_shorter_than_a_packet_is_made_long_enough_to_be_heard() {
        let options = Options { duration: Duration::ZERO, pause: Duration::ZERO, ..Options::default() };
        let mut sender = Sender::new(8000, options);
        sender.press(digit('#')).unwrap();
        let sent = packets(&mut sender, 0, 160);
        let last = Payload::parse(&sent.last().unwrap().1.payload).unwrap();
        assert_eq!((last.duration, last.end), (320, true));
    }

    #[test]
    fn the_queue_has_an_end() {
        let mut sender = Sender::new(8000, Options::default());
        for _ in 0..64 {
            assert_eq!(sender.press(digit('1')), Ok(()));
        }
        assert_eq!(sender.press(digit('1')), Err(QueueFull));
    }
}
