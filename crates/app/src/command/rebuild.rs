//! `tandem rebuild`: a read model made anew from the log.

use super::print;
use crate::config::Config;
use crate::platform::Platform;
use anyhow::{Context as _, Result};
use clap::Args;
use event_store::runner::{Followers, Progress};

/// Which read model.
#[derive(Args)]
pub(crate) struct Options {
    /// Its name, as docs/read-models.md lists them; `all` for every one of them.
    projection: String,
}

/// Rebuilds it beside the old one, which serves until the new one has caught up.
///
/// # Errors
///
/// There is no such read model, another process rebuilds it already, or the database fails.
pub(crate) async fn rebuild(config: &Config, options: &Options) -> Result<()> {
    let models = projections::all();
    let names: Vec<&str> = models.iter().map(|model| model.table().name).collect();
    let wanted: Vec<_> = models
        .iter()
        .filter(|model| options.projection == "all" || model.table().name == options.projection)
        .collect();
    if wanted.is_empty() {
        anyhow::bail!("there is no read model `{}`; there are: {}", options.projection, names.join(", "));
    }
    let platform = Platform::open(config).await.context(
        "on SQLite a rebuild needs `tandem serve` to be stopped; on PostgreSQL it may run beside it",
    )?;
    let followers = Followers::new(platform.log, platform.database, platform.clock, "tandem rebuild");
    for model in wanted {
        let rebuilt = followers.rebuild(model.as_ref(), &show).await?;
        let name = model.table().name;
        print(format_args!("{name}: {} events folded into {}", rebuilt.events, rebuilt.table));
        if rebuilt.parked > 0 {
            print(format_args!(
                "{name}: {} events could not be read; see `tandem parked list`",
                rebuilt.parked
            ));
        }
    }
    Ok(())
}

#[expect(clippy::print_stderr, reason = "progress is for the person who waits")]
fn show(progress: &Progress) {
    eprintln!("{}: {} events, at {} of {}", progress.name, progress.events, progress.position, progress.head);
}
