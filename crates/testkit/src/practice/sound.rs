//! What the practice PBX offers for sound, and an agreement in the engine's words.

use audio::codec::Codec;
use media_gateway::media::{Direction, RtpMedia, TelephoneEvent};
use sip::sdp::{self, Capabilities, Media, Order, SrtpPolicy};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

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

/// What was agreed, for the engine; `None` where the codec is none of those above.
pub(super) fn rtp_media(media: &Media) -> Option<RtpMedia> {
    let codec = |agreed: &sdp::AgreedCodec| Codec::from_rtpmap(&agreed.name, agreed.clock_rate);
    // Without an address one waits for the first packet; the engine learns from it where to send.
    let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9));
    Some(RtpMedia {
        remote: media.remote.unwrap_or(nowhere),
        remote_rtcp: media.remote_rtcp,
        rtcp_mux: media.rtcp_mux,
        codec: codec(&media.codec)?,
        payload_type: media.codec.send_type,
        also: media.others.iter().filter_map(|one| Some((one.receive_type, codec(one)?))).collect(),
        telephone_event: media
            .telephone_event
            .map(|event| TelephoneEvent { payload_type: event.send_type, clock: event.clock_rate }),
        comfort_noise: None,
        packet_time: Duration::from_millis(20),
        direction: direction(media.direction),
        srtp: media.srtp.as_ref().and_then(srtp::keys),
    })
}

fn direction(direction: sdp::Direction) -> Direction {
    match (direction.sends(), direction.receives()) {
        (true, true) => Direction::SendReceive,
        (true, false) => Direction::SendOnly,
        (false, true) => Direction::ReceiveOnly,
        (false, false) => Direction::Inactive,
    }
}

mod srtp {
    use media_gateway::media::{SrtpKey, SrtpKeys, SrtpSuite};
    use sip::sdp::{CryptoSuite, MasterKey, Srtp};

    pub(super) fn keys(srtp: &Srtp) -> Option<SrtpKeys> {
        let suite = match srtp.suite {
            CryptoSuite::AesCm128HmacSha1_80 => SrtpSuite::Aes128CmHmacSha1_80,
            CryptoSuite::AesCm128HmacSha1_32 => SrtpSuite::Aes128CmHmacSha1_32,
        };
        Some(SrtpKeys { ours: key(suite, &srtp.send)?, theirs: key(suite, &srtp.receive)? })
    }

    fn key(suite: SrtpSuite, master: &MasterKey) -> Option<SrtpKey> {
        let bytes = [master.key(), master.salt()].concat();
        let key_and_salt = <[u8; 30]>::try_from(bytes).ok()?;
        Some(SrtpKey { suite, key_and_salt: key_and_salt.into() })
    }
}
