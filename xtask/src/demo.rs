//! `cargo xtask demo`: builds the platform and hands over to the box that runs it.

use crate::process::{cargo, run, say, target};
use crate::{install, ntgcalls};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use std::process::Command;

/// What a person may choose.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Do not open a browser; print one line of JSON when everything answers.
    #[arg(long)]
    headless: bool,
    /// Where the chat page listens on loopback; 0 takes a free port.
    #[arg(long, default_value_t = 8420)]
    port: u16,
    /// Where the demo keeps its data.
    #[arg(long, default_value = ".tandem/demo")]
    data: String,
    /// Forget everything first.
    #[arg(long)]
    fresh: bool,
    /// Use this PostgreSQL in place of the embedded SQLite.
    #[arg(long, value_name = "postgres://…")]
    database: Option<String>,
}

/// Builds and starts it.
///
/// # Errors
///
/// The build fails, or the demo does.
pub(crate) fn demo(options: &Options) -> Result<()> {
    install::ensure(install::FOR_BUILDING)?;
    let build =
        ["build", "--locked", "-p", "app", "-p", "testkit", "--bin", "tandem", "--bin", "tandem-demo"];
    run("build Tandem and its demo (a first build takes a few minutes)", &mut cargo(&build))?;
    let mut demo = Command::new(target().join("debug/tandem-demo"));
    demo.args(["--port", &options.port.to_string(), "--data", &options.data]);
    if options.headless {
        demo.arg("--headless");
    }
    if options.fresh {
        demo.arg("--fresh");
    }
    if let Some(database) = &options.database {
        demo.args(["--database", database]);
    }
    demo.arg("--ntgcalls").arg(ntgcalls::place());
    let mut demo = demo.spawn().context("start the demo")?;
    // The demo is up long before this, and takes it in when it is there.
    if let Err(error) = telegram_calls() {
        say(&format!("the demo goes on without Telegram calls; the next start tries again: {error:#}"));
    }
    let status = demo.wait().context("wait for the demo")?;
    if !status.success() {
        bail!("the demo ended with {status}");
    }
    Ok(())
}

/// What people's Telegram apps in the demo are made of.
fn telegram_calls() -> Result<()> {
    let was_there = ntgcalls::place().exists();
    ntgcalls::python_for_demo()?;
    if !was_there {
        say("the demo's phones can be switched to Telegram calls");
    }
    Ok(())
}
