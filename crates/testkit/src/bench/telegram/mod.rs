//! Telegram calls: what one costs, how soon one hears the other, and what delay a gateway adds; each beside a gateway as
//! one writes it with the `ntgcalls` library, doing the same work in the same run.
//!
//! A gateway is a process of its own that is driven by lines ([`process`]): ours runs the media engine, the other is a
//! script around the library. Far ends are the same for both: a SIP phone with PCMA, and a person's app, which is our
//! protocol for load and delay and the library itself for the first sound.

mod app;
mod cost;
mod delay;
mod first;
mod gateway;
mod process;
mod sip;
mod voice;

pub(crate) use gateway::run as gateway;

use crate::tools::figures::{Report, say};
use anyhow::Result;

/// Measures. Nothing here waits in a task: all have threads of their own.
pub(crate) fn measure(report: &mut Report) -> Result<()> {
    let library = process::python();
    if library.is_none() {
        say("TANDEM_TEST_NTGCALLS does not name a Python with ntgcalls: no ratio");
    }
    cost::measure(report, library.as_deref())?;
    delay::measure(report, library.as_deref())?;
    if let Some(python) = library {
        first::measure(report, &python)?;
    }
    Ok(())
}
