//! What an account's settings mean in a session description.

use crate::directory::Line;
use crate::media::RtpPort;
use domain::settings::{Codec, DtmfMethod, Transport};
use sip::sdp::{Capabilities, Order, SrtpPolicy};
use std::net::IpAddr;

/// What one leg of an account can do, at this port.
pub(super) fn capabilities(line: &Line, port: &RtpPort, address: IpAddr) -> Capabilities {
    let codecs = line.settings.codecs.as_slice().iter().filter_map(|codec| offered(*codec));
    Capabilities {
        address,
        port: port.rtp.port(),
        codecs: codecs.collect(),
        telephone_event: line.settings.dtmf.as_slice().contains(&DtmfMethod::Rfc2833),
        ptime: 20,
        max_ptime: None,
        srtp: match line.settings.transport {
            Transport::Tls => SrtpPolicy::Optional,
            Transport::Udp | Transport::Tcp => SrtpPolicy::Off,
        },
        rtcp_mux: false,
        order: Order::Ours,
    }
}

/// The codec in a description; none where this build has none.
fn offered(codec: Codec) -> Option<sip::sdp::Codec> {
    let (ours, theirs) = match codec {
        Codec::Opus => (audio::codec::Codec::Opus, sip::sdp::Codec::opus()),
        Codec::G722 => (audio::codec::Codec::G722, sip::sdp::Codec::g722()),
        Codec::Alaw => (audio::codec::Codec::Pcma, sip::sdp::Codec::pcma()),
        Codec::Mulaw => (audio::codec::Codec::Pcmu, sip::sdp::Codec::pcmu()),
        Codec::G729 => (audio::codec::Codec::G729, sip::sdp::Codec::g729()),
        Codec::Gsm => (audio::codec::Codec::Gsm, sip::sdp::Codec::gsm()),
    };
    ours.is_available().then_some(theirs)
}
