//! What two session descriptions agreed on, in the engine's words. The engine itself knows no description.

use crate::media::{Direction, RtpMedia, SrtpKey, SrtpKeys, SrtpSuite, TelephoneEvent};
use audio::codec::Codec;
use sip::sdp::{self, AgreedCodec, CryptoSuite, MasterKey, Media};
use std::net::SocketAddr;
use std::time::Duration;
use zeroize::Zeroizing;

impl RtpMedia {
    /// What was agreed; none for a codec that this build does not have.
    #[must_use]
    pub fn agreed(media: &Media) -> Option<Self> {
        // Without an address the far end's first packet tells where it is.
        let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
        let remote = media.remote.unwrap_or(nowhere);
        let usual = SocketAddr::new(remote.ip(), remote.port().wrapping_add(1));
        let ptime = if (10..=60).contains(&media.ptime) { media.ptime / 10 * 10 } else { 20 };
        Some(Self {
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
            direction: media.direction.into(),
            srtp: media.srtp.as_ref().map(|srtp| SrtpKeys {
                ours: key(srtp.suite, &srtp.send),
                theirs: key(srtp.suite, &srtp.receive),
            }),
        })
    }
}

impl From<sdp::Direction> for Direction {
    fn from(agreed: sdp::Direction) -> Self {
        match agreed {
            sdp::Direction::SendReceive => Self::SendReceive,
            sdp::Direction::SendOnly => Self::SendOnly,
            sdp::Direction::ReceiveOnly => Self::ReceiveOnly,
            sdp::Direction::Inactive => Self::Inactive,
        }
    }
}

impl From<CryptoSuite> for SrtpSuite {
    fn from(agreed: CryptoSuite) -> Self {
        match agreed {
            CryptoSuite::AesCm128HmacSha1_80 => Self::Aes128CmHmacSha1_80,
            CryptoSuite::AesCm128HmacSha1_32 => Self::Aes128CmHmacSha1_32,
        }
    }
}

fn codec(agreed: &AgreedCodec) -> Option<Codec> {
    Codec::from_rtpmap(&agreed.name, agreed.clock_rate)
}

/// Each side names its payload types by itself (RFC 3264 section 5.1).
fn received_as_another_type(agreed: &AgreedCodec) -> Option<(u8, Codec)> {
    (agreed.receive_type != agreed.send_type).then(|| Some((agreed.receive_type, codec(agreed)?))).flatten()
}

fn key(suite: CryptoSuite, key: &MasterKey) -> SrtpKey {
    let mut bytes = Zeroizing::new([0; 30]);
    for (to, from) in bytes.iter_mut().zip(key.key().iter().chain(key.salt())) {
        *to = *from;
    }
    SrtpKey { suite: suite.into(), key_and_salt: bytes }
}
