//! Candidates as the far side writes them, and those of relays as it wants to read them.

use super::relay::{Ready, Relays};
use crate::reflector;
use str0m::net::Protocol;
use str0m::{Candidate, CandidateKind};

/// The least number of words in a candidate: `candidate:f 1 udp priority address port typ kind` (RFC 8839, 5.1).
const WORDS: usize = 8;

/// The place of the address among the words.
const ADDRESS: usize = 4;

/// Reads a candidate of the far side. Without `p2p` only those behind a relay count.
pub(super) fn read(line: &str, p2p: bool, relays: &mut Relays) -> Option<Candidate> {
    let line = line.strip_prefix("a=").unwrap_or(line);
    let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
    if words.len() < WORDS {
        return None;
    }
    if let Some((server, tag)) = reflector::parse_host_name(words[ADDRESS]) {
        let address = relays.far_address(server, tag)?;
        let ip = address.ip().to_string();
        words[ADDRESS] = &ip;
        words.truncate(WORDS);
        words.extend(["raddr", "0.0.0.0", "rport", "9"]);
        return Candidate::from_sdp_string(&words.join(" ")).ok();
    }
    let candidate = Candidate::from_sdp_string(line).ok().filter(|it| it.proto() == Protocol::Udp)?;
    (p2p || candidate.kind() == CandidateKind::Relayed).then_some(candidate)
}

/// Our port behind a reflector, as the far side is told of it.
pub(super) fn reflector_line(candidate: &Candidate, port: &Ready, ufrag: &str) -> String {
    let (host, server_port) = (reflector::host_name(port.server, port.tag), port.server_port);
    let priority = candidate.prio();
    format!(
        "candidate:{} 1 udp {priority} {host} {server_port} typ relay generation 0 ufrag {ufrag} network-id 1",
        u32::from(port.server) + 76
    )
}
