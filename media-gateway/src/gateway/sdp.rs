//! Between three languages: settings of an account, session descriptions, and what the engine is told.

use crate::directory::Line;
use crate::media::{self, RtpMedia, RtpPort, SrtpKey, SrtpKeys, SrtpSuite, TelephoneEvent};
use domain::settings::{Codec, DtmfMethod, Transport};
use sip::sdp::{AgreedCodec, Capabilities, CryptoSuite, Direction, MasterKey, Media, Order, SrtpPolicy};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;
use zeroize::Zeroizing;

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

/// What was agreed, for the engine; none for a codec that we never offered.
pub(super) fn agreed(media: &Media) -> Option<RtpMedia> {
    // Without an address the far end's first packet tells where it is.
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
    let remote = media.remote.unwrap_or(nowhere);
    let usual = SocketAddr::new(remote.ip(), remote.port().wrapping_add(1));
    let ptime = if (10..=60).contains(&media.ptime) { media.ptime / 10 * 10 } else { 20 };
    Some(RtpMedia {
        remote,
        remote_rtcp: media.remote_rtcp.filter(|rtcp| *rtcp != usual && !media.rtcp_mux),
        rtcp_mux: media.rtcp_mux,
        codec: codec(&media.codec)?,
        payload_type: media.codec.send_type,
        also: media
            .others
            .iter()
            .filter_map(|other| Some((other.receive_type, codec(other)?)))
            .chain(received_as_another_type(&media.codec))
            .collect(),
        telephone_event: media
            .telephone_event
            .map(|event| TelephoneEvent { payload_type: event.send_type, clock: event.clock_rate }),
        comfort_noise: None,
        packet_time: Duration::from_millis(u64::from(ptime)),
        direction: match media.direction {
            Direction::SendReceive => media::Direction::SendReceive,
            Direction::SendOnly => media::Direction::SendOnly,
            Direction::ReceiveOnly => media::Direction::ReceiveOnly,
            Direction::Inactive => media::Direction::Inactive,
        },
        srtp: media.srtp.as_ref().map(|srtp| SrtpKeys {
            ours: key(srtp.suite, &srtp.send),
            theirs: key(srtp.suite, &srtp.receive),
        }),
    })
}

/// Each side names its payload types by itself (RFC 3264 section 5.1).
fn received_as_another_type(agreed: &AgreedCodec) -> Option<(u8, audio::codec::Codec)> {
    (agreed.receive_type != agreed.send_type).then(|| Some((agreed.receive_type, codec(agreed)?))).flatten()
}

fn codec(agreed: &AgreedCodec) -> Option<audio::codec::Codec> {
    Some(match agreed.name.to_ascii_lowercase().as_str() {
        "opus" => audio::codec::Codec::Opus,
        "g722" => audio::codec::Codec::G722,
        "pcma" => audio::codec::Codec::Pcma,
        "pcmu" => audio::codec::Codec::Pcmu,
        "gsm" => audio::codec::Codec::Gsm,
        "g729" => audio::codec::Codec::G729,
        "l16" => audio::codec::Codec::L16 { rate: agreed.clock_rate },
        _ => return None,
    })
}

fn key(suite: CryptoSuite, key: &MasterKey) -> SrtpKey {
    let mut bytes = Zeroizing::new([0; 30]);
    for (to, from) in bytes.iter_mut().zip(key.key().iter().chain(key.salt())) {
        *to = *from;
    }
    let suite = match suite {
        CryptoSuite::AesCm128HmacSha1_80 => SrtpSuite::Aes128CmHmacSha1_80,
        CryptoSuite::AesCm128HmacSha1_32 => SrtpSuite::Aes128CmHmacSha1_32,
    };
    SrtpKey { suite, key_and_salt: bytes }
}
