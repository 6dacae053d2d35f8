//! `tandem key`: the operator's keys.

use super::print;
use crate::config::Config;
use crate::platform::Platform;
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use event_store::vault::Keyring;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

/// What to do with the keys.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Makes the key file with a first key. Keep a copy of it apart from the database.
    New,
    /// Adds a new key and wraps every data key under it. Sealed values stay as they are. Old lines stay in the file, so
    /// that backups can be read; take one out when no backup needs it.
    Rotate,
}

/// Does it.
///
/// # Errors
///
/// The file is there already, or can't be written, or the database can't be used.
pub(crate) async fn run(config: &Config, task: Task) -> Result<()> {
    match task {
        Task::New => new(&config.key_file),
        Task::Rotate => rotate(config).await,
    }
}

fn new(file: &Path) -> Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).with_context(|| format!("create {}", folder.display()))?;
    }
    let options = OpenOptions::new().write(true).create_new(true).mode(0o600).to_owned();
    let mut opened = options.open(file).with_context(|| {
        format!(
            "make {} (a key file is never overwritten; to add a key, use `tandem key rotate`)",
            file.display()
        )
    })?;
    let heading =
        "# Tandem's keys: without them no password in the database can be read. Keep a copy elsewhere.\n";
    opened.write_all(heading.as_bytes())?;
    opened.write_all(Keyring::new_line("key-1").as_bytes())?;
    opened.sync_all()?;
    print(format_args!("made {}: keep a copy of it apart from the database", file.display()));
    Ok(())
}

async fn rotate(config: &Config) -> Result<()> {
    let file = &config.key_file;
    let text = fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    let known = Keyring::parse(&text).with_context(|| format!("understand {}", file.display()))?;
    let id = (1..).map(|n| format!("key-{n}")).find(|id| known.ids().all(|known| known != id));
    let Some(id) = id else { bail!("no id is left for a new key") };
    let longer = format!("{}\n{}", text.trim_end(), *Keyring::new_line(&id));
    write_whole(file, &longer)?;
    let platform = Platform::open(config).await?;
    let rewrapped =
        platform.vault.rewrap().await.context("wrap the data keys anew; run this again to go on")?;
    print(format_args!("added {id} to {} and wrapped {rewrapped} data keys under it", file.display()));
    print("restart every `tandem serve`, then copy the file to where you keep it");
    Ok(())
}

/// Writes a file so that a crash leaves either the old one or the new one.
fn write_whole(file: &Path, text: &str) -> Result<()> {
    let beside = file.with_extension("new");
    let mut opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()?;
    fs::rename(&beside, file).with_context(|| format!("replace {}", file.display()))
}
