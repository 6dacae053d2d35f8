//! From the moment at which both ends have the key to the first sound that each hears of the other.
//!
//! The person's app is the library, unmodified. It calls Tandem and is called by Tandem; behind Tandem stands a SIP phone,
//! whose way counts in. Beside it, in the same run, the library calls itself. For all of them sound is what is loud enough,
//! and it is heard where it stands in the piece of sound that was handed over, from that moment on.

use super::super::media::load::Load;
use super::process::{Process, Said, SignalLine};
use super::sip::SipEnd;
use super::voice::{Ear, Moments, Mouth};
use crate::tools::clock::now;
use crate::tools::drive::percentile;
use crate::tools::figures::{Report, Target, say};
use anyhow::Result;
use audio::codec::Codec;
use std::path::Path;
use std::sync::PoisonError;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};
use tgcalls::key::{CallKey, Role};

/// The library gives up after ten seconds.
const PATIENCE: Duration = Duration::from_secs(12);

/// How often what the phone hears is looked at.
const STEP: Duration = Duration::from_millis(2);

/// Which is which among the two ends of a call.
const HERE: usize = 0;
const THERE: usize = 1;

/// Milliseconds until the caller heard, and until the callee heard, of many calls.
type Times = [Vec<f64>; 2];

/// Whoever stands at one end.
enum End<'a> {
    Tandem(&'a Process),
    Library(&'a Process),
}

/// Measures both roles.
pub(super) fn measure(report: &mut Report, python: &Path) -> Result<()> {
    let rounds = if report.quick { 3 } else { 60 };
    let (tandem, app, other) =
        (Process::tandem()?, Process::library_app(python)?, Process::library_app(python)?);
    let [mut itself, mut calls, mut called] = [(); 3].map(|()| Times::default());
    for round in 0..rounds {
        // In turns, so that a busy moment of the machine is everybody's.
        let number = |which: u32| round * 3 + which + 1;
        call(number(0), &End::Library(&other), &End::Library(&app), &mut itself)?;
        call(number(1), &End::Tandem(&tandem), &End::Library(&app), &mut calls)?;
        call(number(2), &End::Library(&app), &End::Tandem(&tandem), &mut called)?;
    }
    for (who, times) in [("Tandem calls", &calls), ("Tandem is called", &called)] {
        for (role, name) in ["the caller hears", "the callee hears"].into_iter().enumerate() {
            for percent in [50, 99] {
                let theirs = percentile(&mut itself[role].clone(), percent);
                let ours = percentile(&mut times[role].clone(), percent);
                let what = format!("first sound, {who}, {name}, p{percent}");
                report.add(what, ours, "ms", Some(theirs / ours), Target::RatioAtLeast(1.0));
            }
        }
    }
    for (role, name) in ["the caller hears", "the callee hears"].into_iter().enumerate() {
        for percent in [50, 99] {
            let theirs = percentile(&mut itself[role].clone(), percent);
            report.add(
                format!("first sound, ntgcalls alone, {name}, p{percent}"),
                theirs,
                "ms",
                None,
                Target::None,
            );
        }
    }
    Ok(())
}

/// One call; it is ended once both have heard the other.
fn call(number: u32, caller: &End<'_>, callee: &End<'_>, times: &mut Times) -> Result<()> {
    let key = CallKey::new(rand::random::<[[u8; 32]; 8]>().as_flattened().try_into()?);
    let (listener, said) = channel();
    let begun = now();
    // The callee first: it waits for the caller.
    let mut there = Side::begin(callee, number, Role::Callee, &key, (THERE, &listener))?;
    let mut here = Side::begin(caller, number, Role::Caller, &key, (HERE, &listener))?;
    while here.heard().is_none() || there.heard().is_none() {
        if begun.elapsed() > PATIENCE {
            say("  a call stayed silent one way, and does not count");
            break;
        }
        match said.recv_timeout(STEP) {
            Ok((HERE, said)) => here.take(said, &there)?,
            Ok((_, said)) => there.take(said, &here)?,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
        }
    }
    if let (Some(here), Some(there)) = (here.heard(), there.heard()) {
        for (times, at) in times.iter_mut().zip([here, there]) {
            times.push(at.saturating_duration_since(begun).as_secs_f64() * 1000.0);
        }
    }
    here.end();
    there.end();
    Ok(())
}

/// One end of a call that goes on.
struct Side<'a> {
    process: &'a Process,
    number: u32,
    signal: SignalLine,
    /// Behind Tandem.
    phone: Option<SipEnd>,
    load: Option<Load>,
    heard: Moments,
}

impl<'a> Side<'a> {
    fn begin(
        end: &End<'a>,
        number: u32,
        role: Role,
        key: &CallKey,
        listener: (usize, &Sender<(usize, Said)>),
    ) -> Result<Self> {
        let heard = Moments::default();
        let (process, phone) = match end {
            End::Library(process) => (*process, None),
            End::Tandem(process) => {
                let ear = Ear::onsets(Codec::Pcma, &heard)?;
                (*process, Some(SipEnd::new(Mouth::tone(Codec::Pcma)?, ear)?))
            }
        };
        let port = phone.as_ref().map(SipEnd::port).transpose()?;
        process.call(number, role, key, port, listener);
        let signal = process.signals(number);
        Ok(Self { process, number, signal, phone, load: None, heard })
    }

    fn take(&mut self, said: Said, other: &Self) -> Result<()> {
        match said {
            Said::Signal(packet) => (other.signal)(&packet),
            Said::Heard(at) => self.heard.lock().unwrap_or_else(PoisonError::into_inner).push(at),
            Said::Rtp(port) => {
                if let Some(mut phone) = self.phone.take() {
                    phone.reach(port);
                    self.load = Some(Load::attentive(vec![Box::new(phone)])?);
                }
            }
            Said::Connected => {}
        }
        Ok(())
    }

    fn heard(&self) -> Option<Instant> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).first().copied()
    }

    fn end(self) {
        self.process.end(self.number);
        if let Some(load) = self.load {
            load.end();
        }
    }
}
