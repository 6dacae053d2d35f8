//! From sound to payloads.

use super::error::CodecError;
use super::{Codec, MAX_SAMPLES, g711, gsm, l16};
use audio_codec::Encoder as _;
use audio_codec::g722::G722Encoder;

/// How to open an [`Encoder`]. All but the rate matters to Opus only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EncoderOptions {
    /// Samples per second that will be given; see [`Codec::opens_at`].
    pub rate: u32,
    /// Bits per second; `None` leaves the choice to libopus, which knows the rate.
    pub bitrate: Option<u32>,
    /// From 0 (cheap) to 10 (best). 5 sounds nearly as good as 10 at half the price; 0 or 1 are for hours of overload.
    pub complexity: u8,
    /// Spare copies of each packet inside the next one.
    pub fec: bool,
    /// How many packets in a hundred are likely to be lost on the way; spare copies are made only where some are.
    pub expected_loss: u8,
    /// Send nothing while nobody speaks.
    pub dtx: bool,
}

impl EncoderOptions {
    /// What suits a call at this rate: complexity 5, no spare copies, always sending.
    #[must_use]
    pub const fn at(rate: u32) -> Self {
        Self { rate, bitrate: None, complexity: 5, fec: false, expected_loss: 0, dtx: false }
    }
}

/// Turns the sound of one direction of a call into payloads. It allocates when it is opened and never after.
pub struct Encoder {
    codec: Codec,
    rate: u32,
    state: State,
}

enum State {
    Opus(opus::Encoder),
    G722(Box<G722Encoder>),
    Pcma,
    Pcmu,
    Gsm(Box<gsm::Encoder>),
    L16,
    #[cfg(feature = "g729")]
    G729(super::g729::Encoder),
}

impl Encoder {
    /// Opens an encoder.
    ///
    /// # Errors
    ///
    /// The codec is not in this build, or does not open at this rate.
    pub fn new(codec: Codec, options: &EncoderOptions) -> Result<Self, CodecError> {
        if !codec.is_available() {
            return Err(CodecError::Unavailable(codec.name()));
        }
        if !codec.opens_at(options.rate) {
            return Err(CodecError::Rate { codec: codec.name(), rate: options.rate });
        }
        let state = match codec {
            Codec::Opus => State::Opus(open_opus(options).map_err(|_| CodecError::Failed)?),
            Codec::G722 => State::G722(Box::new(G722Encoder::new())),
            Codec::Pcma => State::Pcma,
            Codec::Pcmu => State::Pcmu,
            Codec::Gsm => State::Gsm(Box::default()),
            Codec::L16 { .. } => State::L16,
            #[cfg(feature = "g729")]
            Codec::G729 => State::G729(super::g729::Encoder::new(options.dtx)?),
            #[cfg(not(feature = "g729"))]
            Codec::G729 => return Err(CodecError::Unavailable(codec.name())),
        };
        Ok(Self { codec, rate: options.rate, state })
    }

    /// Which codec this is.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Samples per second that it takes.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// Encodes `pcm` into one payload and says how many bytes it has. `Ok(0)`: there is nothing to send now, though time goes
    /// on (DTX).
    ///
    /// [`MAX_PAYLOAD`](super::MAX_PAYLOAD) bytes of room are enough for 20 ms of any codec.
    ///
    /// # Errors
    ///
    /// The samples do not make a packet (Opus: 2.5, 5, 10, 20, 40, 60, 80, 100 or 120 ms; others: whole frames of
    /// [`Codec::frame`]), or `out` is too small.
    pub fn encode(&mut self, pcm: &[i16], out: &mut [u8]) -> Result<usize, CodecError> {
        let samples = pcm.len();
        if samples == 0 || samples > MAX_SAMPLES || !samples.is_multiple_of(self.codec.frame(self.rate)) {
            return Err(CodecError::Length { samples });
        }
        let needed = self.most_bytes(samples);
        if out.len() < needed {
            return Err(CodecError::Room { needed, given: out.len() });
        }
        match &mut self.state {
            State::Opus(encoder) => {
                let bytes = encoder.encode(pcm, out).map_err(|_| CodecError::Length { samples })?;
                // Two bytes or less need not be sent (opus_encode).
                return Ok(if bytes > 2 { bytes } else { 0 });
            }
            State::G722(encoder) => {
                return encoder.encode_into(pcm, out).map_err(|_| CodecError::Failed);
            }
            State::Pcma => each(pcm, out, g711::encode_alaw),
            State::Pcmu => each(pcm, out, g711::encode_ulaw),
            State::Gsm(encoder) => encoder.encode(pcm, out),
            State::L16 => l16::encode(pcm, out),
            #[cfg(feature = "g729")]
            State::G729(encoder) => return Ok(encoder.encode(pcm, out)),
        }
        Ok(needed)
    }

