//! The media engine's figures: calls a core beside rtpengine, delay added, what forward error correction is worth, and
//! whether memory stays flat.
//!
//! Calls a core are measured, not reached: so many calls run for some seconds, and the CPU time of the media thread (of the
//! process, for rtpengine) tells how many would fill a core. That is fair on a machine that does other work at the same time.

mod browser;
pub(crate) mod calls;

mod delay;
pub(crate) mod load;
mod loss;
mod rtpengine;
mod soak;
pub(crate) mod speech;

use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::Codec;
use calls::Leg;
use std::time::Duration;

/// Measures. Nothing here waits in a task: far ends and engine have threads of their own.
pub(crate) fn measure(report: &mut Report, soak: Option<Duration>) -> Result<()> {
    let (count, seconds) = if report.quick { (20, 3) } else { (100, 10) };
    let time = Duration::from_secs(seconds);
    for far in [Codec::Pcma, Codec::G722] {
        let name = far.name();
        let theirs = rtpengine::calls_per_core(far, count.min(20), time)?;
        if let Some(theirs) = theirs {
            report.add(format!("rtpengine, Opus to {name}"), theirs, "calls/core", None, Target::None);
        } else {
            say("rtpengine is not installed: no ratio");
        }
        let target = if far == Codec::Pcma { Target::ValueAtLeast(200.0) } else { Target::None };
        for leg in [Leg::Rtp, Leg::Browser] {
            let ours = calls::per_core(leg, far, count, time)?;
            let ratio = theirs.map(|theirs| ours.calls_per_core / theirs);
            let with = match leg {
                Leg::Rtp => "RTP",
                Leg::Browser => "browser (ICE, DTLS-SRTP)",
            };
            let name = format!("Tandem, Opus by {with} to {name}");
            report.add(name, ours.calls_per_core, "calls/core", ratio, target);
            if ours.dropped > 0 || ours.missing > 0.01 {
                say(&format!(
                    "  {} overruns, {} frames dropped, {:.2} % of packets missing",
                    ours.overruns,
                    ours.dropped,
                    ours.missing * 100.0
                ));
            }
        }
    }
    let through = calls::per_core(Leg::Rtp, Codec::Opus, count, time)?;
    report.add("Tandem, Opus passed through", through.calls_per_core, "calls/core", None, Target::None);
    delay::measure(report)?;
    loss::measure(report)?;
    let soak = soak.unwrap_or(Duration::from_secs(if report.quick { 5 } else { 60 }));
    soak::measure(report, soak)
}

/// Reads `30s`, `10m` or `1h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let units = [('s', 1), ('m', 60), ('h', 3600)];
    let parsed = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(*unit)?.parse().ok()?;
        Some(Duration::from_secs(number * seconds))
    });
    parsed.ok_or_else(|| "write 30s, 10m or 1h".to_owned())
}
