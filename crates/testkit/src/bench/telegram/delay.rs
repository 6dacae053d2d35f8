//! How much later a sound leaves a gateway than it came, beyond the time of a packet.

use super::super::media::load::{Load, wait};
use super::app::AppEnd;
use super::process::{Line, Process};
use super::sip::SipEnd;
use super::voice::{Ear, Moments, Mouth};
use crate::tools::drive::percentile;
use crate::tools::figures::{Report, Target};
use anyhow::Result;
use audio::codec::Codec;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::channel;
use std::time::Duration;
use tgcalls::key::{CallKey, Role};

/// Measures both directions of one call, ours after the library's.
pub(super) fn measure(report: &mut Report, python: Option<&Path>) -> Result<()> {
    let time = Duration::from_secs(if report.quick { 6 } else { 30 });
    let theirs = python.map(|python| run(&Process::library_gateway(python)?, time)).transpose()?;
    let ours = run(&Process::tandem()?, time)?;
    for (place, name) in ["PCMA to Telegram", "Telegram to PCMA"].into_iter().enumerate() {
        for percent in [50, 99] {
            let theirs = theirs.clone().map(|mut it| percentile(&mut it[place], percent));
            if let Some(theirs) = theirs {
                let what = format!("ntgcalls gateway: delay added, {name}, p{percent}");
                report.add(what, theirs, "ms", None, Target::None);
            }
            let ours = percentile(&mut ours[place].clone(), percent);
            let target = if percent == 50 { Target::ValueAtMost(30.0) } else { Target::None };
            let what = format!("Tandem: delay added, {name}, p{percent}");
            report.add(what, ours, "ms", theirs.map(|theirs| theirs / ours), target);
        }
    }
    Ok(())
}

/// Milliseconds from each burst's leaving one far end to its coming to the other, by direction.
fn run(gateway: &Process, time: Duration) -> Result<[Vec<f64>; 2]> {
    let key = CallKey::new([5; 256]);
    let [from_sip, to_app, from_app, to_sip] = [(); 4].map(|()| Moments::default());
    let mouth = Mouth::bursts(Codec::Pcma, &from_sip)?;
    let mut phone = SipEnd::new(mouth, Ear::onsets(Codec::Pcma, &to_sip)?)?;
    let (listener, said) = channel();
    gateway.call(1, Role::Callee, &key, Some(phone.port()?), (0, &listener));
    let (line, port) = Line::await_port(said)?;
    phone.reach(port);
    let voice = (Mouth::bursts(Codec::Opus, &from_app)?, Ear::onsets(Codec::Opus, &to_app)?);
    let app = AppEnd::new(Role::Caller, key, voice, line, gateway.signals(1))?;
    let load = Load::attentive(vec![Box::new(phone), Box::new(app)])?;
    wait(time);
    load.end();
    Ok([delays(&from_sip, &to_app), delays(&from_app, &to_sip)])
}

/// The first seconds are left out: jitter buffers are learning.
fn delays(sent: &Moments, heard: &Moments) -> Vec<f64> {
    let sent = sent.lock().unwrap_or_else(PoisonError::into_inner);
    let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
    let pairs = sent.iter().skip(6).filter_map(|sent| {
        let heard = heard.iter().find(|heard| *heard > sent)?;
        Some(heard.saturating_duration_since(*sent).as_secs_f64() * 1000.0)
    });
    pairs.filter(|delay| *delay < 480.0).collect()
}
