//! Figures of the log.

use crate::tools::figures::{Report, say};
use crate::tools::server::Server;
use crate::{append, gaps, lag, replay, sqlite};
use anyhow::Result;
use clap::ValueEnum;

/// A group of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Group {
    /// Appends and commands on PostgreSQL, beside pgbench and postgres-es.
    Append,
    /// Appends on SQLite.
    Sqlite,
    /// From an append to its row in another process.
    Lag,
    /// From the whole log to rows, on both.
    Replay,
    /// Writers and readers that are killed.
    Gaps,
}

/// Measures these groups; all of them where none is named.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) async fn measure(report: &mut Report, only: &[Group]) -> Result<()> {
    say("starting a PostgreSQL in memory whose every fsync takes 2 ms");
    let server = Server::start()?;
    let groups: &[Group] = if only.is_empty() { Group::value_variants() } else { only };
    for group in groups {
        match group {
            Group::Append => append::measure(report, &server).await?,
            Group::Sqlite => sqlite::measure(report, &server)?,
            Group::Lag => lag::measure(report, &server).await?,
            Group::Replay => replay::measure(report, &server).await?,
            Group::Gaps => gaps::measure(report, &server).await?,
        }
    }
    Ok(())
}
