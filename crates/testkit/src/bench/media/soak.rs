//! Calls for a long time: memory stays where it is.

use super::Duration;
use super::calls::{Calls, Leg};
use super::load::wait;
use crate::tools::clock::now;
use crate::tools::cpu;
use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::Codec;

/// Half of what a core should carry.
const CALLS: usize = 100;

/// Runs calls at half load; the last tenth's memory is held against that after the first tenth.
pub(super) fn measure(report: &mut Report, time: Duration) -> Result<()> {
    let count = if report.quick { CALLS / 5 } else { CALLS };
    say(&format!("soak: {count} calls for {} s", time.as_secs()));
    let calls = Calls::begin(Leg::Browser, Codec::Pcma, count)?;
    wait(Duration::from_secs(3).max(time / 10));
    let (early, begin) = (cpu::resident(), now());
    let mut latest = early;
    while now().saturating_duration_since(begin) < time * 9 / 10 {
        wait((time / 10).min(Duration::from_secs(60)));
        latest = cpu::resident();
        say(&format!("  {:.1} MB", latest as f64 / 1e6));
    }
    let load = calls.engine.load();
    calls.end();
    let ratio = latest as f64 / early as f64;
    let name = format!("memory after {} s of {count} calls", time.as_secs());
    report.add(name, latest as f64 / 1e6, "MB", Some(ratio), Target::None);
    report.add("memory grew by", (ratio - 1.0) * 100.0, "%", None, Target::ValueAtMost(5.0));
    report.add("frames dropped in the soak", load.dropped as f64, "", None, Target::None);
    Ok(())
}
