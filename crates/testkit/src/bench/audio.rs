//! What codecs cost for each second of sound, and how many calls between two of them one core carries: coding, concealment and
//! jitter buffer, without network and encryption, which `media` measures.

use crate::tools::clock::now;
use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::{Codec, EncoderOptions};
use audio::workload::{Bridge, Decoding, Encoding, Resampling};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Complexities worth knowing: under overload, usual, best.
const COMPLEXITIES: [u8; 3] = [0, 5, 10];

/// Measures all of it.
///
/// # Errors
///
/// A codec does not open.
pub(crate) fn measure(report: &mut Report) -> Result<()> {
    say("one direction, for each second of sound");
    for codec in Codec::ALL.into_iter().filter(|codec| codec.is_available() && *codec != Codec::Opus) {
        one_direction(report, codec, &EncoderOptions::at(codec.native_rate()), "")?;
    }
    for rate in [8000, 16000, 48000] {
        for complexity in COMPLEXITIES {
            let options = EncoderOptions { complexity, ..EncoderOptions::at(rate) };
            one_direction(report, Codec::Opus, &options, &format!(", complexity {complexity}"))?;
        }
        let options = EncoderOptions { fec: true, expected_loss: 10, ..EncoderOptions::at(rate) };
        one_direction(report, Codec::Opus, &options, ", complexity 5, FEC for 10 %")?;
    }
    let full = EncoderOptions { bitrate: Some(24_000), ..EncoderOptions::at(48000) };
    for rate in [8000, 16000] {
        let mut decoding = Decoding::new(Codec::Opus, &full, rate)?;
        let spent = micros(report.quick, || decoding.second());
        report.add(format!("decode Opus of 48 kHz at {rate} Hz"), spent, "µs/s", None, Target::None);
    }
    for (from, to) in [(8000, 48000), (48000, 8000), (16000, 48000), (48000, 16000), (8000, 16000)] {
        let mut resampling = Resampling::new(from, to);
        let spent = micros(report.quick, || resampling.second());
        report.add(format!("resample {from} to {to} Hz"), spent, "µs/s", None, Target::None);
    }
    bridges(report)
}

fn one_direction(report: &mut Report, codec: Codec, options: &EncoderOptions, how: &str) -> Result<()> {
    let rate = options.rate;
    let mut encoding = Encoding::new(codec, options)?;
    let spent = micros(report.quick, || encoding.second());
    report.add(format!("encode {codec} at {rate} Hz{how}"), spent, "µs/s", None, Target::None);
    let mut decoding = Decoding::new(codec, options, rate)?;
    let spent = micros(report.quick, || decoding.second());
    report.add(format!("decode {codec} at {rate} Hz{how}"), spent, "µs/s", None, Target::None);
    Ok(())
}

fn bridges(report: &mut Report) -> Result<()> {
    say("both directions of a call");
    for (one, other, rate) in [
        (Codec::Opus, Codec::Pcma, 8000),
        (Codec::Opus, Codec::Gsm, 8000),
        (Codec::Opus, Codec::G722, 16000),
        (Codec::Pcma, Codec::Gsm, 8000),
        (Codec::Pcma, Codec::Pcmu, 8000),
    ] {
        let opus = one == Codec::Opus;
        for complexity in if opus { &COMPLEXITIES[..2] } else { &[5] } {
            for fec in if opus { &[false, true][..] } else { &[false] } {
                let (complexity, fec) = (*complexity, *fec);
                let options = EncoderOptions {
                    complexity,
                    fec,
                    expected_loss: if fec { 10 } else { 0 },
                    ..EncoderOptions::at(rate)
                };
                let mut bridge = Bridge::new(one, other, &options)?;
                let spent = micros(report.quick, || bridge.second());
                let how = match (opus, fec) {
                    (false, _) => String::new(),
                    (true, false) => format!(", complexity {complexity}"),
                    (true, true) => format!(", complexity {complexity}, FEC"),
                };
                // The goal of the whole engine, which has more to do than this.
                let is_goal = other == Codec::Pcma && complexity == 5 && !fec;
                let target = if is_goal { Target::ValueAtLeast(200.0) } else { Target::None };
                report.add(format!("{one} and {other}{how}"), 1e6 / spent, "calls/core", None, target);
            }
        }
    }
    Ok(())
}

/// Microseconds of a core that a second of sound takes: the best of several runs, each long enough for the kernel's coarse count.
fn micros(quick: bool, mut second: impl FnMut()) -> f64 {
    let (runs, least) = if quick { (2, 0.05) } else { (5, 0.2) };
    second();
    let run = |_| {
        let (begin, mut seconds) = (spent(), 0.0);
        loop {
            (0..10).for_each(|_| second());
            seconds += 10.0;
            let took = (spent() - begin).as_secs_f64();
            if took > least {
                return took * 1e6 / seconds;
            }
        }
    };
    (0..runs).map(run).fold(f64::INFINITY, f64::min)
}

/// Time that this thread has had a core to itself, as Linux counts it: others may use the machine too. Elsewhere, the time that
/// has passed.
fn spent() -> Duration {
    static BEGIN: OnceLock<Instant> = OnceLock::new();
    let begin = *BEGIN.get_or_init(now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos.map_or_else(|| now() - begin, Duration::from_nanos)
}
