//! What is inside an encrypted packet: salt, session, and one message or a container of them.
//! <https://core.telegram.org/mtproto/description#encrypted-message>

use grammers_tl_types::Deserializable;
use std::io::Read;

/// `msg_container`
const CONTAINER: u32 = 0x73f1_f8dc;
/// `gzip_packed`
const GZIP: u32 = 0x3072_cfa1;
/// Most messages in a container. <https://core.telegram.org/mtproto/service_messages#containers>
const MOST: usize = 1024;
/// Largest message after unpacking.
const LARGEST: u64 = 4 << 20;

/// A packet of a client.
#[derive(Debug)]
pub(super) struct Packet {
    pub(super) salt: i64,
    pub(super) session: i64,
    /// The number of the packet's message, or of the container around its messages.
    pub(super) id: i64,
    pub(super) number: i32,
    pub(super) messages: Vec<Message>,
}

/// A message of a client, unpacked.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: i64,
    pub(super) body: Vec<u8>,
}

/// Reads a decrypted packet; none where it is none.
pub(super) fn read(plain: &[u8]) -> Option<Packet> {
    let mut rest = plain;
    let salt = long(&mut rest)?;
    let session = long(&mut rest)?;
    let (id, number, body) = message(&mut rest)?;
    let messages = if constructor(body) == Some(CONTAINER) {
        let mut rest = &body[4..];
        let count = usize::try_from(int(&mut rest)?).ok().filter(|count| *count <= MOST)?;
        let inner = |_| message(&mut rest).and_then(|(id, _, body)| unpacked(id, body));
        (0..count).map(inner).collect::<Option<Vec<_>>>()?
    } else {
        vec![unpacked(id, body)?]
    };
    Some(Packet { salt, session, id, number, messages })
}

/// The number that a TL object begins with.
pub(super) fn constructor(body: &[u8]) -> Option<u32> {
    body.get(..4).and_then(|word| word.try_into().ok()).map(u32::from_le_bytes)
}

fn unpacked(id: i64, body: &[u8]) -> Option<Message> {
    if constructor(body)? != GZIP {
        return Some(Message { id, body: body.to_vec() });
    }
    let packed = Vec::<u8>::from_bytes(&body[4..]).ok()?;
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed[..]).take(LARGEST).read_to_end(&mut unpacked).ok()?;
    constructor(&unpacked)?;
    Some(Message { id, body: unpacked })
}

fn message<'a>(rest: &mut &'a [u8]) -> Option<(i64, i32, &'a [u8])> {
    let id = long(rest)?;
    let number = int(rest)?;
    let length = usize::try_from(int(rest)?).ok()?;
    let (body, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some((id, number, body))
}

fn long(rest: &mut &[u8]) -> Option<i64> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(i64::from_le_bytes(*word))
}

fn int(rest: &mut &[u8]) -> Option<i32> {
    let (word, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(i32::from_le_bytes(*word))
}

/// Numbers the server's messages within a connection.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    last: i64,
    sent: i32,
}

impl Numbers {
    /// A message as it is encrypted. `now` is nanoseconds since 1970; answers and other messages have numbers of their own
    /// kinds. <https://core.telegram.org/mtproto/description#message-identifier-msg-id>
    pub(super) fn write(
        &mut self,
        salt: i64,
        session: i64,
        body: &[u8],
        is_answer: bool,
        now: i64,
    ) -> Vec<u8> {
        let (seconds, nanos) = (now / 1_000_000_000, now % 1_000_000_000);
        let kind = if is_answer { 1 } else { 3 };
        let wanted = ((seconds << 32) | (nanos << 2)) & !3;
        self.last = wanted.max((self.last & !3) + 4) | kind;
        let number = self.sent * 2 + 1;
        self.sent += 1;
        let length = i32::try_from(body.len()).unwrap_or(i32::MAX);
        let mut out = Vec::with_capacity(body.len() + 32);
        out.extend(salt.to_le_bytes());
        out.extend(session.to_le_bytes());
        out.extend(self.last.to_le_bytes());
        out.extend(number.to_le_bytes());
        out.extend(length.to_le_bytes());
        out.extend(body);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_only_grow_even_when_time_stands_still() {
        let mut numbers = Numbers::default();
        let mut id = |is_answer| {
            let packet = read(&numbers.write(1, 2, &[9, 0, 0, 0], is_answer, 5_000_000_000)).unwrap();
            assert_eq!((packet.salt, packet.session, packet.messages.len()), (1, 2, 1));
            packet.id
        };
        let (first, second) = (id(true), id(false));
        assert!(second > first && first % 4 == 1 && second % 4 == 3);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let container = [&[0; 24][..], &200_i32.to_le_bytes(), &CONTAINER.to_le_bytes(), &bytes].concat();
            let _ = read(&container);
        }
    }
}
