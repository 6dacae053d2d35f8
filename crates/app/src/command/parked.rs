//! `tandem parked`: what a follower of the log could not handle.

use super::print;
use crate::config::Config;
use crate::platform::{self, Platform};
use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use event_store::runner::parked::{self, Wish};

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Shows what is parked and why. Everything else goes on meanwhile.
    List,
    /// Tries the events of a parked stream again, after the cause is mended.
    Retry(Stream),
    /// Leaves out the first event of a parked stream, for this follower only. The log keeps it.
    Skip(Stream),
}

/// A parked stream of a follower, as `list` shows it.
#[derive(Args)]
pub(crate) struct Stream {
    /// The read model or reactor.
    follower: String,
    /// The stream: `category/id`.
    stream: String,
}

/// Does it.
///
/// # Errors
///
/// The database can't be used, or nothing of that name is parked.
pub(crate) async fn run(config: &Config, task: Task) -> Result<()> {
    match task {
        Task::List => list(config).await,
        Task::Retry(stream) => wish(config, &stream, Wish::Retry).await,
        Task::Skip(stream) => wish(config, &stream, Wish::Skip).await,
    }
}

async fn list(config: &Config) -> Result<()> {
    let (_, database) = platform::look(config).await?;
    let parked = parked::list(&*database).await.context("read what is parked")?;
    if parked.is_empty() {
        print("nothing is parked");
    }
    for event in parked {
        let why = event.error.as_deref().unwrap_or("waits behind the one before");
        let soon = if event.pending { ", on its way" } else { "" };
        print(format_args!(
            "{}  {}  {}  {}{soon}: {why}",
            event.at, event.follower, event.stream, event.position
        ));
    }
    Ok(())
}

async fn wish(config: &Config, wanted: &Stream, wish: Wish) -> Result<()> {
    let platform = Platform::open(config).await?;
    let events = parked::wish(&*platform.database, &wanted.follower, &wanted.stream, wish).await?;
    if events == 0 {
        bail!("nothing of {} is parked for {}; see `tandem parked list`", wanted.stream, wanted.follower);
    }
    print(format_args!(
        "{events} events of {}: the process that runs {} does it now",
        wanted.stream, wanted.follower
    ));
    Ok(())
}
