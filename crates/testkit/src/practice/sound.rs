//! What the practice PBX offers for sound.

use sip::sdp::{self, Capabilities, Order, SrtpPolicy};
use std::net::SocketAddr;

/// All that the engine speaks, in the caller's order: an exchange to practise with does as it is asked.
pub(super) fn capabilities(rtp: SocketAddr) -> Capabilities {
    Capabilities {
        address: rtp.ip(),
        port: rtp.port(),
        codecs: vec![sdp::Codec::opus(), sdp::Codec::g722(), sdp::Codec::pcma(), sdp::Codec::pcmu()],
        telephone_event: true,
        ptime: 20,
        max_ptime: None,
        srtp: SrtpPolicy::Optional,
        rtcp_mux: false,
        order: Order::Theirs,
    }
}
