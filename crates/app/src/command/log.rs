//! `tandem log`: the log as it is, event by event.

use super::print;
use crate::config::Config;
use crate::platform;
use anyhow::{Context as _, Result, bail};
use chrono::SecondsFormat;
use clap::{Args, Subcommand};
use domain::log::{Position, Recorded};
use event_store::backend::postgres::Postgres;
use event_store::codec::{self, Upcasters};
use event_store::log::{EventLog, Stored, StreamId};
use event_store::verify;
use serde_json::{Value, json};
use std::time::Duration;

/// What to look at.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Prints the last events, and with --follow each new one as it comes. Secrets stand in it only sealed.
    Tail(Tail),
    /// Prints one stream from its beginning.
    Show(Show),
    /// Checks the log: no gap and no double in any stream, every event readable, every claim held by a living stream.
    Verify,
    /// After a PostgreSQL database was restored from a dump: gives the events' transactions numbers that this server can
    /// order, and every follower its place anew. Start-up asks for it when it is needed.
    Rebase,
}

/// What `tail` prints.
#[derive(Args)]
pub(crate) struct Tail {
    /// How many of the last events.
    #[arg(short = 'n', long, default_value_t = 20)]
    lines: usize,
    /// Go on until Ctrl+C.
    #[arg(short, long)]
    follow: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// What `show` prints.
#[derive(Args)]
pub(crate) struct Show {
    /// The stream: `sip_account/123456789`, `person/42`, or only an account's number.
    stream: String,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// How many events are read at a time.
const PAGE: u32 = 1_000;

/// Does it.
///
/// # Errors
///
/// The log can't be read, or a check fails.
pub(crate) async fn run(config: &Config, task: Task) -> Result<()> {
    match task {
        Task::Tail(options) => tail(config, &options).await,
        Task::Show(options) => show(config, &options).await,
        Task::Verify => check(config).await,
        Task::Rebase => rebase(config).await,
    }
}

async fn tail(config: &Config, options: &Tail) -> Result<()> {
    let (opened, _) = platform::look(config).await?;
    let mut cursor = last(&*opened.log, options).await?;
    if !options.follow {
        return Ok(());
    }
    let mut beat = tokio::time::interval(Duration::from_millis(250));
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            _ = beat.tick() => cursor = print_after(&*opened.log, cursor, options.json).await?,
        }
    }
}

/// Prints the last events and tells where they end. The log has no way back from its end, so it is read from its
/// beginning, keeping only what may be the last.
async fn last(log: &dyn EventLog, options: &Tail) -> Result<Position> {
    let mut kept: Vec<Recorded<Stored>> = Vec::new();
    let mut cursor = Position::START;
    loop {
        let page = log.read(cursor, PAGE).await.context("read the log")?;
        cursor = page.cursor;
        let ended = page.events.is_empty();
        kept.extend(page.events);
        kept.drain(..kept.len().saturating_sub(options.lines));
        if ended {
            break;
        }
    }
    for event in &kept {
        print(line(event, options.json));
    }
    Ok(cursor)
}

async fn print_after(log: &dyn EventLog, mut cursor: Position, json: bool) -> Result<Position> {
    loop {
        let page = log.read(cursor, PAGE).await.context("read the log")?;
        cursor = page.cursor;
        if page.events.is_empty() {
            return Ok(cursor);
        }
        for event in &page.events {
            print(line(event, json));
        }
    }
}

async fn show(config: &Config, options: &Show) -> Result<()> {
    let (opened, _) = platform::look(config).await?;
    let (category, id) = options.stream.split_once('/').unwrap_or(("sip_account", &options.stream));
    let loaded = opened.log.load(&StreamId::new(category, id), false).await.context("read the stream")?;
    if loaded.events.is_empty() {
        bail!("there is no stream {category}/{id}");
    }
    for event in &loaded.events {
        print(line(event, options.json));
    }
    Ok(())
}

async fn check(config: &Config) -> Result<()> {
    let (opened, database) = platform::look(config).await?;
    let upcasters = Upcasters::current();
    let known = |event: &Recorded<Stored>| readable(&upcasters, event).map_err(|fault| format!("{fault:#}"));
    let verified = verify::verify(&*opened.log, Some(&*database), known).await.context("check the log")?;
    for problem in &verified.problems {
        print(problem);
    }
    if verified.wrong > 0 {
        bail!("{} problems in {} events", verified.wrong, verified.events);
    }
    print(format_args!("{} events in {} streams: all is well", verified.events, verified.streams));
    Ok(())
}

/// Whether this version of the platform understands an event.
fn readable(upcasters: &Upcasters, event: &Recorded<Stored>) -> Result<()> {
    for recorded in upcasters.recorded(event.clone())? {
        codec::decode(recorded)?;
    }
    Ok(())
}

async fn rebase(config: &Config) -> Result<()> {
    if !config.database.starts_with("postgres") {
        print("only PostgreSQL orders events by transactions: there is nothing to do");
        return Ok(());
    }
    let last =
        Postgres::rebase(&config.database).await.context("rebase; every `tandem serve` has to be stopped")?;
    print(format_args!("events have an order that this server knows; the last one is at {last}"));
    Ok(())
}

fn line(event: &Recorded<Stored>, json: bool) -> String {
    let payload: Value = serde_json::from_str(&event.event.payload).unwrap_or(Value::Null);
    let at = event.context.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    if json {
        let line = json!({
            "position": event.position.to_string(), "stream": format!("{}/{}", event.category, event.stream),
            "version": event.version, "id": event.id, "at": at, "by": event.context.by, "cause": event.cause,
            "type": event.event.event_type, "schema": event.event.schema, "event": payload,
        });
        return line.to_string();
    }
    let stream = format!("{}/{}", event.category, event.stream);
    let mut fields = payload;
    if let Some(fields) = fields.as_object_mut() {
        fields.remove("type");
    }
    format!("{at}  {}  {stream}  #{}  {}  {fields}", event.position, event.version, event.event.event_type)
}
