//! Digits as RTP events, RFC 4733.

mod receiver;
mod sender;

pub use receiver::Receiver;
pub use sender::{Options, QueueFull, Sender, Transmit};

/// What one telephone-event payload says (RFC 4733 section 2.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Payload {
    /// Which event; 0 to 15 are digits.
    pub event: u8,
    /// The event is over.
    pub end: bool,
    /// Loudness below full, 0 to 63 dB.
    pub volume: u8,
    /// How long it has lasted, in ticks of the RTP clock.
    pub duration: u16,
}

impl Payload {
    /// Reads a payload; what follows the first four bytes is left aside.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let &[event, flags, high, low] = bytes.first_chunk::<4>()?;
        Some(Self {
            event,
            end: flags & 0x80 != 0,
            volume: flags & 0x3F,
            duration: u16::from_be_bytes([high, low]),
        })
    }

    /// Writes the payload.
    #[must_use]
    pub const fn bytes(self) -> [u8; 4] {
        let [high, low] = self.duration.to_be_bytes();
        [self.event, (self.end as u8) << 7 | (self.volume & 0x3F), high, low]
    }
}

/// Which event stays hidden: it may be a digit of a card number.
impl std::fmt::Debug for Payload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Payload")
            .field("end", &self.end)
            .field("volume", &self.volume)
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn four_bytes_are_read_as_they_are_written(bytes: [u8; 4]) {
            let payload = Payload::parse(&bytes).unwrap();
            // The reserved bit is not kept.
            let again = payload.bytes();
            proptest::prop_assert_eq!([again[0], again[1], again[2], again[3]], [bytes[0], bytes[1] & 0xBF, bytes[2], bytes[3]]);
        }
    }

    #[test]
    fn fewer_than_four_bytes_are_no_event() {
        assert_eq!(Payload::parse(&[1, 2, 3]), None);
    }

    #[test]
    fn debug_does_not_tell_which_digit_it_is() {
        let (one, two) = (Payload::parse(&[1, 0, 0, 1]), Payload::parse(&[2, 0, 0, 1]));
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
    }
}
