//! `tandem`: the one binary. It serves, and it is the operator's tool.

mod calls;
mod cli;
mod clock;
mod command;
mod config;
mod monitoring;
mod platform;
mod serve;
mod telemetry;

use clap::Parser as _;
use std::process::ExitCode;

/// Every event is a few dozen small allocations, made by one thread and freed by another. The C library's allocator takes
/// nearly half of the time of a replay with them; with this one a replay takes a third less (`cargo xtask bench log`).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match cli::Arguments::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

/// Says what failed and what it was because of: the whole chain, once.
#[expect(clippy::print_stderr, reason = "the person at the terminal")]
fn complain(error: &anyhow::Error) {
    eprintln!("tandem: {error}");
    for cause in error.chain().skip(1) {
        eprintln!("  because: {cause}");
    }
}
