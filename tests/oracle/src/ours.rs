//! Our side of the comparison: a program of the platform's own workspace, since the two cannot share a lock file.

use crate::hosted::AnyError;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a program of the platform's workspace and tells where it is.
///
/// # Errors
///
/// It does not compile.
pub fn example(name: &str) -> Result<PathBuf, AnyError> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    // The whole workspace is named so that its features, and what was built with them, are those of `cargo test`.
    let arguments =
        ["build", "--workspace", "--locked", "--quiet", "--message-format=json", "--example", name];
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo).args(arguments).current_dir(root).output()?;
    if !built.status.success() {
        return Err(format!(
            "the example {name} does not build:\n{}",
            String::from_utf8_lossy(&built.stderr)
        )
        .into());
    }
    let messages = String::from_utf8(built.stdout)?;
    let mut executable = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        let ours = message["target"]["name"] == name && message["target"]["kind"][0] == "example";
        ours.then(|| message["executable"].as_str().map(PathBuf::from))?
    });
    executable.next_back().ok_or_else(|| format!("cargo does not say where the example {name} is").into())
}

/// Runs our side and returns the lines it prints.
///
/// # Errors
///
/// It fails.
pub fn run(program: &Path, arguments: &[&str]) -> Result<Vec<String>, AnyError> {
    let output = Command::new(program).args(arguments).output()?;
    if !output.status.success() {
        return Err(format!("our side failed:\n{}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}
