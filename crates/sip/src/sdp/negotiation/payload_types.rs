//! Which payload type stands for what in this call: once given, a number never means another codec (RFC 3264 section 8.3.2).

use crate::sdp::capabilities::Codec;
use crate::sdp::description::Format;

/// The payload types given out so far, ours and the far side's.
#[derive(Debug, Clone, Default)]
pub(super) struct PayloadTypes(Vec<Format>);

impl PayloadTypes {
    /// The number for this codec: the one it has, or the one it likes, or the first free one.
    pub(super) fn of(&mut self, codec: &Codec) -> u8 {
        let known = self.0.iter().find(|format| codec.is(format)).map(|format| format.payload_type);
        known.unwrap_or_else(|| self.give(codec.format(codec.payload_type)))
    }

    /// The number for telephone events of this clock: 101 by custom for the old codecs.
    pub(super) fn of_telephone_event(&mut self, clock_rate: u32) -> u8 {
        let same =
            |format: &&Format| super::agreed::is_telephone_event(format) && format.clock_rate == clock_rate;
        let known = self.0.iter().find(same).map(|format| format.payload_type);
        known.unwrap_or_else(|| {
            let payload_type = if clock_rate == 8000 { 101 } else { 110 };
            let name = "telephone-event".to_owned();
            self.give(Format { payload_type, name, clock_rate, channels: 1, parameters: None })
        })
    }

    /// Remembers the far side's numbers, so that both directions use the same ones.
    pub(super) fn learn(&mut self, formats: &[Format]) {
        for format in formats {
            let same = |known: &Format| {
                known.payload_type == format.payload_type
                    || (known.name.eq_ignore_ascii_case(&format.name)
                        && known.clock_rate == format.clock_rate
                        && known.channels == format.channels)
            };
            if !self.0.iter().any(same) {
                self.0.push(format.clone());
            }
        }
    }

    fn give(&mut self, mut format: Format) -> u8 {
        let taken = |number: u8| self.0.iter().any(|format| format.payload_type == number);
        if taken(format.payload_type) {
            // 96 to 127 are free for all (RFC 3551 section 6); a call has a handful of them.
            format.payload_type = (96..=127).find(|number| !taken(*number)).unwrap_or(127);
        }
        let number = format.payload_type;
        self.0.push(format);
        number
    }
}
