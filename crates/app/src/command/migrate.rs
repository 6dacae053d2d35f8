//! `tandem migrate`: from one database into another.

use super::print;
use crate::config::Config;
use anyhow::{Context as _, Result};
use clap::Args;
use event_store::copy;
use event_store::open::{OpenOptions, open};

/// From where to where.
#[derive(Args)]
pub(crate) struct Options {
    /// The database that is left: `sqlite://…` or `postgres://…`.
    from: String,
    /// An empty database: `postgres://…` or `sqlite://…`.
    to: String,
}

/// Copies events, keys, claims, snapshots and the bot's tables. Positions stay valid; read models are made anew from the
/// log at the first start.
///
/// # Errors
///
/// The target is not empty, or a database can't be used; then nothing of the source was changed.
pub(crate) async fn migrate(_: &Config, options: &Options) -> Result<()> {
    let from = open(&options.from, OpenOptions::default()).await.context("open the database that is left")?;
    let to = open(&options.to, OpenOptions::default()).await.context("open the new database")?;
    let copied =
        copy::copy(&from, &to, show).await.context("copy; empty the new database before another try")?;
    print(format_args!("copied {} events and {} other rows", copied.events, copied.rows));
    print("set `database` to the new address and start `tandem serve`; keep the old one until you are sure");
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress is for the person who waits")]
fn show(progress: copy::Progress) {
    eprintln!("{}: {}", progress.table, progress.rows);
}
