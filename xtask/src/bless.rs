//! Files that are derived from code: written by `bless`, compared by `ci`.

use crate::process::{cargo, root, run, say};
use anyhow::{Context as _, Result, bail};
use std::process::Command;

/// Where derived files stand.
const DERIVED: &[&str] = &["docs/events.md", "docs/read-models.md", "docs/config.md", "domain/events"];

/// Writes every derived file.
///
/// # Errors
///
/// A generator fails.
pub(crate) fn bless() -> Result<()> {
    run(
        "write the catalogue of events",
        cargo(&["test", "-p", "domain", "--quiet", "bless"]).env("TANDEM_BLESS", "1"),
    )?;
    for (file, topic) in [("docs/read-models.md", "read-models"), ("docs/config.md", "config")] {
        say(&format!("write {file}"));
        let output =
            cargo(&["run", "--quiet", "--locked", "-p", "app", "--bin", "tandem", "--", "docs", topic])
                .output()
                .with_context(|| format!("run `tandem docs {topic}`"))?;
        if !output.status.success() {
            bail!("`tandem docs {topic}` failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        std::fs::write(root().join(file), output.stdout)?;
    }
    Ok(())
}

/// Writes them and fails if that changes anything.
///
/// # Errors
///
/// A derived file is out of date.
pub(crate) fn check() -> Result<()> {
    let before = status()?;
    bless()?;
    let after = status()?;
    if before != after {
        bail!("derived files are out of date; run `cargo xtask bless` and commit what it changes:\n{after}");
    }
    Ok(())
}

fn status() -> Result<String> {
    let mut git = Command::new("git");
    let output = git.current_dir(root()).args(["diff", "--"]).args(DERIVED).output().context("run git")?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
