//! `cargo xtask test`: everything that proves the platform, on a machine that has nothing but Rust.

use crate::process::{cargo, run, say};
use crate::{install, lint, ntgcalls, peers, postgres, suite};
use anyhow::{Result, bail};
use clap::Args;

/// What to run.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only tests whose names contain this word; `telegram` is everything about Telegram calls.
    story: Option<String>,
}

/// Runs the tests.
///
/// # Errors
///
/// A test fails, or something it needs can't be installed.
pub(crate) fn test(options: &Options) -> Result<()> {
    if options.story.as_deref() == Some(TELEGRAM) {
        return telegram();
    }
    install::ensure(install::FOR_BUILDING)?;
    install::ensure(install::FOR_TESTS)?;
    install::ensure(peers::FOR_CALLS)?;
    let python = ntgcalls::python()?;
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        lint::all()?;
    }
    let server = postgres::Server::start()?;
    build()?;
    let mut arguments = vec!["test", "--workspace", "--locked", "--no-fail-fast"];
    arguments.extend(options.story.as_deref());
    suite::run("cargo test", &arguments, |arguments| {
        let mut test = cargo(arguments);
        test.env("TANDEM_TEST_POSTGRES", &server.url).env("REQUIRE_CLIENTS", "1");
        test.env(peers::VARIABLE, "1").env(ntgcalls::VARIABLE, &python);
        test
    })?;
    if options.story.is_none() {
        suite::run("compare with postgres-es", &["test", "--locked", "--no-fail-fast"], |arguments| {
            let mut test = cargo(&["test", "--manifest-path", "tests/oracle/Cargo.toml"]);
            test.args(&arguments[1..]).env("TANDEM_TEST_POSTGRES", &server.url);
            test
        })?;
    }
    Ok(())
}

/// The word for everything about Telegram calls.
const TELEGRAM: &str = "telegram";

/// Telegram calls: the protocol, people's apps, and the stories with a service account, all with the real library at the
/// far end. It needs no PostgreSQL and no browser. Tests of single parts are left to the whole run: building them takes a
/// minute of the ten that this one has on a new machine.
fn telegram() -> Result<()> {
    install::ensure(install::FOR_BUILDING)?;
    install::ensure(install::FOR_TELEGRAM)?;
    install::ensure(peers::FOR_TELEGRAM)?;
    let python = ntgcalls::python()?;
    build()?;
    let suites: [(&str, &[&str]); 3] = [
        ("the call protocol", &["-p", "tgcalls", "--test", "ntgcalls"]),
        ("people's apps", &["-p", "testkit", "--test", "telegram_app"]),
        ("stories of Telegram calls", &["-p", "tests", "--test", "scenarios", "telegram::"]),
    ];
    let mut failed = Vec::new();
    for (what, arguments) in suites {
        let arguments = [&["test", "--locked", "--no-fail-fast"], arguments].concat();
        let result = suite::run(what, &arguments, |arguments| {
            let mut test = cargo(arguments);
            test.env("REQUIRE_CLIENTS", "1").env(peers::VARIABLE, "1").env(ntgcalls::VARIABLE, &python);
            test
        });
        if let Err(error) = result {
            say(&format!("{error:#}"));
            failed.push(what);
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("tests fail of {}", failed.join(", of ")) }
}

fn build() -> Result<()> {
    run("build Tandem for the scenarios", &mut cargo(&["build", "--locked", "-p", "app", "--bin", "tandem"]))
}
