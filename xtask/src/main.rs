//! `cargo xtask`: the one build tool of the project.

mod bench;
mod bless;
mod demo;
mod install;
mod lint;
mod metadata;
mod ntgcalls;
mod peers;
mod postgres;
mod process;
mod suite;
mod test;
mod tidy;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Builds, shows, tests and measures Tandem. Whatever a command needs it installs or builds, and says so; where it may
/// not install, it names the package.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Starts the whole platform with an emulated Telegram: three people side by side in the browser.
    Demo(demo::Options),
    /// Runs every test: unit tests, backends, scenarios, the browser. With `CI=true` in the environment also the checks of
    /// `ci`.
    Test(test::Options),
    /// Everything that has to be green before a change lands, in the order that fails fastest.
    Ci,
    /// Measures, and prints a table (or JSON).
    Bench(bench::Options),
    /// Writes everything that is derived: catalogues of events, read models and settings.
    Bless,
    /// Checks the rules of the tree: who may know whom, documented files, nothing unfinished.
    Tidy,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    match task {
        Task::Demo(options) => demo::demo(&options),
        Task::Test(options) => test::test(&options),
        Task::Ci => lint::all().and_then(|()| test::test(&test::Options::default())),
        Task::Bench(options) => bench::bench(&options),
        Task::Bless => bless::bless(),
        Task::Tidy => tidy::tidy(),
    }
}
