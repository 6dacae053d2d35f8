//! The rules of the tree that no compiler checks: docs/ARCHITECTURE.md states them, this file keeps them true.

use crate::metadata::Workspace;
use crate::process::{root, say};
use anyhow::{Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Checks every rule.
///
/// # Errors
///
/// Names each place that breaks one.
pub(crate) fn tidy() -> Result<()> {
    say("tidy: who knows whom, documented files, nothing unfinished");
    let mut broken = directions()?;
    for file in rust_files(&root()) {
        broken.extend(file_rules(&file)?);
    }
    if broken.is_empty() {
        return Ok(());
    }
    bail!("{} places break a rule of the tree:\n  {}", broken.len(), broken.join("\n  "))
}

/// Which of our crates each of them may know. `app` knows everyone and nobody knows it.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("event-store", &["domain"]),
    ("projections", &["domain", "event-store"]),
    ("bot-gateway", &["domain", "event-store", "projections"]),
    ("media-gateway", &["domain", "event-store", "projections", "audio", "sip", "tgcalls"]),
    ("audio", &[]),
    ("sip", &[]),
    ("tgcalls", &[]),
    ("telegram-emulator", &[]),
    (
        "testkit",
        &[
            "domain",
            "event-store",
            "projections",
            "bot-gateway",
            "media-gateway",
            "telegram-emulator",
            "audio",
            "sip",
            "tgcalls",
        ],
    ),
    ("app", &["domain", "event-store", "projections", "bot-gateway", "media-gateway"]),
    ("tests", &[]),
    ("xtask", &[]),
];

/// All that the pure core may depend on: nothing that waits, stores, or tells the time.
const DOMAIN_DEPENDS_ON: &[&str] = &["base64", "chrono", "regex", "serde", "thiserror"];

fn directions() -> Result<Vec<String>> {
    let workspace = Workspace::read()?;
    let ours: BTreeSet<&String> = workspace.0.keys().collect();
    let mut broken = Vec::new();
    for (name, dependencies) in &workspace.0 {
        let Some((_, allowed)) = MAY_KNOW.iter().find(|(known, _)| known == name) else {
            broken.push(format!(
                "{name}: a crate that xtask/src/tidy.rs does not know; say there whom it may know"
            ));
            continue;
        };
        for dependency in
            dependencies.iter().filter(|it| ours.contains(it) && !allowed.contains(&it.as_str()))
        {
            broken.push(format!("{name} must not know {dependency}"));
        }
    }
    let domain = workspace.0.get("domain").into_iter().flatten();
    let foreign = domain.filter(|it| !DOMAIN_DEPENDS_ON.contains(&it.as_str()));
    broken.extend(foreign.map(|it| format!("domain must not depend on {it}: it stays pure")));
    Ok(broken)
}

/// A word that may stand only in some places.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("teloxide::", &["bot-gateway/src/telegram"]),
    ("cqrs_es", &["crates/event-store/src/cqrs.rs", "crates/event-store/src/dispatcher.rs", "tests/oracle"]),
    ("rusqlite::", &["crates/event-store/src", "crates/testkit/src/bench"]),
    ("sqlx::", &["crates/event-store/src", "crates/testkit/src/bench", "tests/oracle"]),
    ("rsipstack::", &["crates/sip/src", "crates/sip/fuzz"]),
    ("grammers_", &["media-gateway/src/telegram", "crates/telegram-emulator/src/mtproto"]),
    ("str0m::", &["media-gateway/src/media", "crates/tgcalls/src", "crates/testkit/src"]),
    (
        "std::env::var",
        &["crates/app", "crates/testkit", "crates/telegram-emulator/src/main.rs", "xtask", "tests"],
    ),
];

fn file_rules(file: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(file)?;
    let name = file.strip_prefix(root()).unwrap_or(file).to_string_lossy().into_owned();
    let mut broken = Vec::new();
    if !text.starts_with("//!") && !text.starts_with("#![doc") {
        broken.push(format!("{name}: begin with `//!` and say what the file is for"));
    }
    // Written in two parts, so that this file does not find itself.
    for unfinished in
        [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("FIX", "ME"), concat!("#[ign", "ore")]
    {
        if text.contains(unfinished) {
            broken.push(format!("{name}: `{unfinished}` is unfinished work"));
        }
    }
    if !is_test(&name) && !name.starts_with("xtask/") {
        broken.extend(strays(&name, &text));
    }
    Ok(broken)
}

/// Tests may reach for what the product may not.
fn is_test(name: &str) -> bool {
    name.contains("/tests/") || name.ends_with("/tests.rs") || name.ends_with("/testing.rs")
}

/// Words of [`ONLY_IN`] that stand elsewhere.
fn strays(name: &str, text: &str) -> Vec<String> {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = product.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let astray = ONLY_IN.iter().filter(|(word, places)| {
        !places.iter().any(|place| name.starts_with(place)) && code.iter().any(|line| line.contains(word))
    });
    astray.map(|(word, places)| format!("{name}: `{word}` belongs in {}", places.join(" or "))).collect()
}

/// Every Rust file of ours.
pub(crate) fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if name != "target" && name != "node_modules" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}
