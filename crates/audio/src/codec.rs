//! Codecs by name: what each one is called, how it counts time, and what turns sound into its payloads and back.
//!
//! [`Codec`] is a plain value with the facts that SDP and RTP need. [`Encoder`] and [`Decoder`] hold the state of one
//! direction of one call. All sound is mono `i16`.

mod decoder;
mod encoder;
mod error;
mod g711;
#[cfg(feature = "g729")]
mod g729;
pub mod gsm;
mod l16;
pub mod opus;

pub use decoder::Decoder;
pub use encoder::{Encoder, EncoderOptions};
pub use error::CodecError;
pub(crate) use g711::{decode_alaw, decode_ulaw};

use std::fmt;
use std::time::Duration;

/// The longest sound one payload may hold: 120 ms (RFC 6716 section 3.2.5), in samples at 48 kHz.
pub const MAX_SAMPLES: usize = 5760;

/// Room for any payload that the encoders make, in bytes: L16 at 48 kHz for 20 ms is the largest.
pub const MAX_PAYLOAD: usize = 1920;

/// A way to write speech into RTP payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// Opus, RFC 6716 and 7587.
    Opus,
    /// G.722 at 64 kbit/s.
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// GSM 06.10 full rate.
    Gsm,
    /// Linear 16 bit samples, network byte order (RFC 3551 section 4.5.11).
    L16 {
        /// Samples per second, which is the RTP clock too.
        rate: u32,
    },
    /// G.729 Annex A. It works only with the cargo feature `g729`.
    G729,
}

impl Codec {
    /// Every codec, in the order in which most people would like to have them. `L16` stands at 16 kHz.
    pub const ALL: [Self; 7] =
        [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu, Self::Gsm, Self::G729, Self::L16 { rate: 16000 }];

    /// Whether this build can encode and decode it.
    #[must_use]
    pub const fn is_available(self) -> bool {
        match self {
            Self::Opus | Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm => true,
            Self::L16 { rate } => rate >= 8000 && rate <= 48000,
            Self::G729 => cfg!(feature = "g729"),
        }
    }

