//! RTP packets (RFC 3550 section 5.1), read and written without allocation.

/// Length of a header without CSRCs and extension.
pub(crate) const HEADER: usize = 12;

/// A packet's header, and where its payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    /// First of a talk spurt, or of an event.
    pub(crate) marker: bool,
    /// 0 to 127.
    pub(crate) payload_type: u8,
    /// Goes up by one a packet.
    pub(crate) sequence: u16,
    /// In the codec's clock.
    pub(crate) timestamp: u32,
    /// Who sends.
    pub(crate) ssrc: u32,
}

impl Header {
    /// Writes the twelve bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.push(0x80);
        out.push(u8::from(self.marker) << 7 | self.payload_type & 0x7F);
        out.extend_from_slice(&self.sequence.to_be_bytes());
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        out.extend_from_slice(&self.ssrc.to_be_bytes());
    }

    /// Reads a header; gives it and the length of all that stands before the payload (CSRCs and extension included).
    pub(crate) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let fixed: &[u8; HEADER] = bytes.first_chunk()?;
        if fixed[0] >> 6 != 2 {
            return None;
        }
        let header = Self {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7F,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        let mut length = HEADER + 4 * usize::from(fixed[0] & 0x0F);
        if fixed[0] & 0x10 != 0 {
            let extension = bytes.get(length..length + 4)?;
            length += 4 + 4 * usize::from(u16::from_be_bytes([extension[2], extension[3]]));
        }
        (length <= bytes.len()).then_some((header, length))
    }
}

/// The payload of a whole packet whose header is `header_length` long, without padding.
pub(crate) fn payload(bytes: &[u8], header_length: usize) -> Option<&[u8]> {
    let padded = bytes.first()? & 0x20 != 0;
    let padding = if padded { usize::from(*bytes.last()?) } else { 0 };
    if padded && padding == 0 {
        return None;
    }
    let end = bytes.len().checked_sub(padding)?;
    bytes.get(header_length..end)
}

/// RTCP multiplexed on the same port is told by its second byte (RFC 5761 section 4).
pub(crate) fn is_rtcp(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes[0] >> 6 == 2 && (192..=223).contains(&bytes[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER_SAMPLE: Header =
        Header { marker: true, payload_type: 111, sequence: 65_535, timestamp: 0xDEAD_BEEF, ssrc: 7 };

    #[test]
    fn a_header_that_is_written_is_read_again() {
        let mut bytes = Vec::new();
        HEADER_SAMPLE.write(&mut bytes);
        assert_eq!(Header::read(&bytes), Some((HEADER_SAMPLE, HEADER)));
    }

    #[test]
    fn csrcs_extension_and_padding_are_left_out_of_the_payload() {
        let mut bytes = Vec::new();
        HEADER_SAMPLE.write(&mut bytes);
        bytes[0] = 0x80 | 0x20 | 0x10 | 2;
        bytes.extend_from_slice(&[0; 8]);
        bytes.extend_from_slice(&[0xBE, 0xDE, 0, 1, 1, 2, 3, 4]);
        bytes.extend_from_slice(b"sound");
        bytes.extend_from_slice(&[0, 0, 3]);
        let (_, length) = Header::read(&bytes).unwrap();
        assert_eq!(payload(&bytes, length), Some(&b"sound"[..]));
    }

    #[test]
    fn padding_longer_than_the_packet_is_refused() {
        let mut bytes = Vec::new();
        HEADER_SAMPLE.write(&mut bytes);
        bytes[0] |= 0x20;
        bytes.push(200);
        assert_eq!(payload(&bytes, HEADER), None);
    }

    #[test]
    fn sender_reports_are_told_from_sound() {
        assert!(is_rtcp(&[0x80, 200, 0, 6, 0, 0, 0, 1]));
        assert!(!is_rtcp(&[0x80, 0x80 | 8, 0, 6, 0, 0, 0, 1]));
    }

    proptest! {
        #[test]
        fn no_datagram_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            if let Some((_, length)) = Header::read(&bytes) {
                let _ = payload(&bytes, length);
            }
            let _ = is_rtcp(&bytes);
        }
    }
}
