//! Typical work, to be timed by whoever has a clock: what codecs and bridges cost for each second of sound.
//!
//! ```
//! use audio::codec::{Codec, EncoderOptions};
//! use audio::workload::Bridge;
//!
//! let mut bridge = Bridge::new(Codec::Opus, Codec::Pcma, &EncoderOptions::at(8000))?;
//! // Time this: one second of both directions.
//! bridge.second();
//! # Ok::<(), audio::codec::CodecError>(())
//! ```

use crate::codec::{Codec, CodecError, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD, MAX_SAMPLES};
use crate::playout::Playout;
use crate::resample::Resampler;
use crate::tone::Sine;
use std::hint::black_box;
use std::time::Duration;

/// Packets of a second.
const PACKETS: usize = 50;

/// Something like a voice, half of the time: a gliding pitch with overtones in moving formants, and hissing between.
#[must_use]
pub fn voice(rate: u32, seconds: u32) -> Vec<i16> {
    let mut pcm = Vec::with_capacity((rate * seconds) as usize);
    let mut seed = 1_u32;
    for syllable in 0..seconds * 4 {
        let pitch = 110.0 + 30.0 * ((syllable * 7 % 5) as f32);
        let formant = 400.0 + 250.0 * ((syllable * 11 % 7) as f32);
        let mut overtones: Vec<(Sine, f32)> = (1..16)
            .map(|n| pitch * n as f32)
            .filter(|hz| *hz < rate as f32 * 0.45)
            .map(|hz| (Sine::new(hz, rate), 4000.0 / (1.0 + ((hz - formant) / 300.0).powi(2)) + 100.0))
            .collect();
        let samples = rate / 4;
        for i in 0..samples {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 16) as f32 / 65536.0 - 0.5;
            let voiced: f32 = overtones.iter_mut().map(|(sine, gain)| sine.next_sample() * *gain).sum();
            let envelope = (std::f32::consts::PI * i as f32 / samples as f32).sin();
            let silent = syllable % 8 >= 4;
            let loud = if silent { 0.0 } else { envelope };
            pcm.push((voiced * loud + noise * (40.0 + 800.0 * loud * (syllable % 2) as f32)) as i16);
        }
    }
    pcm
}

/// Encoding in one direction.
#[derive(Debug)]
pub struct Encoding {
    encoder: Encoder,
    voice: Vec<i16>,
    at: usize,
}

impl Encoding {
    /// With these options.
    ///
    /// # Errors
    ///
    /// As [`Encoder::new`].
    pub fn new(codec: Codec, options: &EncoderOptions) -> Result<Self, CodecError> {
        Ok(Self { encoder: Encoder::new(codec, options)?, voice: voice(options.rate, 8), at: 0 })
    }

    /// Encodes the next second.
    pub fn second(&mut self) {
        let mut payload = [0; MAX_PAYLOAD];
        for _ in 0..PACKETS {
            let pcm = piece(&self.voice, &mut self.at, self.encoder.rate());
            let _ = black_box(self.encoder.encode(pcm, &mut payload));
        }
    }
}

/// Decoding in one direction.
#[derive(Debug)]
pub struct Decoding {
    decoder: Decoder,
    payloads: Vec<Vec<u8>>,
    at: usize,
}

impl Decoding {
    /// Decodes at `rate` what was encoded with these options.
    ///
    /// # Errors
    ///
    /// As [`Encoder::new`] and [`Decoder::new`].
    pub fn new(codec: Codec, options: &EncoderOptions, rate: u32) -> Result<Self, CodecError> {
        Ok(Self { decoder: Decoder::new(codec, rate)?, payloads: payloads(codec, options)?, at: 0 })
    }

    /// Decodes the next second.
    pub fn second(&mut self) {
        let mut pcm = [0; MAX_SAMPLES];
        for _ in 0..PACKETS {
            let payload = &self.payloads[self.at % self.payloads.len()];
            self.at += 1;
            let _ = black_box(self.decoder.decode(payload, &mut pcm));
        }
    }
}

/// Resampling in one direction.
#[derive(Debug)]
pub struct Resampling {
    resampler: Resampler,
    voice: Vec<i16>,
    at: usize,
    out: Vec<i16>,
}

