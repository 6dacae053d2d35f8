//! The strangers that calls are tested with: other people's phones, PBXes, codecs and scanners, as Debian packages them.

use crate::install::Need;
use crate::process::found;
use std::path::{Path, PathBuf};

/// Set for the tests when every peer is there: a test that then misses its peer fails instead of passing by.
pub(crate) const VARIABLE: &str = "TANDEM_TEST_PEERS";

/// Every peer of the tests of calls.
pub(crate) const FOR_CALLS: &[Need] = &[
    Need {
        name: "Kamailio with TLS",
        purpose: "a registrar and proxy that providers run",
        packages: &["kamailio", "kamailio-tls-modules"],
        find: || found_in("kamailio").filter(|_| kamailio_module("tls.so").is_some()),
    },
    Need {
        name: "baresip",
        purpose: "a telephone that is not ours",
        packages: &["baresip-core"],
        find: || found_in("baresip"),
    },
    Need {
        name: "SIPp",
        purpose: "plays calls that go wrong, and many at once",
        packages: &["sip-tester"],
        find: || found_in("sipp"),
    },
    Need {
        name: "SIPVicious",
        purpose: "scans for numbers and passwords, and must find none",
        packages: &["sipvicious"],
        find: || found_in("svmap").or_else(|| found_in("sipvicious_svmap")),
    },
    Need {
        name: "SoX",
        purpose: "encodes and decodes beside our codecs",
        packages: &["sox", "libsox-fmt-base"],
        find: || found_in("sox").filter(|_| library("sox", "libsox_fmt_gsm.so").is_some()),
    },
    Need {
        name: "opus-tools",
        purpose: "reads our recordings",
        packages: &["opus-tools"],
        find: || found_in("opusdec"),
    },
    Need {
        name: "eSpeak NG",
        purpose: "speaks, for tests of codecs with a voice",
        packages: &["espeak-ng"],
        find: || found_in("espeak-ng"),
    },
    Need {
        name: "SpanDSP",
        purpose: "hears our keypad tones, and we hear its",
        packages: &["libspandsp-dev"],
        find: || header(&["spandsp.h", "spandsp/dtmf.h", "spandsp/async.h"]),
    },
    COTURN,
];

/// The peers of the tests of Telegram calls.
pub(crate) const FOR_TELEGRAM: &[Need] = &[COTURN];

const COTURN: Need = Need {
    name: "coturn",
    purpose: "relays sound for browsers and apps behind firewalls",
    packages: &["coturn"],
    find: || found_in("turnserver"),
};

/// What measurements stand beside.
pub(crate) const FOR_MEASURING: &[Need] = &[Need {
    name: "rtpengine",
    purpose: "the media relay that ours is measured beside",
    packages: &["rtpengine-daemon"],
    find: || found_in("rtpengine"),
}];

/// A program on the path, or where Debian keeps those of administrators.
fn found_in(program: &str) -> Option<PathBuf> {
    let elsewhere = ["/usr/sbin", "/usr/local/sbin"].map(|folder| Path::new(folder).join(program));
    found(program).or_else(|| elsewhere.into_iter().find(|file| file.is_file()))
}

/// A header of a library.
fn header(names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| Path::new("/usr/include").join(name)).find(|file| file.is_file())
}

/// A module of Kamailio.
fn kamailio_module(name: &str) -> Option<PathBuf> {
    library("kamailio/modules", name)
}

/// A file below a program's folder of libraries; on Debian that is within a folder named for the machine.
fn library(folder: &str, name: &str) -> Option<PathBuf> {
    let below = std::fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok).map(|entry| entry.path());
    let folders = below.chain([PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")]);
    folders.map(|place| place.join(folder).join(name)).find(|file| file.is_file())
}
