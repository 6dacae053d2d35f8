//! Something like speech, made by calculation, the same in every run: voices with pitch and formants, hisses, pauses.

use audio::codec::{Codec, Encoder, EncoderOptions, MAX_PAYLOAD};

/// Seconds until it repeats.
const SECONDS: usize = 12;

/// Samples of speech.
pub(super) fn speech(rate: u32) -> Vec<i16> {
    let total = SECONDS * rate as usize;
    let mut noise = 0x2545_F491_u32;
    let mut resonators = [Resonator::default(); 3];
    let mut phase = 0.0_f32;
    let mut samples = Vec::with_capacity(total);
    for place in 0..total {
        let time = place as f32 / rate as f32;
        let syllable = (time * 4.2) as usize;
        // Every tenth syllable or so is a pause; two thirds are vowels.
        let kind = (syllable * 7 + 3) % 10;
        let within = (time * 4.2).fract();
        let envelope = (within * std::f32::consts::PI).sin();
        noise ^= noise << 13;
        noise ^= noise >> 17;
        noise ^= noise << 5;
        let hiss = (noise as f32 / u32::MAX as f32) - 0.5;
        let source = match kind {
            0..=2 => 0.0,
            3 | 4 => hiss * 0.5,
            _ => {
                phase += (110.0 + 30.0 * (time * 2.1).sin() + 15.0 * (syllable % 5) as f32) / rate as f32;
                if phase >= 1.0 {
                    phase -= 1.0;
                    1.0
                } else {
                    hiss * 0.02
                }
            }
        };
        let formants =
            [[500.0, 1500.0, 2500.0], [300.0, 2200.0, 3000.0], [700.0, 1100.0, 2600.0]][syllable % 3];
        let voice: f32 =
            resonators.iter_mut().zip(formants).map(|(r, hertz)| r.step(source, hertz, rate)).sum();
        samples.push((voice * envelope * 9000.0) as i16);
    }
    samples
}

/// Speech as payloads of 20 ms.
pub(crate) fn payloads(codec: Codec) -> Vec<Vec<u8>> {
    let rate = if codec == Codec::Opus { 48_000 } else { codec.native_rate() };
    // As browsers send: 32 kbit/s, mono.
    let options =
        EncoderOptions { bitrate: Some(32_000), complexity: 9, fec: true, ..EncoderOptions::at(rate) };
    let Ok(mut encoder) = Encoder::new(codec, &options) else { return Vec::new() };
    let mut payload = [0; MAX_PAYLOAD];
    let sound = speech(rate);
    let pieces = sound.chunks_exact(rate as usize / 50);
    pieces
        .filter_map(|piece| {
            let length = encoder.encode(piece, &mut payload).ok()?;
            Some(payload[..length].to_vec())
        })
        .collect()
}

#[derive(Clone, Copy, Default)]
struct Resonator {
    one: f32,
    two: f32,
}

impl Resonator {
    fn step(&mut self, input: f32, hertz: f32, rate: u32) -> f32 {
        let radius = (-std::f32::consts::PI * 90.0 / rate as f32).exp();
        let angle = std::f32::consts::TAU * hertz / rate as f32;
        let output =
            input * (1.0 - radius) + 2.0 * radius * angle.cos() * self.one - radius * radius * self.two;
        (self.two, self.one) = (self.one, output);
        output
    }
}
