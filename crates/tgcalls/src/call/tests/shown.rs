//! What somebody who has the key reads in recorded signalling.

use super::*;
use crate::framing::V2;
use crate::key::CallKey;
use crate::{packet, reflector};
use std::io::Read as _;

/// The messages of these packets, each of which stands with the end that sent it (0: the caller).
pub(super) fn messages(key: &CallKey, signalling: Signalling, said: &[(usize, Vec<u8>)]) -> Vec<Vec<u8>> {
    let roles = [Role::Caller, Role::Callee];
    let mut readers = roles.map(|role| V2::new(key.clone(), role.other()));
    let read = |(from, packet): &(usize, Vec<u8>)| match signalling {
        // Time matters only for what a reader would send.
        Signalling::V2 => readers[*from].receive(packet, start()).0,
        Signalling::V3 => sctp_messages(packet, |it| packet::open(key, roles[*from], it).ok()),
    };
    said.iter().flat_map(read).collect()
}

#[expect(clippy::disallowed_methods, reason = "a test needs some instant")]
fn start() -> Instant {
    Instant::now()
}

/// The messages of an SCTP packet, none of which is so long that it comes in parts (RFC 9260, 3.3.1).
fn sctp_messages(packet: &[u8], open: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    const DATA: u8 = 0;
    let (mut messages, mut rest) = (Vec::new(), &packet[12..]);
    while let [kind, _, high, low, ..] = *rest {
        let length = usize::from(u16::from_be_bytes([high, low]));
        if kind == DATA {
            let plaintext = open(&rest[16..length]).expect("a whole message");
            let mut text = Vec::new();
            flate2::read::GzDecoder::new(&plaintext[4..]).read_to_end(&mut text).expect("gzip");
            messages.push(text);
        }
        rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    messages
}

/// What of a message is an address, or may be one: candidates that are not wholly a port behind a reflector, and anything
/// that looks like an address in whatever else.
pub(super) fn addresses(text: &[u8]) -> Vec<String> {
    let lines: Vec<String> = match Message::parse(text) {
        Ok(Message::Candidates(told)) => told.candidates.into_iter().map(|it| it.sdp).collect(),
        _ => vec![String::from_utf8_lossy(text).into_owned()],
    };
    lines.into_iter().filter(|it| !is_port_behind_reflector(it) && may_hold_address(it)).collect()
}

fn is_port_behind_reflector(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|it| it.is_ascii_digit());
    let [
        foundation,
        "1",
        "udp",
        priority,
        host,
        "599",
        "typ",
        "relay",
        "generation",
        "0",
        "ufrag",
        ufrag,
        "network-id",
        "1",
    ] = words[..]
    else {
        return false;
    };
    foundation.strip_prefix("candidate:").is_some_and(is_number)
        && is_number(priority)
        && reflector::parse_host_name(host).is_some()
        && ufrag.len() == 8
}

/// Candidates always do; of other texts, those in which four numbers stand between dots.
fn may_hold_address(text: &str) -> bool {
    let words = text.split(|it: char| !it.is_ascii_digit() && it != '.');
    text.starts_with("candidate:") || words.into_iter().any(|it| it.parse::<std::net::Ipv4Addr>().is_ok())
}

#[test]
fn whoever_looks_for_addresses_finds_them() {
    let candidate =
        |line: &str| format!(r#"{{"@type":"Candidates","candidates":[{{"sdpString":"{line}"}}]}}"#);
    let port =
        "candidate:77 1 udp 5 reflector-1-9.reflector 599 typ relay generation 0 ufrag abcdefgh network-id 1";
    assert_eq!(addresses(candidate(port).as_bytes()), [""; 0]);
    for line in [
        "candidate:1 1 udp 5 192.0.2.1 4000 typ host".to_owned(),
        format!("{port} raddr 192.0.2.1"),
        port.replace("abcdefgh", "192.0.2.1"),
        port.replace("candidate:77", "candidate:192.0.2.1"),
        port.replace("reflector-1-9.reflector", "192.0.2.1"),
    ] {
        assert_eq!(addresses(candidate(&line).as_bytes()).len(), 1, "{line}");
    }
    assert_eq!(addresses(br#"{"@type":"InitialSetup","ufrag":"192.0.2.1"}"#).len(), 1);
    assert_eq!(addresses(br#"{"@type":"MediaState","muted":false}"#), [""; 0]);
}