    /// Changes how many packets in a hundred are likely to be lost; spare copies cost bits only where there is need. Codecs
    /// without spare copies ignore it.
    pub fn set_expected_loss(&mut self, percent: u8) {
        if let State::Opus(encoder) = &mut self.state {
            // It fails only outside 0 to 100.
            let _ = encoder.set_packet_loss_perc(i32::from(percent.min(100)));
        }
    }

    /// Changes the effort, 0 to 10. Codecs without a choice ignore it.
    pub fn set_complexity(&mut self, complexity: u8) {
        if let State::Opus(encoder) = &mut self.state {
            let _ = encoder.set_complexity(i32::from(complexity.min(10)));
        }
    }

    /// Changes the bits per second. Codecs without a choice ignore it.
    pub fn set_bitrate(&mut self, bitrate: u32) {
        if let State::Opus(encoder) = &mut self.state {
            let bits = i32::try_from(bitrate.clamp(6000, 510_000)).unwrap_or(510_000);
            let _ = encoder.set_bitrate(opus::Bitrate::Bits(bits));
        }
    }

    /// Samples at [`Encoder::rate`] that a decoder hears late because of this encoder: the *pre-skip* of a recording.
    #[must_use]
    pub fn lookahead(&mut self) -> usize {
        match &mut self.state {
            State::Opus(encoder) => {
                encoder.get_lookahead().ok().and_then(|samples| usize::try_from(samples).ok()).unwrap_or(0)
            }
            State::G722(_) => 22,
            State::Pcma | State::Pcmu | State::Gsm(_) | State::L16 => 0,
            #[cfg(feature = "g729")]
            State::G729(_) => 40,
        }
    }

    const fn most_bytes(&self, samples: usize) -> usize {
        match self.codec {
            // Less would do, and libopus lowers its bitrate to fit; nothing at all does not.
            Codec::Opus => 3,
            Codec::G722 => samples / 2 + 1,
            Codec::Pcma | Codec::Pcmu => samples,
            Codec::Gsm => samples / gsm::FRAME_SAMPLES * gsm::FRAME_BYTES,
            Codec::L16 { .. } => samples * 2,
            Codec::G729 => samples / 8,
        }
    }
}

fn each(pcm: &[i16], out: &mut [u8], encode: impl Fn(i16) -> u8) {
    for (byte, &sample) in out.iter_mut().zip(pcm) {
        *byte = encode(sample);
    }
}

fn open_opus(options: &EncoderOptions) -> opus::Result<opus::Encoder> {
    let mut encoder = opus::Encoder::new(options.rate, opus::Channels::Mono, opus::Application::Voip)?;
    encoder.set_complexity(i32::from(options.complexity.min(10)))?;
    encoder.set_inband_fec(options.fec)?;
    encoder.set_packet_loss_perc(i32::from(options.expected_loss.min(100)))?;
    encoder.set_dtx(options.dtx)?;
    if let Some(bitrate) = options.bitrate {
        let bits = i32::try_from(bitrate.clamp(6000, 510_000)).unwrap_or(510_000);
        encoder.set_bitrate(opus::Bitrate::Bits(bits))?;
    }
    Ok(encoder)
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Encoder({} at {} Hz)", self.codec, self.rate)
    }
}
