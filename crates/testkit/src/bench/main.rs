//! `tandem-bench`: figures as ratios to a peer or to a physical limit, measured in one run on one machine.
//!
//! It starts a PostgreSQL of its own in memory whose every fsync takes two milliseconds, as a network disk's does, so that
//! the ratios are the same on every machine. Where work has to happen in another process, it starts itself again.

mod append;
mod audio;
mod bot;
mod gaps;
mod lag;
mod log;
mod media;
mod replay;
mod sip;
mod sqlite;
mod telegram;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use tools::figures::Report;

/// As in `tandem`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures Tandem.
#[derive(Parser)]
struct Arguments {
    /// Print JSON after the table.
    #[arg(long, global = true)]
    json: bool,
    /// Shorter and noisier: to see that everything runs.
    #[arg(long, global = true)]
    quick: bool,
    #[command(subcommand)]
    subject: Subject,
}

#[derive(Subcommand)]
enum Subject {
    /// Append, command, lag, replay, rebuild, gaps.
    Log {
        /// Only these groups.
        #[arg(long, value_enum)]
        only: Vec<log::Group>,
    },
    /// From an update to its reply.
    Bot,
    /// What codecs cost, and calls a core by pair.
    Audio,
    /// Calls a core beside rtpengine, delay, loss, soak.
    Media {
        /// How long the soak lasts: `30s`, `10m`, `1h`. Short by default.
        #[arg(long, value_parser = media::duration)]
        soak: Option<std::time::Duration>,
    },
    /// Registrations and calls a second, beside Kamailio and SIPp.
    Sip,
    /// Telegram calls beside a gateway written with ntgcalls: cost, delay, first sound.
    Telegram,
    /// Part of a measurement, in a process of its own.
    #[command(subcommand, hide = true)]
    Child(Child),
}

/// What this program does in a process of its own.
#[derive(Subcommand)]
enum Child {
    /// Appends to SQLite on a slow disk.
    SqliteAppend {
        /// An empty folder.
        folder: PathBuf,
        /// How long each of the two measurements takes.
        milliseconds: u64,
    },
    /// Carries Telegram calls to SIP phones, driven by lines.
    TelegramGateway,
    /// Follows the log and measures how late it sees each event.
    Follow {
        /// The database.
        url: String,
    },
    /// Appends to its own streams until it is killed.
    Write {
        /// The database.
        url: String,
        /// How many writers at once.
        writers: usize,
    },
    /// Folds the log into a table until it is killed or its input ends.
    Fold {
        /// The database.
        url: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::new(arguments.quick);
    match arguments.subject {
        Subject::Log { only } => log::measure(&mut report, &only).await?,
        Subject::Bot => bot::measure(&mut report).await?,
        Subject::Audio => audio::measure(&mut report)?,
        Subject::Media { soak } => media::measure(&mut report, soak)?,
        Subject::Sip => sip::measure(&mut report).await?,
        Subject::Telegram => telegram::measure(&mut report)?,
        Subject::Child(child) => return run(child).await,
    }
    report.print(arguments.json);
    Ok(())
}

async fn run(child: Child) -> Result<()> {
    match child {
        Child::SqliteAppend { folder, milliseconds } => sqlite::child(&folder, milliseconds).await,
        Child::TelegramGateway => telegram::gateway(),
        Child::Follow { url } => lag::child(&url).await,
        Child::Write { url, writers } => gaps::write(&url, writers).await,
        Child::Fold { url } => gaps::fold(&url).await,
    }
}
