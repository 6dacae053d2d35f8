//! What the operator can ask for.

use crate::command::{docs, doctor, history, import, key, log, migrate, parked, rebuild, telegram};
use crate::config::Config;
use crate::serve;
use crate::telemetry::{self, Voice};
use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// A Telegram softphone and SIP gateway: SIP accounts are made, shared, lent and taken back in Telegram chats.
///
/// Settings come from a TOML file and from environment variables (docs/config.md). To begin:
///
///   tandem key new                    make the operator's key
///   TANDEM_BOT_TOKEN=… tandem doctor   see whether everything is in place
///   TANDEM_BOT_TOKEN=… tandem serve    run
#[derive(Parser)]
#[command(name = "tandem", version, verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The settings file.
    #[arg(long, global = true, env = "TANDEM_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs the platform until Ctrl+C or SIGTERM.
    Serve(serve::Options),
    /// Says whether settings, database, keys, clock and token are right, and what to do where they are not.
    Doctor,
    /// Replays what happened to one account or in one call, in words: who did what, when, and from where.
    History(history::Options),
    /// Looks into the log.
    #[command(subcommand)]
    Log(log::Task),
    /// Builds a read model anew beside the old one, then switches over.
    Rebuild(rebuild::Options),
    /// Events that a read model or a notice could not handle.
    #[command(subcommand)]
    Parked(parked::Task),
    /// The operator's keys, which wrap the keys of all secrets.
    #[command(subcommand)]
    Key(key::Task),
    /// The service accounts: Telegram users of yours that call people, and are called by them.
    #[command(subcommand)]
    Telegram(telegram::Task),
    /// Copies everything from one database into another, empty one: from SQLite to PostgreSQL, when one process is no
    /// longer enough. Stop `tandem serve` first.
    Migrate(migrate::Options),
    /// Brings accounts in from elsewhere.
    #[command(subcommand)]
    Import(import::Task),
    /// Prints documentation that is made from the program itself.
    #[command(hide = true)]
    Docs(docs::Options),
}

impl Arguments {
    pub(crate) async fn run(self) -> Result<()> {
        // Documentation needs no settings, and a broken settings file is what the doctor is for.
        if let Task::Docs(options) = &self.task {
            docs::page(options);
            return Ok(());
        }
        if matches!(self.task, Task::Doctor) {
            return doctor::examine(self.config.as_deref()).await;
        }
        let config = Config::load(self.config.as_deref())?;
        let voice = if matches!(self.task, Task::Serve(_)) { Voice::Service } else { Voice::Tool };
        telemetry::start(&config, voice)?;
        match self.task {
            Task::Serve(options) => serve::serve(config, options).await,
            Task::History(options) => history::print_history(&config, &options).await,
            Task::Log(task) => log::run(&config, task).await,
            Task::Rebuild(options) => rebuild::rebuild(&config, &options).await,
            Task::Parked(task) => parked::run(&config, task).await,
            Task::Key(task) => key::run(&config, task).await,
            Task::Telegram(task) => telegram::run(&config, task).await,
            Task::Migrate(options) => migrate::migrate(&config, &options).await,
            Task::Import(task) => import::run(&config, task).await,
            Task::Doctor | Task::Docs(_) => Ok(()),
        }
    }
}
