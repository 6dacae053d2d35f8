//! SIP's side of sound: RTP over UDP, plain or with SDES keys.

pub(crate) mod latch;
pub(crate) mod packet;
pub(crate) mod pair;
mod peer;
pub(crate) mod reception;
pub(crate) mod rtcp;
pub(crate) mod srtp;

pub(crate) use peer::RtpPeer;
