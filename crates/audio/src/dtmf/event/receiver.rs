//! Digits in.

use super::Payload;
use crate::dtmf::Digit;

/// Tells each digit once, at its first packet that arrives, whichever that is.
///
/// A digit is known by the timestamp at which it began (RFC 4733 section 2.5.1.2), so lost, repeated and late packets of it
/// change nothing, be they the first, one in the middle or one of the three last. A digit older than one already told came too
/// late to be told in order and is left out.
#[derive(Debug, Default)]
pub struct Receiver {
    last: Option<Seen>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    timestamp: u32,
    payload: Payload,
}

impl Receiver {
    /// Has seen nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// Takes the payload of a telephone-event packet and its RTP timestamp. `Some` if a digit was pressed that has not been
    /// told before.
    pub fn accept(&mut self, timestamp: u32, payload: &[u8]) -> Option<Digit> {
        let payload = Payload::parse(payload)?;
        let digit = Digit::from_event(payload.event)?;
        let Some(last) = &mut self.last else {
            self.last = Some(Seen { timestamp, payload });
            return Some(digit);
        };
        // Timestamps wrap: half of all are ahead, half behind.
        let ahead = timestamp.wrapping_sub(last.timestamp).cast_signed();
        if ahead <= 0 {
            last.payload.end |= ahead == 0 && payload.end;
            return None;
        }
        let goes_on = last.goes_on_as(timestamp, payload);
        *last = Seen { timestamp, payload };
        (!goes_on).then_some(digit)
    }

    /// Forgets what was seen, for a stream that begins anew.
    pub fn reset(&mut self) {
        self.last = None;
    }
}

impl Seen {
    /// A key held for longer than a duration can say is sent in segments: the next begins where the longest possible one ends
    /// (RFC 4733 section 2.5.1.3).
    fn goes_on_as(&self, timestamp: u32, payload: Payload) -> bool {
        !self.payload.end
            && self.payload.event == payload.event
            && timestamp.wrapping_sub(self.timestamp) == u32::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtmf::event::{Options, Sender, Transmit};
    use proptest::prelude::*;

    /// The packets of these digits, as our sender sends them.
    fn sent(keys: &str, begin: u32) -> Vec<Transmit> {
        let mut sender = Sender::new(8000, Options::default());
        for key in keys.chars() {
            sender.press(Digit::from_char(key).unwrap()).unwrap();
        }
        let mut timestamp = begin;
        let mut packets = Vec::new();
        while !sender.is_idle() {
            packets.extend(sender.poll(timestamp));
            timestamp = timestamp.wrapping_add(160);
        }
        packets
    }

    fn heard(packets: &[Transmit]) -> String {
        let mut receiver = Receiver::new();
        let told = packets.iter().filter_map(|packet| receiver.accept(packet.timestamp, &packet.payload));
        told.map(Digit::as_char).collect()
    }

    #[test]
    fn each_digit_is_told_once_and_in_order() {
        assert_eq!(heard(&sent("1234*#00AD", 5)), "1234*#00AD");
    }

    #[test]
    fn one_packet_of_a_digit_is_enough_whichever_it_is() {
        for kept in 0..7 {
            let packets: Vec<_> = sent("1122", 0).into_iter().skip(kept).step_by(7).collect();
            assert_eq!(packets.len(), 4);
            assert_eq!(heard(&packets), "1122", "only packet {kept} of each");
        }
    }

    #[test]
    fn a_key_held_for_long_is_one_digit() {
        let mut receiver = Receiver::new();
        let segment = |end| Payload { event: 3, end, volume: 10, duration: u16::MAX }.bytes();
        assert!(receiver.accept(0, &segment(false)).is_some());
        assert!(receiver.accept(65535, &segment(false)).is_none());
        assert!(receiver.accept(131_070, &segment(true)).is_none());
        assert!(receiver.accept(200_000, &segment(true)).is_some(), "pressed again");
    }

    #[test]
    fn events_that_are_no_digits_are_left_aside() {
        assert_eq!(Receiver::new().accept(0, &[16, 0x80, 0, 1]), None, "a hook flash");
        assert_eq!(Receiver::new().accept(0, &[1, 0]), None, "too short");
    }

    proptest! {
        #[test]
        fn neighbours_may_swap_and_any_packet_may_come_twice(
            keys in "[0-9*#A-D]{1,12}", begin: u32, swaps in prop::collection::vec(any::<bool>(), 200),
        ) {
            let mut packets = sent(&keys, begin);
            for (i, swap) in swaps.iter().enumerate().take(packets.len() - 1) {
                // Only within a digit: told in order is impossible otherwise.
                if *swap && packets[i].timestamp == packets[i + 1].timestamp {
                    packets.swap(i, i + 1);
                }
            }
            let twice: Vec<_> = packets.iter().flat_map(|&packet| [packet, packet]).collect();
            prop_assert_eq!(heard(&twice), keys);
        }

        #[test]
        fn no_bytes_make_it_panic(packets in prop::collection::vec((any::<u32>(), prop::collection::vec(0u8.., 0..8)), 0..50)) {
            let mut receiver = Receiver::new();
            for (timestamp, payload) in packets {
                let _ = receiver.accept(timestamp, &payload);
            }
        }
    }
}
