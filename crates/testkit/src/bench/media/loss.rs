//! What forward error correction is worth: speech by Opus through a network that loses packets, with spare copies and
//! without.

use super::speech;
use crate::tools::figures::{Report, Target};
use anyhow::Result;
use audio::codec::{Codec, Decoder, Encoder, EncoderOptions, MAX_PAYLOAD};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

const RATE: u32 = 16_000;
const FRAME: usize = RATE as usize / 50;

struct Outcome {
    /// Share of lost packets that were played from a spare copy.
    recovered: f64,
    /// Segmental signal to noise against the same stream without loss, in dB: 35 is as good as none lost.
    quality: f64,
}

/// Measures.
pub(super) fn measure(report: &mut Report) -> Result<()> {
    for percent in [0, 1, 5, 10] {
        for fec in [false, true] {
            let outcome = listen(percent, fec)?;
            let with = if fec { "with" } else { "without" };
            let name = format!("{percent} % lost, {with} spare copies: quality");
            report.add(name, outcome.quality, "dB", None, Target::None);
            if fec && percent > 0 {
                let name = format!("{percent} % lost: recovered from spare copies");
                report.add(name, outcome.recovered * 100.0, "%", None, Target::None);
            }
        }
    }
    Ok(())
}

fn listen(percent: u8, fec: bool) -> Result<Outcome> {
    // As the engine does: bits for the copies where packets are lost.
    let bitrate = Some(if fec && percent > 0 { RATE * 2 } else { RATE * 3 / 2 });
    let options = EncoderOptions { fec, expected_loss: percent, bitrate, ..EncoderOptions::at(RATE) };
    let mut encoder = Encoder::new(Codec::Opus, &options)?;
    let mut packets = Vec::new();
    for piece in speech::speech(RATE).chunks_exact(FRAME) {
        let mut payload = [0; MAX_PAYLOAD];
        let length = encoder.encode(piece, &mut payload)?;
        packets.push(payload[..length].to_vec());
    }
    let (mut whole, mut torn) = (Decoder::new(Codec::Opus, RATE)?, Decoder::new(Codec::Opus, RATE)?);
    // The same losses in every run.
    let mut chance = StdRng::seed_from_u64(u64::from(percent));
    let (mut lost, mut recovered, mut quality, mut segments) = (0_u32, 0_u32, 0.0, 0_u32);
    for (number, packet) in packets.iter().enumerate() {
        let (mut good, mut heard) = ([0; FRAME], [0; FRAME]);
        whole.decode(packet, &mut good)?;
        if chance.random_range(0..100) < percent {
            lost += 1;
            let next = packets.get(number + 1).map_or(&[][..], Vec::as_slice);
            recovered += u32::from(Codec::Opus.has_fec(next));
            torn.decode_fec(next, &mut heard);
        } else {
            torn.decode(packet, &mut heard)?;
        }
        if audio::level::rms(&good) > 200.0 {
            segments += 1;
            quality += segment(&good, &heard);
        }
    }
    Ok(Outcome {
        recovered: f64::from(recovered) / f64::from(lost.max(1)),
        quality: quality / f64::from(segments.max(1)),
    })
}

/// Signal to noise of 20 ms, kept within what an ear tells apart.
fn segment(good: &[i16], heard: &[i16]) -> f64 {
    let energy = |value: f64| value * value;
    let signal: f64 = good.iter().map(|sample| energy(f64::from(*sample))).sum();
    let noise: f64 = good.iter().zip(heard).map(|(a, b)| energy(f64::from(*a) - f64::from(*b))).sum();
    (10.0 * (signal / noise.max(1.0)).log10()).clamp(-10.0, 35.0)
}
