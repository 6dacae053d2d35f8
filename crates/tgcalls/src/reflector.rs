//! Telegram's UDP relays. They forward datagrams between two ports that say hello with tags of one call, and know nothing of
//! what is inside: ICE, DTLS and SRTP run unchanged through them.
//!
//! ```text
//! hello  (to the relay, 40 bytes):   prefix[12] ownTag[4] FF*12 FE FF FF FF 00*7 7B
//! notice (from the relay):           prefix[12] ownTag[4] FF*12 …
//! data   (both ways):                prefix[12] receiverTag[4] senderTag[4] size:u32be payload pad to 4
//! ```
//!
//! Tags are little-endian, all else is big-endian. Of the 16 bytes of `peer_tag` in `phoneConnection` only the first
//! twelve count; the tag takes the place of the others.

use std::time::Duration;

/// How many bytes precede the payload.
pub const OVERHEAD: usize = 24;

/// A hello is repeated this often until the relay answers.
pub const HELLO_UNTIL_READY: Duration = Duration::from_millis(500);

/// A hello is repeated this often after that, to keep the way open.
pub const HELLO_KEEP: Duration = Duration::from_secs(10);

/// The port of a relay whose `phoneConnection` names none.
pub const DEFAULT_PORT: u16 = 599;

/// Marks a datagram of the relay itself.
const SERVICE: [u8; 12] = [0xff; 12];

/// Names one port of one end: random, not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

/// What both ends of a call have in common at a relay: the first twelve bytes of `peer_tag`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix([u8; 12]);

/// What came from a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// The relay itself speaks: the port is ready.
    Service,
    /// The other end speaks.
    Data {
        /// Which of its ports.
        from: Tag,
        /// What it says.
        payload: &'a [u8],
    },
}

impl Prefix {
    /// Out of `peer_tag`.
    #[must_use]
    pub fn new(peer_tag: &[u8; 16]) -> Self {
        let mut prefix = [0; 12];
        prefix.copy_from_slice(&peer_tag[..12]);
        Self(prefix)
    }

    /// The datagram that tells the relay where this port is.
    #[must_use]
    pub fn hello(&self, own: Tag) -> Vec<u8> {
        let mut datagram = Vec::with_capacity(40);
        datagram.extend(self.0);
        datagram.extend(own.0.to_le_bytes());
        datagram.extend(SERVICE);
        datagram.extend([0xfe, 0xff, 0xff, 0xff]);
        datagram.extend(123_u64.to_be_bytes());
        datagram
    }

    /// The datagram that carries a payload to a port of the other end. It is put at the end of `datagram`.
    pub fn wrap(&self, to: Tag, own: Tag, payload: &[u8], datagram: &mut Vec<u8>) {
        let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
        datagram.reserve(OVERHEAD + payload.len() + 3);
        datagram.extend(self.0);
        datagram.extend(to.0.to_le_bytes());
        datagram.extend(own.0.to_le_bytes());
        datagram.extend(length.to_be_bytes());
        datagram.extend(payload);
        datagram.resize(datagram.len() + payload.len().wrapping_neg() % 4, 0);
    }

    /// Reads a datagram that came from the relay's address; nothing, if it is of another call or broken.
    #[must_use]
    pub fn unwrap<'a>(&self, datagram: &'a [u8]) -> Option<Incoming<'a>> {
        let rest = datagram.strip_prefix(&self.0)?.get(4..)?;
        if rest.starts_with(&SERVICE) {
            return Some(Incoming::Service);
        }
        let (head, body) = rest.split_at_checked(8)?;
        let from = Tag(u32::from_le_bytes([head[0], head[1], head[2], head[3]]));
        let length = usize::try_from(u32::from_be_bytes([head[4], head[5], head[6], head[7]])).ok()?;
        Some(Incoming::Data { from, payload: body.get(..length)? })
    }
}

/// The name under which a port behind a relay stands in a candidate: `reflector-<server>-<tag>.reflector`.
#[must_use]
pub fn host_name(server: u8, tag: Tag) -> String {
    format!("reflector-{server}-{}.reflector", tag.0)
}

/// Reads such a name.
#[must_use]
pub fn parse_host_name(name: &str) -> Option<(u8, Tag)> {
    let (server, tag) = name.strip_prefix("reflector-")?.strip_suffix(".reflector")?.split_once('-')?;
    Some((server.parse().ok()?, Tag(tag.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PEER_TAG: [u8; 16] =
        [0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 1, 2, 3, 4];

    #[test]
    fn a_hello_as_other_clients_send_it() {
        let hello = Prefix::new(&PEER_TAG).hello(Tag(0xaf4e_c948));
        let text: String = hello.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(text, "00112233445566778899aabb48c94eaffffffffffffffffffffffffffeffffff000000000000007b");
    }

    #[test]
    fn what_the_relay_itself_says_makes_the_port_ready() {
        let prefix = Prefix::new(&PEER_TAG);
        assert_eq!(prefix.unwrap(&prefix.hello(Tag(1))), Some(Incoming::Service));
    }

    #[test]
    fn a_datagram_of_another_call_is_let_go() {
        let mut other = PEER_TAG;
        other[0] = 9;
        assert_eq!(Prefix::new(&PEER_TAG).unwrap(&Prefix::new(&other).hello(Tag(1))), None);
    }

    #[test]
    fn a_port_behind_a_relay_has_a_name() {
        assert_eq!(host_name(1, Tag(1_460_450_803)), "reflector-1-1460450803.reflector");
        assert_eq!(parse_host_name("reflector-1-1460450803.reflector"), Some((1, Tag(1_460_450_803))));
        for bad in
            ["reflector-1.reflector", "reflector-300-1.reflector", "reflector-1--1.reflector", "192.0.2.1"]
        {
            assert_eq!(parse_host_name(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_payload_comes_out_as_it_went_in(payload in prop::collection::vec(any::<u8>(), 0..1500), to: u32, own in 0..u32::MAX) {
            let prefix = Prefix::new(&PEER_TAG);
            let mut datagram = Vec::new();
            prefix.wrap(Tag(to), Tag(own), &payload, &mut datagram);
            prop_assert_eq!(datagram.len() % 4, 0);
            prop_assert_eq!(prefix.unwrap(&datagram), Some(Incoming::Data { from: Tag(own), payload: &payload }));
        }

        #[test]
        fn any_bytes_are_read_or_let_go(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let prefix = Prefix::new(&PEER_TAG);
            let mut datagram = PEER_TAG[..12].to_vec();
            datagram.extend(&bytes);
            let _ = (prefix.unwrap(&bytes), prefix.unwrap(&datagram));
        }
    }
}
