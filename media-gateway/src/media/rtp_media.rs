//! What two sides agreed on for one RTP stream, in plain words: the engine depends on no SDP type.

use audio::codec::Codec;
use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;
use zeroize::Zeroizing;

/// What offer and answer agreed on for one SIP leg.
#[derive(Debug, Clone)]
pub struct RtpMedia {
    /// Where the far side says that it listens (SDP `c=` and `m=`). Behind a NAT the first packet may prove it wrong.
    pub remote: SocketAddr,
    /// Where the far side listens for RTCP when it is neither `remote`'s port + 1 nor multiplexed (RFC 3605).
    pub remote_rtcp: Option<SocketAddr>,
    /// RTP and RTCP share one port (RFC 5761).
    pub rtcp_mux: bool,
    /// What we send.
    pub codec: Codec,
    /// Its payload type, 0 to 127.
    pub payload_type: u8,
    /// Other codecs that the far side may send without a new offer, with their payload types.
    pub also: Vec<(u8, Codec)>,
    /// Payload type of `telephone-event` (RFC 4733), if agreed.
    pub telephone_event: Option<TelephoneEvent>,
    /// Payload type of comfort noise (RFC 3389), if agreed.
    pub comfort_noise: Option<u8>,
    /// How much sound one packet of ours carries: 10 to 60 ms, a multiple of 10 ms.
    pub packet_time: Duration,
    /// Who may send.
    pub direction: Direction,
    /// Keys, where the stream is encrypted by SDES (RFC 4568).
    pub srtp: Option<SrtpKeys>,
}

/// `telephone-event` as agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// Payload type, 96 to 127.
    pub payload_type: u8,
    /// Clock of its timestamps in Hz; that of the codec (8000 for G.722).
    pub clock: u32,
}

/// Who may send, as *we* see it (RFC 3264).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Both.
    #[default]
    SendReceive,
    /// Only we: the far side holds the call, or we hold it with music.
    SendOnly,
    /// Only they.
    ReceiveOnly,
    /// Nobody.
    Inactive,
}

impl Direction {
    /// We may send.
    #[must_use]
    pub fn sends(self) -> bool {
        matches!(self, Self::SendReceive | Self::SendOnly)
    }

    /// They may send.
    #[must_use]
    pub fn receives(self) -> bool {
        matches!(self, Self::SendReceive | Self::ReceiveOnly)
    }
}

/// SDES keys of both directions (RFC 4568).
#[derive(Debug, Clone)]
pub struct SrtpKeys {
    /// What we encrypt with: the key in *our* `a=crypto` line.
    pub ours: SrtpKey,
    /// What they encrypt with: the key in *their* `a=crypto` line.
    pub theirs: SrtpKey,
}

/// One direction's master key and salt.
#[derive(Clone)]
pub struct SrtpKey {
    /// Cipher and length of the tag.
    pub suite: SrtpSuite,
    /// 16 bytes of key, then 14 bytes of salt: what `inline:` carries in base64.
    pub key_and_salt: Zeroizing<[u8; 30]>,
}

impl fmt::Debug for SrtpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SrtpKey").field("suite", &self.suite).finish_non_exhaustive()
    }
}

/// Crypto suites of RFC 4568 section 6.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SrtpSuite {
    /// `AES_CM_128_HMAC_SHA1_80`.
    Aes128CmHmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32`: RTP tags of four bytes, RTCP tags still of ten.
    Aes128CmHmacSha1_32,
}