impl Resampling {
    /// From one rate to another.
    #[must_use]
    pub fn new(from: u32, to: u32) -> Self {
        Self {
            resampler: Resampler::new(from, to),
            voice: voice(from, 8),
            at: 0,
            out: vec![0; to as usize / PACKETS + 1],
        }
    }

    /// Resamples the next second.
    pub fn second(&mut self) {
        for _ in 0..PACKETS {
            let pcm = piece(&self.voice, &mut self.at, self.resampler.from_rate());
            black_box(self.resampler.resample(pcm, &mut self.out));
        }
    }
}

/// Both directions of a call between two codecs, with a jitter buffer on either side, opened at a rate that both know.
#[derive(Debug)]
pub struct Bridge {
    ways: [Way; 2],
    packet: u32,
}

#[derive(Debug)]
struct Way {
    incoming: Vec<Vec<u8>>,
    playout: Playout,
    encoder: Encoder,
}

impl Bridge {
    /// Between these codecs; both open at `options.rate`, and options apply to either. What comes in over Opus is as a full band
    /// phone sends it, at 48 kHz.
    ///
    /// # Errors
    ///
    /// One of them is not available, or does not open at the rate.
    pub fn new(one: Codec, other: Codec, options: &EncoderOptions) -> Result<Self, CodecError> {
        let way = |from: Codec, to: Codec| {
            let sent = EncoderOptions { bitrate: Some(24_000), ..EncoderOptions::at(from.native_rate()) };
            Ok(Way {
                incoming: payloads(from, &sent)?,
                playout: Playout::new(from, options.rate)?,
                encoder: Encoder::new(to, options)?,
            })
        };
        Ok(Self { ways: [way(one, other)?, way(other, one)?], packet: 0 })
    }

    /// Plays the next second of both directions.
    pub fn second(&mut self) {
        for _ in 0..PACKETS {
            for way in &mut self.ways {
                way.tick(self.packet);
            }
            self.packet = self.packet.wrapping_add(1);
        }
    }
}

impl Way {
    fn tick(&mut self, packet: u32) {
        let now = Duration::from_millis(20) * packet;
        let payload = &self.incoming[packet as usize % self.incoming.len()];
        let ticks = self.playout.codec().clock_rate() / PACKETS as u32;
        self.playout.put(packet as u16, packet.wrapping_mul(ticks), 0, payload, now);
        let (mut pcm, mut out) = ([0; MAX_SAMPLES], [0; MAX_PAYLOAD]);
        let pcm = &mut pcm[..self.playout.rate() as usize / PACKETS];
        self.playout.pull(pcm, now);
        let _ = black_box(self.encoder.encode(pcm, &mut out));
    }
}

/// Eight seconds of voice, encoded.
fn payloads(codec: Codec, options: &EncoderOptions) -> Result<Vec<Vec<u8>>, CodecError> {
    let mut encoder = Encoder::new(codec, options)?;
    let mut out = [0; MAX_PAYLOAD];
    voice(options.rate, 8)
        .chunks_exact(options.rate as usize / PACKETS)
        .map(|pcm| encoder.encode(pcm, &mut out).map(|length| out[..length].to_vec()))
        .collect()
}

/// The next 20 ms, round and round.
fn piece<'a>(voice: &'a [i16], at: &mut usize, rate: u32) -> &'a [i16] {
    let length = rate as usize / PACKETS;
    let begin = *at;
    *at = if begin + 2 * length > voice.len() { 0 } else { begin + length };
    &voice[begin..begin + length]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_that_meets_at_a_rate_can_be_bridged() {
        for (one, other, rate) in [
            (Codec::Opus, Codec::Pcma, 8000),
            (Codec::Opus, Codec::G722, 16000),
            (Codec::Opus, Codec::Gsm, 8000),
            (Codec::Pcma, Codec::Pcmu, 8000),
        ] {
            let mut bridge = Bridge::new(one, other, &EncoderOptions::at(rate)).unwrap();
            bridge.second();
            bridge.second();
            for way in &bridge.ways {
                assert_eq!(way.playout.statistics().received, 100);
                assert_eq!(way.playout.statistics().lost, 0);
            }
        }
    }
}
