//! What a call between Telegram and SIP costs a gateway: CPU and memory of its process.

use super::super::media::load::{FarEnd, Load, wait};
use super::app::AppEnd;
use super::process::{Line, Process};
use super::sip::SipEnd;
use super::voice::{Ear, Mouth, speech};
use crate::tools::cpu;
use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::Codec;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::time::Duration;
use tgcalls::key::{CallKey, Role};

/// How long calls may take to connect and settle before they are measured.
const SETTLE: Duration = Duration::from_secs(6);

/// How long the call lasts that comes before: what a process needs once, it then has.
const FIRST: Duration = Duration::from_secs(3);

/// What one gateway needs for so many calls.
struct Cost {
    /// Percent of a core for a call that carries sound both ways.
    cpu: f64,
    /// Kilobytes a call.
    memory: f64,
    /// Share of the sound that came out at the other side.
    delivered: f64,
}

/// Measures 1, 20 and 100 calls.
pub(super) fn measure(report: &mut Report, python: Option<&Path>) -> Result<()> {
    let time = Duration::from_secs(if report.quick { 3 } else { 15 });
    let counts: &[usize] = if report.quick { &[1, 4] } else { &[1, 20, 100] };
    for count in counts.iter().copied() {
        let theirs = python.map(|python| run(&Process::library_gateway(python)?, count, time)).transpose()?;
        let ours = run(&Process::tandem()?, count, time)?;
        let plural = if count == 1 { "call" } else { "calls" };
        if let Some(theirs) = &theirs {
            tell(report, &format!("ntgcalls gateway, {count} {plural}"), theirs, None);
        }
        tell(report, &format!("Tandem, {count} {plural}"), &ours, theirs.as_ref());
    }
    Ok(())
}

fn tell(report: &mut Report, who: &str, cost: &Cost, beside: Option<&Cost>) {
    let is_ours = who.starts_with("Tandem");
    let target = if is_ours { Target::ValueAtMost(1.5) } else { Target::None };
    let ratio = |of: fn(&Cost) -> f64| beside.map(|beside| of(beside) / of(cost));
    report.add(format!("{who}: CPU a call"), cost.cpu, "% of a core", ratio(|it| it.cpu), target);
    report.add(format!("{who}: memory a call"), cost.memory, "kB", ratio(|it| it.memory), Target::None);
    if cost.delivered < 0.98 {
        say(&format!("  {who}: {:.0} % of the sound came out", cost.delivered * 100.0));
    }
}

fn run(gateway: &Process, count: usize, time: Duration) -> Result<Cost> {
    let sound = Arc::new(AtomicU64::new(0));
    let first = begin(gateway, 1, 0, &sound)?;
    wait(FIRST);
    first.end();
    gateway.end(1);
    let idle = cpu::memory_of(gateway.id());
    let load = begin(gateway, count, 1, &sound)?;
    wait(SETTLE);
    let (before, heard) = (cpu::of_process(gateway.id()), sound.load(Ordering::Relaxed));
    wait(time);
    let spent = cpu::of_process(gateway.id()).saturating_sub(before);
    let heard = (sound.load(Ordering::Relaxed) - heard) as f64 / 1000.0;
    let memory = cpu::memory_of(gateway.id()).saturating_sub(idle);
    load.end();
    Ok(Cost {
        // A second of a call is a second of sound each way.
        cpu: spent.as_secs_f64() / (heard / 2.0) * 100.0,
        memory: memory as f64 / 1024.0 / count as f64,
        delivered: heard / (2.0 * count as f64 * time.as_secs_f64()),
    })
}

/// Begins so many calls; their numbers follow those that are taken.
fn begin(gateway: &Process, count: usize, taken: usize, sound: &Arc<AtomicU64>) -> Result<Load> {
    let (opus, pcma) = (speech(Codec::Opus), speech(Codec::Pcma));
    let mut ends: Vec<Box<dyn FarEnd>> = Vec::new();
    for number in 0..count {
        let key = CallKey::new(rand::random::<[[u8; 32]; 8]>().as_flattened().try_into()?);
        let ear = || Ear::Counts(Arc::clone(sound));
        let mut phone = SipEnd::new(Mouth::speech(&pcma, number), ear())?;
        let (listener, said) = channel();
        let name = u32::try_from(taken + number)? + 1;
        gateway.call(name, Role::Callee, &key, Some(phone.port()?), (0, &listener));
        let (line, port) = Line::await_port(said)?;
        phone.reach(port);
        let voice = (Mouth::speech(&opus, number), ear());
        let app = AppEnd::new(Role::Caller, key, voice, line, gateway.signals(name))?;
        ends.push(Box::new(phone));
        ends.push(Box::new(app));
    }
    Load::begin(ends)
}
