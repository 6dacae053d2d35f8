//! The "full" TCP transport: length, number, payload, CRC-32. <https://core.telegram.org/mtproto/mtproto-transports#full>

use bytes::{Buf, BytesMut};

/// Largest packet; Telegram's clients send at most a megabyte.
const LARGEST: usize = 1 << 20;
/// Length, number and checksum.
const OVERHEAD: usize = 12;

/// A stream that is not of this transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// What has come and is not read yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub(super) buffer: BytesMut,
    next: u32,
}

impl Inbox {
    /// The next payload, if it is there.
    pub(super) fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let word = |at: usize| self.buffer.get(at..at + 4).and_then(|word| word.try_into().ok());
        let Some(length) = word(0).map(u32::from_le_bytes) else { return Ok(None) };
        let length = usize::try_from(length).map_err(|_| Broken)?;
        if !(OVERHEAD..=LARGEST).contains(&length) {
            return Err(Broken);
        }
        if self.buffer.len() < length {
            return Ok(None);
        }
        let (number, checksum) = (word(4).map(u32::from_le_bytes), word(length - 4).map(u32::from_le_bytes));
        if number != Some(self.next) || checksum != Some(crc32(&self.buffer[..length - 4])) {
            return Err(Broken);
        }
        self.next += 1;
        let payload = self.buffer[8..length - 4].to_vec();
        self.buffer.advance(length);
        Ok(Some(payload))
    }
}

/// Numbers packets on their way out.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    next: u32,
}

impl Outbox {
    pub(super) fn frame(&mut self, payload: &[u8]) -> Vec<u8> {
        // A payload is never near four gigabytes.
        let length = u32::try_from(payload.len() + OVERHEAD).unwrap_or(u32::MAX);
        let mut out = Vec::with_capacity(payload.len() + OVERHEAD);
        out.extend(length.to_le_bytes());
        out.extend(self.next.to_le_bytes());
        out.extend(payload);
        out.extend(crc32(&out).to_le_bytes());
        self.next += 1;
        out
    }
}

/// CRC-32 as Ethernet and zip have it.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_read_in_whichever_pieces_they_come() {
        let mut out = Outbox::default();
        let bytes = [out.frame(b"first"), out.frame(b"second one")].concat();
        let mut inbox = Inbox::default();
        let mut read = Vec::new();
        for byte in bytes {
            inbox.buffer.extend_from_slice(&[byte]);
            read.extend(inbox.next().unwrap());
        }
        assert_eq!(read, [b"first".to_vec(), b"second one".to_vec()]);
    }

    #[test]
    fn a_packet_that_was_spoilt_is_noticed() {
        let mut bytes = Outbox::default().frame(b"words");
        bytes[9] ^= 1;
        let mut inbox = Inbox { buffer: BytesMut::from(&bytes[..]), next: 0 };
        assert_eq!(inbox.next(), Err(Broken));
    }
}
