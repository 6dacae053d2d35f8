//! What comes from a relay is unwrapped without a panic, and what is wrapped comes out again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tgcalls::reflector::{Incoming, Prefix, Tag, host_name, parse_host_name};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some((server, tag)) = parse_host_name(text)
    {
        assert_eq!(parse_host_name(&host_name(server, tag)), Some((server, tag)));
    }
    let Some((peer_tag, rest)) = bytes.split_first_chunk::<16>() else { return };
    let prefix = Prefix::new(peer_tag);
    let _ = prefix.unwrap(rest);
    let _ = prefix.unwrap(bytes);
    let (to, own) = (Tag(7), Tag(u32::from_le_bytes([rest.first().copied().unwrap_or(0), 1, 2, 3])));
    let mut datagram = Vec::new();
    prefix.wrap(to, own, rest, &mut datagram);
    assert_eq!(datagram.len() % 4, 0);
    match prefix.unwrap(&datagram) {
        Some(Incoming::Data { from, payload }) => assert_eq!((from, payload), (own, rest)),
        other => panic!("{other:?}"),
    }
});
