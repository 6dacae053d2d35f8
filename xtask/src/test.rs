//! `cargo xtask test`: everything that proves the platform, on a machine that has nothing but Rust.

use crate::process::{cargo, run};
use crate::{install, lint, ntgcalls, peers, postgres};
use anyhow::Result;
use clap::Args;

/// What to run.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only tests whose names contain this word.
    story: Option<String>,
}

/// Runs the tests.
///
/// # Errors
///
/// A test fails, or something it needs can't be installed.
pub(crate) fn test(options: &Options) -> Result<()> {
    install::ensure(install::FOR_BUILDING)?;
    install::ensure(install::FOR_TESTS)?;
    install::ensure(peers::FOR_CALLS)?;
    let python = ntgcalls::python()?;
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        lint::all()?;
    }
    let server = postgres::Server::start()?;
    run(
        "build Tandem for the scenarios",
        &mut cargo(&["build", "--locked", "-p", "app", "--bin", "tandem"]),
    )?;
    let mut test = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    if let Some(story) = &options.story {
        test.arg(story);
    }
    test.env("TANDEM_TEST_POSTGRES", &server.url).env("REQUIRE_CLIENTS", "1");
    test.env(peers::VARIABLE, "1").env(ntgcalls::VARIABLE, &python);
    run("cargo test", &mut test)?;
    if options.story.is_none() {
        let oracle = ["test", "--locked", "--manifest-path", "tests/oracle/Cargo.toml"];
        run("compare with postgres-es", cargo(&oracle).env("TANDEM_TEST_POSTGRES", &server.url))?;
    }
    Ok(())
}
