//! What has to be clean before tests are worth running.

use crate::process::{cargo, run};
use crate::{bless, tidy};
use anyhow::Result;

/// Format, rules of the tree, clippy, docs, derived files.
///
/// # Errors
///
/// Something is not clean.
pub(crate) fn all() -> Result<()> {
    run("cargo fmt --check", &mut cargo(&["fmt", "--all", "--check"]))?;
    tidy::tidy()?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"];
    run("cargo clippy, warnings are errors", &mut cargo(&clippy))?;
    let doc = ["doc", "--workspace", "--no-deps", "--locked", "--quiet"];
    run("cargo doc, warnings are errors", cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    let kurrentdb = ["check", "-p", "event-store", "--features", "kurrentdb", "--locked", "--quiet"];
    run("the KurrentDB backend compiles", &mut cargo(&kurrentdb))?;
    bless::check()
}
