//! The far end of Telegram calls in the tests: the unmodified `ntgcalls` library, pinned, in a Python of its own.

use crate::process::{run, say, target};
use anyhow::{Context as _, Result, bail};
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    say(&format!("{} go into {} (about 60 MB, once)", PACKAGES.join(" and "), folder.display()));
    run("python3 -m venv", Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    run("pip install", Command::new(&python).args(install).args(PACKAGES))?;
    if is_there(&python) { Ok(python) } else { bail!("{} does not find ntgcalls", python.display()) }
}

fn is_there(python: &Path) -> bool {
    let pinned = "import numpy, ntgcalls; assert ntgcalls.__version__ == '3.0.5'";
    let probe = Command::new(python).args(["-c", pinned]).output();
    probe.is_ok_and(|output| output.status.success())
}

/// The library gathers candidates only on interfaces that are not loopback. Nothing is sent to find out.
fn has_interface() -> Result<()> {
    let socket = UdpSocket::bind("0.0.0.0:0").context("bind a socket")?;
    let routed = socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr());
    if routed.is_ok_and(|address| !address.ip().is_loopback()) || another_interface() {
        return Ok(());
    }
    bail!(
        "the tests of Telegram calls need one network interface beside loopback; any address will do, and nothing \
         leaves the machine. Add one, and run this again:\n\n  \
         sudo ip link add tandem0 type veth peer name tandem1\n  sudo ip addr add 10.99.0.1/24 dev tandem0\n  \
         sudo ip link set tandem0 up; sudo ip link set tandem1 up\n"
    )
}

/// Whether an interface that is not loopback is up, although nothing is routed through it.
fn another_interface() -> bool {
    let interfaces = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten();
    let is_up = |folder: PathBuf| {
        std::fs::read_to_string(folder.join("operstate")).is_ok_and(|state| state.trim() == "up")
    };
    interfaces.into_iter().any(|it| it.file_name() != "lo" && is_up(it.path()))
}
