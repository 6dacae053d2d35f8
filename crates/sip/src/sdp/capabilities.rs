//! What we can do in a call: codecs in our order, digits, encryption, and where our sound is.

use super::description::Format;
use std::borrow::Cow;
use std::net::IpAddr;

/// Everything that one side brings to a negotiation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The address at which we receive, as the far side reaches it.
    pub address: IpAddr,
    /// The port at which we receive RTP. Reports come to the next one, or to the same with [`Capabilities::rtcp_mux`].
    pub port: u16,
    /// The codecs, the best first.
    pub codecs: Vec<Codec>,
    /// Whether digits travel as telephone events (RFC 4733).
    pub telephone_event: bool,
    /// The packet time that we would like to receive, in milliseconds.
    pub ptime: u16,
    /// The longest packet that we take, in milliseconds, where there is a limit.
    pub max_ptime: Option<u16>,
    /// What we think of encryption with keys in the description.
    pub srtp: SrtpPolicy,
    /// Whether reports may share the media's port (RFC 5761).
    pub rtcp_mux: bool,
    /// Whose order of codecs decides in an answer of ours.
    pub order: Order,
}

/// Whether sound is encrypted with keys in the description (RFC 4568).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SrtpPolicy {
    /// Never: keys are neither offered nor taken.
    #[default]
    Off,
    /// Where the far side can: offered as plain RTP with keys beside, and taken either way.
    Optional,
    /// Always: a far side that can't is refused.
    Required,
}

/// Whose order of codecs decides when we answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Our first codec that the far side has.
    #[default]
    Ours,
    /// The far side's first codec that we have.
    Theirs,
}

/// A codec as session descriptions speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Codec {
    /// The encoding's name (`rtpmap`), compared without regard to case.
    pub name: Cow<'static, str>,
    /// RTP clock, in Hz. G.722 says 8000 although it samples at 16000 (RFC 3551 section 4.5.2).
    pub clock_rate: u32,
    /// Channels of the `rtpmap`. Opus always says 2 (RFC 7587 section 7).
    pub channels: u8,
    /// The payload type: fixed by RFC 3551, or the one that we like best. Another is taken where two codecs would collide.
    pub payload_type: u8,
    /// Our parameters (`fmtp`): what we would like to receive.
    pub parameters: Option<Cow<'static, str>>,
}

impl Codec {
    /// Opus with loss recovery, one channel, at a rate that sounds good for speech (RFC 7587).
    #[must_use]
    pub fn opus() -> Self {
        let parameters = "minptime=10;useinbandfec=1;maxaveragebitrate=32000;stereo=0;sprop-stereo=0;sprop-maxcapturerate=48000";
        Self { parameters: Some(parameters.into()), ..Self::new("opus", 48_000, 2, 111) }
    }

    /// G.722: wide band on every desk phone.
    #[must_use]
    pub fn g722() -> Self {
        Self::new("G722", 8000, 1, 9)
    }

    /// G.711 A-law.
    #[must_use]
    pub fn pcma() -> Self {
        Self::new("PCMA", 8000, 1, 8)
    }

    /// G.711 µ-law.
    #[must_use]
    pub fn pcmu() -> Self {
        Self::new("PCMU", 8000, 1, 0)
    }

    /// GSM 06.10.
    #[must_use]
    pub fn gsm() -> Self {
        Self::new("GSM", 8000, 1, 3)
    }

    /// G.729 without comfort noise (`annexb=no`, RFC 4856 section 2.1.9).
    #[must_use]
    pub fn g729() -> Self {
        Self { parameters: Some("annexb=no".into()), ..Self::new("G729", 8000, 1, 18) }
    }

    /// Samples as they are, 16 bits, one channel.
    #[must_use]
    pub fn l16(clock_rate: u32) -> Self {
        let payload_type = if clock_rate == 44_100 { 11 } else { 97 };
        Self::new("L16", clock_rate, 1, payload_type)
    }

    /// Any other codec.
    #[must_use]
    pub fn new(name: &'static str, clock_rate: u32, channels: u8, payload_type: u8) -> Self {
        Self { name: Cow::Borrowed(name), clock_rate, channels, payload_type, parameters: None }
    }

    /// The codec that people's settings call so: `opus`, `g722`, `alaw` or `pcma`, `mulaw`, `ulaw` or `pcmu`, `gsm`, `g729`, `l16`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "opus" => Some(Self::opus()),
            "g722" => Some(Self::g722()),
            "alaw" | "pcma" => Some(Self::pcma()),
            "mulaw" | "ulaw" | "pcmu" => Some(Self::pcmu()),
            "gsm" => Some(Self::gsm()),
            "g729" => Some(Self::g729()),
            "l16" => Some(Self::l16(8000)),
            _ => None,
        }
    }

    /// Whether the far side's format is this codec, with the usual slips forgiven: G.722 with its true rate, Opus with one channel.
    #[must_use]
    pub fn is(&self, format: &Format) -> bool {
        let same_name = self.name.eq_ignore_ascii_case(&format.name);
        let same_rate = self.clock_rate == format.clock_rate
            || (self.name.eq_ignore_ascii_case("G722") && format.clock_rate == 16_000);
        let same_channels = self.channels == format.channels || self.name.eq_ignore_ascii_case("opus");
        same_name && same_rate && same_channels
    }

    pub(super) fn format(&self, payload_type: u8) -> Format {
        Format {
            payload_type,
            name: self.name.to_string(),
            clock_rate: self.clock_rate,
            channels: self.channels,
            parameters: self.parameters.as_ref().map(ToString::to_string),
        }
    }
}

impl Capabilities {
    /// The clocks to offer telephone events at: those of our codecs, each once, in their order, since an event goes by the
    /// clock of the codec beside it. 8000 Hz is always among them: many phones know no other, whatever codec they speak.
    pub(super) fn event_clocks(&self) -> Vec<u32> {
        let mut rates = Vec::new();
        for rate in self.codecs.iter().map(|codec| codec.clock_rate).chain([8000]) {
            if !rates.contains(&rate) {
                rates.push(rate);
            }
        }
        rates
    }
}
