//! `tandem import`: what another system recorded comes into the log.

use super::print;
use crate::config::Config;
use crate::platform::Platform;
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use event_store::clock::Clock as _;
use event_store::import::{Import, Progress};

/// From where.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Takes in the `events` table that the crate postgres-es keeps. Nothing there is changed. Run it again to take in what
    /// came meanwhile, or to go on after an interruption: no event comes in twice.
    PostgresEs(Options),
}

/// Which table of which database.
#[derive(Args)]
pub(crate) struct Options {
    /// The database of postgres-es: `postgres://USER:PASSWORD@HOST/NAME`.
    from: String,
    /// The table, where it is not called `events`.
    #[arg(long, default_value = "events")]
    table: String,
}

/// Imports, and tells what had to stay out.
///
/// # Errors
///
/// A database can't be used, or something stayed out.
pub(crate) async fn run(config: &Config, task: Task) -> Result<()> {
    match task {
        Task::PostgresEs(options) => postgres_es(config, options).await,
    }
}

async fn postgres_es(config: &Config, options: Options) -> Result<()> {
    let platform = Platform::open(config).await?;
    let import =
        Import { table: options.table, places: config.accounts_per_owner, now: platform.clock.now() };
    let imported = import
        .run(&options.from, &*platform.log, &show)
        .await
        .context("import; what came in until now stays, and running this again goes on from there")?;
    for refused in &imported.refused {
        print(format_args!("{} stayed out: {}", refused.stream, refused.why));
    }
    print(format_args!(
        "{} events imported, {} were here already, in {} streams",
        imported.imported, imported.present, imported.streams
    ));
    if !imported.refused.is_empty() {
        bail!("{} of {} streams stayed out", imported.refused.len(), imported.streams);
    }
    Ok(())
}

/// Streams between two lines of progress.
const EVERY: u64 = 10_000;

#[expect(clippy::print_stderr, reason = "progress is for the person who waits")]
fn show(progress: &Progress) {
    if progress.streams.is_multiple_of(EVERY) {
        eprintln!("{} streams, {} events", progress.streams, progress.imported);
    }
}
