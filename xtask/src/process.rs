//! Running other programs, and saying so.

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The project's root.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}

/// Cargo, from the root, in the versions of the lock file.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Says what is being done.
pub(crate) fn say(what: &str) {
    eprintln!("\n==> {what}");
}

/// Runs a command to its end.
///
/// # Errors
///
/// It can't be started, or fails.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<()> {
    say(what);
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("start: {command:?}"))?;
    if !status.success() {
        bail!("{what}: failed ({status})\n  {command:?}");
    }
    Ok(())
}

/// Whether a program can be found.
pub(crate) fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}
