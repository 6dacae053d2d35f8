//! The media engine's figures: calls a core beside rtpengine, delay added, what forward error correction is worth, and
//! whether memory stays flat.
//!
//! Calls a core are measured, not reached: so many calls run for some seconds, and the CPU time of the media thread (of the
//! process, for rtpengine) tells how many would fill a core. That is fair on a machine that does other work at the same time.

mod browser;
mod calls;
mod cpu;
mod delay;
mod load;
mod loss;
mod rtpengine;
mod soak;
mod speech;

use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::Codec;
use calls::Leg;
use std::time::Duration;

/// What to measure.
pub(crate) struct Options {
    /// How long the soak lasts.
    pub(crate) soak: Duration,
}

/// Measures.
pub(crate) fn measure(report: &mut Report, options: &Options) -> Result<()> {
    let (count, seconds) = if report.quick { (20, 3) } else { (100, 10) };
    let time = Duration::from_secs(seconds);
    for far in [Codec::Pcma, Codec::G722] {
        let name = far.name();
        let theirs = rtpengine::calls_per_core(far, count.min(40), time)?;
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
    soak::measure(report, options.soak)
}
