//! The JSON messages that the two ends exchange: tolerant to read, plain to write.
//!
//! Unknown fields are let go, unknown messages are [`Message::Unknown`], and numbers may come as numbers or as text, signed
//! or not: clients differ.

mod credentials;
mod lenient;

pub use credentials::BadCredentials;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// URI of the header extension that carries the time of sending.
pub const ABSOLUTE_SEND_TIME: &str = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
/// URI of the header extension that numbers packets over all streams.
pub const TRANSPORT_SEQUENCE_NUMBER: &str =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/// The text is not a message.
#[derive(Debug, thiserror::Error)]
#[error("not a signalling message: {0}")]
pub struct NotAMessage(#[from] serde_json::Error);

/// A message of the signalling channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "@type")]
pub enum Message {
    /// ICE credentials and DTLS fingerprints: once from each end.
    InitialSetup(InitialSetup),
    /// What the sender will send, or what it accepts of an offer.
    NegotiateChannels(NegotiateChannels),
    /// Ways to reach the sender, as they are found.
    Candidates(Candidates),
    /// Whether microphone and camera are on. It belongs on the data channel, and some send it here.
    MediaState(MediaState),
    /// Something of a later version.
    #[serde(other)]
    Unknown,
}

impl Message {
    /// Reads a message.
    ///
    /// # Errors
    ///
    /// It is not JSON, or a field that is needed is missing or of another kind.
    pub fn parse(text: &[u8]) -> Result<Self, NotAMessage> {
        Ok(serde_json::from_slice(text)?)
    }

    /// The message as it is sent.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Structures of text and numbers do not fail to become JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// How to reach and recognise the sender's transport.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialSetup {
    /// ICE user name fragment.
    pub ufrag: String,
    /// ICE password; never printed.
    pub pwd: String,
    /// Whether the sender renominates candidate pairs.
    #[serde(default)]
    pub renomination: bool,
    /// Fingerprints of the DTLS certificate; one is enough.
    #[serde(default)]
    pub fingerprints: Vec<Fingerprint>,
}

/// A fingerprint of a DTLS certificate (RFC 8122, 5), with the DTLS role that its sender takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// The hash function: `sha-256`.
    pub hash: String,
    /// `actpass`, `active` or `passive` (RFC 4145, 4).
    #[serde(default)]
    pub setup: String,
    /// Bytes in hexadecimal, divided by colons.
    pub fingerprint: String,
}

/// An offer, or the answer to one: the same form, told apart by whose `exchangeId` it carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NegotiateChannels {
    /// Names the offer; its answer repeats it.
    #[serde(rename = "exchangeId", with = "lenient::id")]
    pub exchange_id: u32,
    /// The channels.
    #[serde(default)]
    pub contents: Vec<Content>,
}

/// One channel that the sender of the offer will send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// `audio` or `video`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The synchronisation source of its packets.
    #[serde(with = "lenient::id")]
    pub ssrc: u32,
    /// Sources that belong together; only video has them.
    #[serde(rename = "ssrcGroups", default, skip_serializing_if = "Vec::is_empty")]
    pub ssrc_groups: Vec<SsrcGroup>,
    /// The codecs.
    #[serde(rename = "payloadTypes", default)]
    pub payload_types: Vec<PayloadType>,
    /// The header extensions.
    #[serde(rename = "rtpExtensions", default)]
    pub rtp_extensions: Vec<RtpExtension>,
}

/// Sources that belong together (RFC 5576, 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SsrcGroup {
    /// In which sense.
    pub semantics: String,
    /// The sources.
    #[serde(with = "lenient::numbers")]
    pub ssrcs: Vec<u32>,
}

/// A codec under its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadType {
    /// The RTP payload type.
    #[serde(with = "lenient::number")]
    pub id: u32,
    /// The codec's name.
    pub name: String,
    /// RTP clock rate in Hz.
    #[serde(default, with = "lenient::number")]
    pub clockrate: u32,
    /// Channels; absent means one.
    #[serde(default, with = "lenient::number")]
    pub channels: u32,
    /// Feedback messages.
    #[serde(rename = "feedbackTypes", default)]
    pub feedback_types: Vec<FeedbackType>,
    /// Parameters: their values are text.
    #[serde(default, deserialize_with = "lenient::texts")]
    pub parameters: BTreeMap<String, String>,
}

/// A kind of RTCP feedback (RFC 4585, 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackType {
    /// Such as `transport-cc`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Such as `pli`; may be empty.
    #[serde(default)]
    pub subtype: String,
}

/// An RTP header extension under its number (RFC 8285).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RtpExtension {
    /// What it is.
    pub uri: String,
    /// Its number.
    #[serde(with = "lenient::number")]
    pub id: u32,
}

/// Ways to reach the sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// Each as a line of SDP.
    #[serde(default)]
    pub candidates: Vec<CandidateLine>,
}

/// One ICE candidate (RFC 8839, 5.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidateLine {
    /// `candidate:…`
    #[serde(rename = "sdpString")]
    pub sdp: String,
}

/// Whether the sender's microphone and camera are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaState {
    /// Whether the microphone is off. Sound flows regardless of it.
    #[serde(default)]
    pub muted: bool,
    /// Whether the sender's battery is low.
    #[serde(rename = "lowBattery", default)]
    pub low_battery: bool,
    /// `inactive`, `paused` or `active`.
    #[serde(rename = "videoState", default = "inactive")]
    pub video: String,
    /// In degrees.
    #[serde(rename = "videoRotation", default, with = "lenient::number")]
    pub video_rotation: u32,
    /// As [`MediaState::video`], of a shared screen.
    #[serde(rename = "screencastState", default = "inactive")]
    pub screencast: String,
}

impl MediaState {
    /// A voice call with the microphone on or off.
    #[must_use]
    pub fn voice(muted: bool) -> Self {
        Self { muted, low_battery: false, video: inactive(), video_rotation: 0, screencast: inactive() }
    }
}

fn inactive() -> String {
    "inactive".to_owned()
}

#[cfg(test)]
mod tests;
