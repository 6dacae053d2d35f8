//! From payloads to sound, and to something bearable where a payload is missing.

use super::error::CodecError;
use super::{Codec, MAX_SAMPLES, g711, gsm, l16};
use crate::conceal::Concealer;
use audio_codec::Decoder as _;
use audio_codec::g722::G722Decoder;

/// Turns the payloads of one direction of a call into sound. It allocates when it is opened and never after.
pub struct Decoder {
    codec: Codec,
    rate: u32,
    state: State,
}

enum State {
    Opus(opus::Decoder),
    G722(Box<G722Decoder>, Concealer),
    Pcma(Concealer),
    Pcmu(Concealer),
    Gsm(Box<gsm::Decoder>, Concealer),
    L16(Concealer),
    #[cfg(feature = "g729")]
    G729(super::g729::Decoder),
}

impl Decoder {
    /// Opens a decoder that gives `rate` samples per second.
    ///
    /// # Errors
    ///
    /// The codec is not in this build, or does not open at this rate.
    pub fn new(codec: Codec, rate: u32) -> Result<Self, CodecError> {
        if !codec.is_available() {
            return Err(CodecError::Unavailable(codec.name()));
        }
        if !codec.opens_at(rate) {
            return Err(CodecError::Rate { codec: codec.name(), rate });
        }
        let state = match codec {
            Codec::Opus => {
                State::Opus(opus::Decoder::new(rate, opus::Channels::Mono).map_err(|_| CodecError::Failed)?)
            }
            Codec::G722 => State::G722(Box::new(G722Decoder::new()), Concealer::new(rate)),
            Codec::Pcma => State::Pcma(Concealer::new(rate)),
            Codec::Pcmu => State::Pcmu(Concealer::new(rate)),
            Codec::Gsm => State::Gsm(Box::default(), Concealer::new(rate)),
            Codec::L16 { .. } => State::L16(Concealer::new(rate)),
            #[cfg(feature = "g729")]
            Codec::G729 => State::G729(super::g729::Decoder::new()?),
            #[cfg(not(feature = "g729"))]
            Codec::G729 => return Err(CodecError::Unavailable(codec.name())),
        };
        Ok(Self { codec, rate, state })
    }

    /// Which codec this is.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// Samples per second that it gives.
    #[must_use]
    pub const fn rate(&self) -> u32 {
        self.rate
    }

    /// Decodes a payload and says how many samples it gave. [`MAX_SAMPLES`] of room are enough for any Opus packet.
    ///
    /// # Errors
    ///
    /// The payload is empty or damaged (conceal then), or `out` is too small; nothing was decoded.
    pub fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Result<usize, CodecError> {
        let ticks = self.codec.ticks(payload).ok_or(CodecError::Payload)?;
        let needed = self.codec.samples(ticks, self.rate);
        let given = out.len();
        let out = out.get_mut(..needed).ok_or(CodecError::Room { needed, given })?;
        match &mut self.state {
            State::Opus(decoder) => {
                return decoder.decode(payload, out, false).map_err(|_| CodecError::Payload);
            }
            State::G722(decoder, concealer) => {
                decoder.decode_into(payload, out).map_err(|_| CodecError::Payload)?;
                concealer.heard(out);
            }
            State::Pcma(concealer) => {
                each(payload, out, g711::decode_alaw);
                concealer.heard(out);
            }
            State::Pcmu(concealer) => {
                each(payload, out, g711::decode_ulaw);
                concealer.heard(out);
            }
            State::Gsm(decoder, concealer) => {
                decoder.decode(payload, out)?;
                concealer.heard(out);
            }
            State::L16(concealer) => {
                l16::decode(payload, out);
                concealer.heard(out);
            }
            #[cfg(feature = "g729")]
            State::G729(decoder) => decoder.decode(payload, out),
        }
        Ok(needed)
    }

    /// Fills `out` with the sound of a lost packet, taken from the spare copy in `next_payload`, the packet after it. `out` is
    /// as long as the lost packet was. Decode `next_payload` itself afterwards, as if nothing had happened.
    ///
    /// Where there is no such copy this conceals.
    pub fn decode_fec(&mut self, next_payload: &[u8], out: &mut [i16]) {
        if self.codec.has_fec(next_payload)
            && out.len() <= MAX_SAMPLES
            && out.len().is_multiple_of(self.codec.frame(self.rate))
            && let State::Opus(decoder) = &mut self.state
            && decoder.decode(next_payload, out, true).is_ok_and(|samples| samples == out.len())
        {
            return;
        }
        self.conceal(out);
    }

    /// Fills `out` with what might have been said: the last sound goes on, and fades away within a tenth of a second or so.
    pub fn conceal(&mut self, out: &mut [i16]) {
        match &mut self.state {
            State::Opus(decoder) => conceal_opus(decoder, self.rate as usize / 400, out),
            State::G722(_, concealer)
            | State::Pcma(concealer)
            | State::Pcmu(concealer)
            | State::Gsm(_, concealer)
            | State::L16(concealer) => concealer.conceal(out),
            #[cfg(feature = "g729")]
            State::G729(decoder) => decoder.conceal(out),
        }
    }
}

/// libopus conceals whole steps of 2.5 ms, at most 120 ms at once; a remainder is silent.
fn conceal_opus(decoder: &mut opus::Decoder, step: usize, out: &mut [i16]) {
    let whole = out.len() - out.len() % step;
    let (steps, remainder) = out.split_at_mut(whole);
    remainder.fill(0);
    for piece in steps.chunks_mut(step * 8) {
        if !decoder.decode(&[], piece, false).is_ok_and(|samples| samples == piece.len()) {
            piece.fill(0);
        }
    }
}

fn each(payload: &[u8], out: &mut [i16], decode: impl Fn(u8) -> i16) {
    for (sample, &byte) in out.iter_mut().zip(payload) {
        *sample = decode(byte);
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Decoder({} at {} Hz)", self.codec, self.rate)
    }
}
