//! Cuts a byte stream into messages (RFC 3261 section 18.3) and keepalives (RFC 5626 section 3.5.1).

use bytes::{Buf, BytesMut};

/// The largest message taken from a stream. SIP messages are a few kB; this is no place to keep megabytes for a stranger.
const LARGEST: usize = 65_536;

/// One thing in the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A whole message.
    Message(BytesMut),
    /// A keepalive that wants an answer.
    Ping,
}

/// The stream cannot be understood any more and must be closed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// Takes the next whole thing off the buffer; `None` where more bytes are needed.
pub(super) fn next(buffer: &mut BytesMut) -> Result<Option<Frame>, Unreadable> {
    while buffer.starts_with(b"\r\n") {
        if buffer.starts_with(b"\r\n\r\n") {
            buffer.advance(4);
            return Ok(Some(Frame::Ping));
        }
        // A lone CRLF may be the first half of a ping, or an answer to ours: only what follows can tell.
        match buffer.get(2) {
            None | Some(b'\r') if buffer.len() < 4 => return Ok(None),
            _ => buffer.advance(2),
        }
    }
    let Some(head) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else {
        return if buffer.len() > LARGEST { Err(Unreadable) } else { Ok(None) };
    };
    let length = head + 4 + content_length(&buffer[..head]).ok_or(Unreadable)?;
    if length > LARGEST {
        return Err(Unreadable);
    }
    Ok((buffer.len() >= length).then(|| Frame::Message(buffer.split_to(length))))
}

/// The body's length by the head; 0 where it says nothing, `None` where it is no number.
fn content_length(head: &[u8]) -> Option<usize> {
    for line in head.split(|b| *b == b'\n') {
        let Some(colon) = line.iter().position(|b| *b == b':') else { continue };
        let name = line[..colon].trim_ascii();
        if name.eq_ignore_ascii_case(b"content-length") || name.eq_ignore_ascii_case(b"l") {
            return std::str::from_utf8(line[colon + 1..].trim_ascii()).ok()?.parse().ok();
        }
    }
    Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(bytes: &[u8]) -> (Vec<Frame>, usize) {
        let (mut buffer, mut out) = (BytesMut::from(bytes), Vec::new());
        while let Ok(Some(frame)) = next(&mut buffer) {
            out.push(frame);
        }
        (out, buffer.len())
    }

    #[test]
    fn two_messages_and_a_ping_come_apart() {
        let a = b"A\r\nContent-Length: 2\r\n\r\nhi";
        let b = b"B\r\nl : 0\r\n\r\n";
        let all = [a.as_slice(), b"\r\n\r\n", b"\r\n", b].concat();
        let expected =
            vec![Frame::Message(a.as_slice().into()), Frame::Ping, Frame::Message(b.as_slice().into())];
        assert_eq!(frames(&all), (expected, 0));
    }

    #[test]
    fn half_a_message_waits_for_the_rest() {
        assert_eq!(frames(b"A\r\nContent-Length: 9\r\n\r\nhi"), (vec![], 26));
        assert_eq!(frames(b"\r\n"), (vec![], 2));
    }

    #[test]
    fn a_length_that_is_no_number_ends_the_stream() {
        assert_eq!(next(&mut BytesMut::from("A\r\nContent-Length: x\r\n\r\n")), Err(Unreadable));
        assert_eq!(next(&mut BytesMut::from("A\r\nContent-Length: 9999999\r\n\r\n")), Err(Unreadable));
    }
}
