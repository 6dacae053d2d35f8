//! Programs that the tests need: found, installed where we may, or named.

use crate::process::{found, run, say};
use anyhow::{Result, bail};
use std::path::PathBuf;
use std::process::Command;

/// A program, and the Debian package that brings it.
pub(crate) struct Need {
    /// What people call it.
    pub(crate) name: &'static str,
    /// What it is needed for.
    pub(crate) purpose: &'static str,
    /// Debian's name for the package.
    pub(crate) packages: &'static [&'static str],
    /// Where it is, once it is there.
    pub(crate) find: fn() -> Option<PathBuf>,
}

/// What building Tandem needs beside cargo.
pub(crate) const FOR_BUILDING: &[Need] = &[
    Need {
        name: "CMake",
        purpose: "builds libopus, the voice codec",
        packages: &["cmake"],
        find: || found("cmake"),
    },
    Need {
        name: "a C compiler and make",
        purpose: "build libopus, SQLite and cryptography",
        packages: &["build-essential"],
        find: || found("cc").and(found("make")),
    },
];

/// Every program that the tests need beside those.
pub(crate) const FOR_TESTS: &[Need] = &[
    Need {
        name: "PostgreSQL server",
        purpose: "the log's second backend",
        packages: &["postgresql"],
        find: crate::postgres::binaries,
    },
    Need {
        name: "Chromium",
        purpose: "to click through the chat page",
        packages: &["chromium"],
        find: || found("chromium"),
    },
    Need {
        name: "Node.js and npm",
        purpose: "to drive Chromium and a grammY bot",
        packages: &["nodejs", "npm"],
        find: || found("node").and(found("npm")),
    },
    PYTHON,
];

/// What the tests of Telegram calls need beside that.
pub(crate) const FOR_TELEGRAM: &[Need] = &[PYTHON];

const PYTHON: Need = Need {
    name: "Python with venv",
    purpose: "an aiogram bot, and the ntgcalls library at the far end of Telegram calls",
    packages: &["python3", "python3-venv"],
    find: python_with_venv,
};

fn python_with_venv() -> Option<PathBuf> {
    let python = found("python3")?;
    let can = Command::new(&python).args(["-c", "import venv, ensurepip"]).output().ok()?.status.success();
    can.then_some(python)
}

/// Sees to it that everything is there.
///
/// # Errors
///
/// Something is missing and can't be installed from here; the error names the packages.
pub(crate) fn ensure(needs: &[Need]) -> Result<()> {
    let missing: Vec<&Need> = needs.iter().filter(|need| (need.find)().is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    for need in &missing {
        say(&format!(
            "{} is missing ({}); Debian's package: {}",
            need.name,
            need.purpose,
            need.packages.join(" ")
        ));
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if let Some(install) = installer() {
        run("apt-get update", install(&["update", "-q"]).env("DEBIAN_FRONTEND", "noninteractive"))?;
        let mut arguments = vec!["install", "-y", "-q", "--no-install-recommends"];
        arguments.extend(&packages);
        let what = format!("apt-get install {}", packages.join(" "));
        run(&what, install(&arguments).env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    match needs.iter().find(|need| (need.find)().is_none()) {
        None => Ok(()),
        Some(need) => bail!(
            "{} is missing and can't be installed from here. Install it and run this again:\n\n  sudo apt-get install {}\n",
            need.name,
            packages.join(" ")
        ),
    }
}

/// `apt-get`, where we may use it: as root, or by a sudo that asks nothing.
fn installer() -> Option<fn(&[&str]) -> Command> {
    found("apt-get")?;
    if is_root() {
        return Some(|arguments| {
            let mut command = Command::new("apt-get");
            command.args(arguments);
            command
        });
    }
    let sudo = found("sudo").is_some()
        && Command::new("sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    sudo.then_some(|arguments| {
        let mut command = Command::new("sudo");
        command.args(["-n", "apt-get"]).args(arguments);
        command
    })
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
