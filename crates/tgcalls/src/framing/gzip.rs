//! Packed messages, with a limit on what they may grow to.

use super::BadFrame;
use flate2::Compression;
use flate2::read::{GzDecoder, GzEncoder};
use std::io::Read as _;

/// How gzip data begins (RFC 1952, 2.3.1).
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Packs a message.
pub(super) fn pack(message: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(message.len() / 2);
    // Reading out of memory into memory does not fail.
    let _ = GzEncoder::new(message, Compression::default()).read_to_end(&mut packed);
    packed
}

/// Unpacks a message, if it is packed, to at most `limit` bytes.
pub(super) fn unpack(message: &[u8], limit: usize) -> Result<Vec<u8>, BadFrame> {
    let mut text = Vec::new();
    if message.starts_with(&MAGIC) {
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let read = GzDecoder::new(message).take(most).read_to_end(&mut text);
        read.map_err(|_| BadFrame::Malformed)?;
    } else if message.len() <= limit {
        text.extend_from_slice(message);
    } else {
        return Err(BadFrame::TooLong);
    }
    if text.len() > limit { Err(BadFrame::TooLong) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::super::MAX_UNPACKED;
    use super::*;

    #[test]
    fn what_was_packed_comes_out_again() {
        let text = br#"{"@type":"MediaState"}"#;
        assert_eq!(unpack(&pack(text), 100).as_deref(), Ok(&text[..]));
        assert_eq!(unpack(text, 100).as_deref(), Ok(&text[..]), "a message may also come unpacked");
    }

    #[test]
    fn a_small_packet_that_grows_without_end_is_refused() {
        let bomb = pack(&vec![b' '; MAX_UNPACKED + 1]);
        assert!(bomb.len() < 10_000);
        assert_eq!(unpack(&bomb, MAX_UNPACKED), Err(BadFrame::TooLong));
    }

    #[test]
    fn broken_packing_is_malformed() {
        assert_eq!(unpack(&[0x1f, 0x8b, 0, 0], 100), Err(BadFrame::Malformed));
    }
}
