//! The far end of Telegram calls in the tests and the demo: the unmodified `ntgcalls` library, pinned, in a Python of its own.

use crate::install;
use crate::process::{run, say, target};
use anyhow::{Context as _, Result, bail};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Names the Python that has the library.
pub(crate) const VARIABLE: &str = "TANDEM_TEST_NTGCALLS";

/// The library and what the far end computes with. Pinned: the library's interface changes between versions.
const PACKAGES: [&str; 2] = ["ntgcalls==3.0.5", "numpy==2.2.6"];

fn folder() -> PathBuf {
    target().join("ntgcalls")
}

/// Where the Python that has the library is, or will be.
pub(crate) fn place() -> PathBuf {
    folder().join("bin/python")
}

/// The Python that has the library; it is installed if it is not there.
///
/// # Errors
///
/// It can't be installed, or this machine has no network interface that the library would use.
pub(crate) fn python() -> Result<PathBuf> {
    has_interface()?;
    let (folder, python) = (folder(), place());
    if is_there(&python) {
        return Ok(python);
    }
    say(&format!("install {} into {} (about 60 MB, once)", PACKAGES.join(" and "), folder.display()));
    run("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "-qq", "--disable-pip-version-check", "--retries", "2"];
    let mut pip = Command::new(&python);
    run("pip install", pip.args(install).args(PACKAGES)).with_context(|| {
        format!(
            "can't install {}. They come from PyPI (pypi.org, or what PIP_INDEX_URL names): see whether it can be \
             reached from here",
            PACKAGES.join(" and ")
        )
    })?;
    if is_there(&python) { Ok(python) } else { bail!("{} does not find ntgcalls", python.display()) }
}

/// The same for the demo, which is up meanwhile: its page shows how it goes.
///
/// # Errors
///
/// The same.
pub(crate) fn python_for_demo() -> Result<PathBuf> {
    let news = folder().with_extension("txt");
    let tell =
        |words: &str| std::fs::write(&news, words).with_context(|| format!("write {}", news.display()));
    if !is_there(&place()) {
        tell("Telegram calls come in a minute or two: the ntgcalls library is being installed.")?;
    }
    match install::ensure(install::FOR_TELEGRAM).and_then(|()| python()) {
        Ok(python) => {
            // It may never have been there.
            let _ = std::fs::remove_file(&news);
            Ok(python)
        }
        Err(error) => {
            tell("No Telegram calls: the ntgcalls library is not there. The terminal of the demo says why.")?;
            Err(error)
        }
    }
}

fn is_there(python: &Path) -> bool {
    let pinned = "import numpy, ntgcalls; assert ntgcalls.__version__ == '3.0.5'";
    let probe = Command::new(python).args(["-c", pinned]).stdin(Stdio::null()).output();
    probe.is_ok_and(|output| output.status.success())
}

/// The library gathers candidates only on interfaces that are not loopback. Nothing is sent to find out.
fn has_interface() -> Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0").context("bind a socket")?;
    let routed = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    // An interface will do also where nothing is routed through it.
    let trie = std::fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    if routed.is_ok_and(|address| !address.ip().is_loopback()) || has_address(&trie) {
        return Ok(());
    }
    let sudo = if install::is_root() { "" } else { "sudo " };
    bail!(
        "Telegram calls need one network interface beside loopback; any address will do, and nothing leaves the \
         machine. Add one, and run this again:\n\n  \
         {sudo}ip link add tandem0 type veth peer name tandem1\n  \
         {sudo}ip addr add 10.99.0.1/24 dev tandem0\n  \
         {sudo}ip link set tandem0 up\n  \
         {sudo}ip link set tandem1 up\n"
    )
}

/// Whether an interface has an address that is not loopback, in Linux' list of routes: below each address stands what it is.
fn has_address(trie: &str) -> bool {
    let mut address: Option<Ipv4Addr> = None;
    trie.lines().any(|line| match line.trim().strip_prefix("|-- ") {
        Some(next) => {
            address = next.parse().ok();
            false
        }
        None => line.contains("host LOCAL") && address.is_some_and(|it| !it.is_loopback()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_an_interface_is_told_from_loopback_and_from_networks() {
        let lo = "Main:\n  +-- 0.0.0.0/1 2 0 2\n     |-- 127.0.0.0\n        /8 host LOCAL\n     |-- 127.0.0.1\n        /32 host LOCAL\n";
        assert!(!has_address(lo));
        assert!(!has_address(&format!("{lo}     |-- 10.99.0.0\n        /24 link UNICAST\n")));
        assert!(has_address(&format!("{lo}     |-- 10.99.0.1\n        /32 host LOCAL\n")));
    }
}
