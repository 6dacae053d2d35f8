//! `cargo xtask bench`: figures as ratios to a peer or a physical limit, measured in the same run.

use crate::install::{self, Need};
use crate::ntgcalls;
use crate::peers;
use crate::process::{cargo, run, target};
use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use std::process::Command;

/// What to measure.
#[derive(Args)]
pub(crate) struct Options {
    /// Which figures.
    #[arg(required = true)]
    subjects: Vec<Subject>,
    /// Print JSON after the table.
    #[arg(long)]
    json: bool,
    /// Shorter and noisier: to see that everything runs.
    #[arg(long)]
    quick: bool,
    /// How long the soak of `media` lasts, as `30s`, `10m` or `1h`. A minute unless it is said.
    #[arg(long)]
    soak: Option<String>,
}

/// A group of figures.
#[derive(Clone, Copy, ValueEnum)]
enum Subject {
    /// Append, command, lag, replay, rebuild, gaps.
    Log,
    /// From an update to its reply.
    Bot,
    /// What codecs cost, and calls a core by pair.
    Audio,
    /// Registrations and calls a second, beside Kamailio and SIPp.
    Sip,
    /// Calls a core beside rtpengine, delay added, loss, memory.
    Media,
    /// Telegram calls beside a gateway written with ntgcalls: cost, delay, first sound.
    Telegram,
}

/// Measures.
///
/// # Errors
///
/// The build or a measurement fails.
pub(crate) fn bench(options: &Options) -> Result<()> {
    install::ensure(install::FOR_BUILDING)?;
    if options.subjects.iter().any(|subject| matches!(subject, Subject::Media)) {
        install::ensure(peers::FOR_MEASURING)?;
    }
    if options.subjects.iter().any(|subject| matches!(subject, Subject::Sip)) {
        install::ensure(peers::FOR_CALLS)?;
    }
    let needs: Vec<&Need> =
        install::FOR_TESTS.iter().filter(|need| need.name.starts_with("PostgreSQL")).collect();
    for need in needs {
        install::ensure(std::slice::from_ref(need))?;
    }
    let build = ["build", "--release", "--locked", "-p", "app", "-p", "testkit", "--bins"];
    run("build with optimisations", &mut cargo(&build))?;
    for subject in &options.subjects {
        let mut bench = Command::new(target().join("release/tandem-bench"));
        bench.arg(match subject {
            Subject::Log => "log",
            Subject::Bot => "bot",
            Subject::Audio => "audio",
            Subject::Sip => "sip",
            Subject::Media => "media",
            Subject::Telegram => "telegram",
        });
        if let Subject::Telegram = subject {
            bench.env(ntgcalls::VARIABLE, ntgcalls::python()?);
        }
        if let (Subject::Media, Some(soak)) = (subject, &options.soak) {
            bench.args(["--soak", soak.as_str()]);
        }
        if options.json {
            bench.arg("--json");
        }
        if options.quick {
            bench.arg("--quick");
        }
        let status = bench.status().context("start tandem-bench")?;
        if !status.success() {
            bail!("the measurement ended with {status}");
        }
    }
    Ok(())
}
