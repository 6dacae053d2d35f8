//! Which packets came, by their sequence numbers (RFC 3550 appendix A.1 and A.3).

/// Sequence numbers ahead of the last that are believed at once.
const MAX_DROPOUT: i64 = 3000;
/// How far back it is remembered what came.
const MEMORY: i64 = 128;

/// The receiver's part of an RTCP report block (RFC 3550 section 6.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Report {
    /// Packets lost since the last report, in 256ths of those expected.
    pub fraction_lost: u8,
    /// Packets lost since the beginning, at most 2²³ − 1.
    pub cumulative_lost: u32,
    /// The highest sequence number, with the number of times it wrapped in the upper half.
    pub highest_sequence: u32,
    /// Interarrival jitter, in ticks of the RTP clock.
    pub jitter: u32,
}

/// What a sequence number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is new; here it is extended.
    New(i64),
    /// A new stream begins with it.
    Restarted(i64),
    /// It was here before.
    Duplicate,
    /// It is so old that nobody remembers whether it was here.
    Old,
    /// It is far from all others.
    Stray,
}

#[derive(Debug, Default)]
pub(super) struct Reception {
    /// The highest extended sequence number.
    highest: Option<i64>,
    /// The first of this stream.
    base: i64,
    /// Which of the 128 numbers up to the highest came: the lowest bit is the highest number.
    came: u128,
    /// Packets of this stream.
    received: u64,
    duplicated: u64,
    /// What earlier streams had.
    earlier_received: u64,
    earlier_lost: u64,
    /// The number that would follow a stray one.
    after_stray: Option<u16>,
    reported_expected: u64,
    reported_received: u64,
}

impl Reception {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn accept(&mut self, sequence: u16) -> Seen {
        let Some(highest) = self.highest else {
            self.begin(i64::from(sequence));
            return Seen::New(i64::from(sequence));
        };
        // The low 16 bits tell how far it is from the highest, half of the circle either way.
        let ahead = i64::from(sequence.wrapping_sub(highest as u16).cast_signed());
        let extended = highest + ahead;
        if !(-MAX_DROPOUT..=MAX_DROPOUT).contains(&ahead) {
            if self.after_stray == Some(sequence) {
                self.restart();
                self.begin(extended);
                return Seen::Restarted(extended);
            }
            self.after_stray = Some(sequence.wrapping_add(1));
            return Seen::Stray;
        }
        if ahead <= -MEMORY {
            return Seen::Old;
        }
        if ahead > 0 {
            self.came = if ahead < MEMORY { self.came << ahead } else { 0 };
            self.highest = Some(extended);
        }
        let bit = 1_u128 << (-ahead.min(0));
        if self.came & bit != 0 {
            self.duplicated += 1;
            return Seen::Duplicate;
        }
        self.came |= bit;
        self.received += 1;
        // A packet from before the first that came.
        self.base = self.base.min(extended);
        Seen::New(extended)
    }

    pub(super) fn is_newest(&self, sequence: i64) -> bool {
        self.highest == Some(sequence)
    }

    pub(super) fn received(&self) -> u64 {
        self.earlier_received + self.received
    }

    pub(super) fn lost(&self) -> u64 {
        self.earlier_lost + self.expected().saturating_sub(self.received)
    }

    pub(super) fn duplicated(&self) -> u64 {
        self.duplicated
    }

    /// Begins anew with the next packet; what was counted stays counted.
    pub(super) fn restart(&mut self) {
        let (received, lost) = (self.received(), self.lost());
        *self = Self {
            duplicated: self.duplicated,
            earlier_received: received,
            earlier_lost: lost,
            ..Self::default()
        };
    }

    pub(super) fn report(&mut self, jitter: u32) -> Report {
        let expected = self.expected();
        let expected_now = expected.saturating_sub(self.reported_expected);
        let received_now = self.received.saturating_sub(self.reported_received);
        (self.reported_expected, self.reported_received) = (expected, self.received);
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction = (lost_now * 256).checked_div(expected_now).unwrap_or(0);
        Report {
            fraction_lost: u8::try_from(fraction).unwrap_or(u8::MAX),
            cumulative_lost: u32::try_from(self.lost()).unwrap_or(u32::MAX).min(0x007F_FFFF),
            highest_sequence: self.highest.unwrap_or(0) as u32,
            jitter,
        }
    }

    fn begin(&mut self, sequence: i64) {
        self.highest = Some(sequence);
        self.base = sequence;
        self.came = 1;
        self.received = 1;
    }

    fn expected(&self) -> u64 {
        self.highest.map_or(0, |highest| (highest - self.base + 1).cast_unsigned())
    }
}