    /// The encoding name in `a=rtpmap`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opus => "opus",
            Self::G722 => "G722",
            Self::Pcma => "PCMA",
            Self::Pcmu => "PCMU",
            Self::Gsm => "GSM",
            Self::L16 { .. } => "L16",
            Self::G729 => "G729",
        }
    }

    /// Finds a codec by its `a=rtpmap` words. Names compare without case (RFC 4855 section 3).
    #[must_use]
    pub fn from_rtpmap(name: &str, clock_rate: u32) -> Option<Self> {
        let codec = Self::ALL.into_iter().find(|codec| codec.name().eq_ignore_ascii_case(name))?;
        match codec {
            Self::L16 { .. } => Some(Self::L16 { rate: clock_rate }).filter(|codec| codec.is_available()),
            Self::Opus | Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm | Self::G729 => {
                Some(codec).filter(|codec| codec.clock_rate() == clock_rate)
            }
        }
    }

    /// The codec behind a static payload type (RFC 3551 table 4), mono ones only.
    #[must_use]
    pub fn from_static_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            3 => Some(Self::Gsm),
            8 => Some(Self::Pcma),
            9 => Some(Self::G722),
            11 => Some(Self::L16 { rate: 44100 }),
            18 => Some(Self::G729),
            _ => None,
        }
    }

    /// The static payload type, where RFC 3551 table 4 gives one.
    #[must_use]
    pub const fn static_payload_type(self) -> Option<u8> {
        match self {
            Self::Pcmu => Some(0),
            Self::Gsm => Some(3),
            Self::Pcma => Some(8),
            Self::G722 => Some(9),
            Self::L16 { rate: 44100 } => Some(11),
            Self::G729 => Some(18),
            Self::Opus | Self::L16 { .. } => None,
        }
    }

    /// Ticks per second of RTP timestamps. For G.722 that is 8000, a mistake of long ago that everyone keeps
    /// (RFC 3551 section 4.5.2); for Opus always 48000 (RFC 7587 section 4.1).
    #[must_use]
    pub const fn clock_rate(self) -> u32 {
        match self {
            Self::Opus => 48000,
            Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm | Self::G729 => 8000,
            Self::L16 { rate } => rate,
        }
    }

    /// Channels to write in `a=rtpmap`, where they have to be written: `opus/48000/2`.
    #[must_use]
    pub const fn rtpmap_channels(self) -> Option<u8> {
        match self {
            Self::Opus => Some(2),
            Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm | Self::L16 { .. } | Self::G729 => None,
        }
    }

    /// Samples per second that carry all the codec can say. Opus says more than speech needs; 48 kHz is its most.
    #[must_use]
    pub const fn native_rate(self) -> u32 {
        match self {
            Self::Opus => 48000,
            Self::G722 => 16000,
            Self::Pcma | Self::Pcmu | Self::Gsm | Self::G729 => 8000,
            Self::L16 { rate } => rate,
        }
    }

    /// Whether [`Encoder`] and [`Decoder`] can be opened at `rate` samples per second.
    ///
    /// Opus opens at 8, 12, 16, 24 and 48 kHz. Opening it at the far side's rate makes a bridge two to three times cheaper
    /// and needs no resampler; the packets stay ordinary Opus.
    #[must_use]
    pub const fn opens_at(self, rate: u32) -> bool {
        match self {
            Self::Opus => matches!(rate, 8000 | 12000 | 16000 | 24000 | 48000),
            Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm | Self::L16 { .. } | Self::G729 => {
                rate == self.native_rate()
            }
        }
    }

    /// How much sound a packet holds unless somebody asks for another `ptime`.
    #[must_use]
    pub const fn default_ptime(self) -> Duration {
        Duration::from_millis(20)
    }

    /// The smallest piece that can be encoded, in samples at `rate`. Packets hold whole multiples of it.
    #[must_use]
    pub const fn frame(self, rate: u32) -> usize {
        match self {
            Self::Opus => rate as usize / 400,
            Self::G722 => 2,
            Self::Gsm => gsm::FRAME_SAMPLES,
            Self::G729 => 80,
            Self::Pcma | Self::Pcmu | Self::L16 { .. } => 1,
        }
    }

    /// How long `payload` plays, in ticks of [`Codec::clock_rate`], without decoding it. `None` if it cannot be one of this
    /// codec's payloads, an empty one for instance.
    #[must_use]
    pub fn ticks(self, payload: &[u8]) -> Option<u32> {
        let bytes = u32::try_from(payload.len()).ok().filter(|&bytes| bytes > 0)?;
        match self {
            Self::Opus => opus::ticks(payload),
            Self::G722 | Self::Pcma | Self::Pcmu => Some(bytes),
            Self::Gsm => {
                payload.len().is_multiple_of(gsm::FRAME_BYTES).then(|| bytes / gsm::FRAME_BYTES as u32 * 160)
            }
            Self::L16 { .. } => (bytes % 2 == 0).then_some(bytes / 2),
            // Ten bytes are a frame of 10 ms, and two more at the end a frame of comfort noise (RFC 3551 section 4.5.6).
            Self::G729 => match bytes % 10 {
                0 => Some(bytes / 10 * 80),
                2 => Some(bytes / 10 * 80 + 80),
                _ => None,
            },
        }
    }

    /// Samples at `rate` that `ticks` of the RTP clock last.
    #[must_use]
    pub const fn samples(self, ticks: u32, rate: u32) -> usize {
        (ticks as u64 * rate as u64 / self.clock_rate() as u64) as usize
    }

    /// Whether `next_payload` holds a spare copy of the packet before it (Opus in-band FEC).
    #[must_use]
    pub fn has_fec(self, next_payload: &[u8]) -> bool {
        match self {
            Self::Opus => opus::has_fec(next_payload),
            Self::G722 | Self::Pcma | Self::Pcmu | Self::Gsm | Self::L16 { .. } | Self::G729 => false,
        }
    }
}

/// As in `a=rtpmap`: `opus/48000/2`, `PCMA/8000`.
impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.name(), self.clock_rate())?;
        match self.rtpmap_channels() {
            Some(channels) => write!(f, "/{channels}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_is_found_again_by_what_it_prints() {
        for codec in Codec::ALL {
            let words = codec.to_string();
            let mut words = words.split('/');
            let name = words.next().unwrap().to_lowercase();
            let clock = words.next().unwrap().parse().unwrap();
            assert_eq!(Codec::from_rtpmap(&name, clock), Some(codec));
        }
    }

    #[test]
    fn static_payload_types_lead_back_to_their_codec() {
        for codec in Codec::ALL.into_iter().chain([Codec::L16 { rate: 44100 }]) {
            if let Some(payload_type) = codec.static_payload_type() {
                assert_eq!(Codec::from_static_payload_type(payload_type), Some(codec));
            }
        }
    }

    #[test]
    fn g722_counts_time_at_8000_and_sound_at_16000() {
        assert_eq!(Codec::G722.ticks(&[0; 160]), Some(160));
        assert_eq!(Codec::G722.samples(160, 16000), 320);
    }

    #[test]
    fn an_empty_payload_lasts_no_time_at_all() {
        for codec in Codec::ALL {
            assert_eq!(codec.ticks(&[]), None, "{codec}");
        }
    }

    #[test]
    fn opus_at_another_clock_is_not_opus() {
        assert_eq!(Codec::from_rtpmap("opus", 16000), None);
        assert_eq!(Codec::from_rtpmap("speex", 8000), None);
        assert_eq!(Codec::from_rtpmap("L16", 1), None);
    }
}
