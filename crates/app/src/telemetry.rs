//! Log lines: a message for people, fields for machines, never a secret.

use crate::config::Config;
use anyhow::{Context as _, Result};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Who logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Voice {
    /// `tandem serve`, by the setting `log_filter`.
    Service,
    /// An operator's tool, which prints what it has to say: only warnings, unless `TANDEM_LOG` asks for more.
    Tool,
}

/// Starts logging to standard error.
///
/// # Errors
///
/// The filter can't be understood.
pub(crate) fn start(config: &Config, voice: Voice) -> Result<()> {
    let is_asked_for = std::env::var_os("TANDEM_LOG").is_some();
    let filter = if voice == Voice::Service || is_asked_for { config.log_filter.as_str() } else { "warn" };
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("understand `log_filter = \"{filter}\"`"))?;
    // Colours are for a terminal; in a file or a journal they are noise.
    let colours = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    if config.log_json {
        builder.json().init()
    } else {
        builder.init()
    }
    Ok(())
}
