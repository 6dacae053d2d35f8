//! Durable appends on SQLite against the most that one commit at a time can do on the same disk.

use crate::tools::clock::{MachineClock, now};
use crate::tools::drive::{closed_loop, median};
use crate::tools::figures::{Report, Target};
use crate::tools::load;
use crate::tools::server::Server;
use anyhow::{Context as _, Result, bail};
use event_store::clock::Clock as _;
use event_store::open::{OpenOptions, open};
use rusqlite::Connection;
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const WRITERS: usize = 64;

/// Measures, in a process of its own whose disk is slow.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) fn measure(report: &mut Report, server: &Server) -> Result<()> {
    let (mut ceilings, mut ours) = (Vec::new(), Vec::new());
    for round in 0..if report.quick { 1 } else { 3 } {
        let folder = server.folder().join(format!("sqlite-{round}"));
        std::fs::create_dir_all(&folder)?;
        let mut child = Command::new(std::env::current_exe()?);
        child.args(["child", "sqlite-append"]).arg(&folder).arg("2000").env("LD_PRELOAD", &server.slow_disk);
        let output = child.stderr(Stdio::inherit()).output().context("start the measurement of SQLite")?;
        if !output.status.success() {
            bail!("the measurement of SQLite failed");
        }
        let answer: Value = serde_json::from_slice(&output.stdout)?;
        ceilings.push(answer["ceiling"].as_f64().context("the child tells the ceiling")?);
        ours.push(answer["appends"].as_f64().context("the child tells the appends")?);
    }
    let ratio = median(ours.iter().zip(&ceilings).map(|(one, ceiling)| one / ceiling).collect());
    report.add("SQLite, one commit at a time, 2 ms fsync", median(ceilings), "/s", Some(1.0), Target::None);
    let name = format!("SQLite append, {WRITERS} writers, 2 ms fsync");
    report.add(name, median(ours), "/s", Some(ratio), Target::RatioAtLeast(20.0));
    Ok(())
}

/// The measurement itself.
///
/// # Errors
///
/// SQLite fails.
#[expect(clippy::print_stdout, reason = "its parent reads what it prints")]
pub(crate) async fn child(folder: &Path, milliseconds: u64) -> Result<()> {
    let length = Duration::from_millis(milliseconds);
    let ceiling = one_at_a_time(&folder.join("ceiling.db"), length)?;
    let opened =
        open(&format!("sqlite://{}", folder.join("log.db").display()), OpenOptions::default()).await?;
    let log = opened.log.clone();
    let appends = closed_loop(WRITERS, length, move |writer, n| {
        let (log, append) = (log.clone(), load::append("sqlite", writer, n, MachineClock.now()));
        async move {
            log.append(append?).await?;
            Ok(())
        }
    })
    .await?;
    println!("{}", json!({"ceiling": ceiling, "appends": appends}));
    Ok(())
}

/// One prepared insert of the same row and one commit after another: what the disk allows without grouping.
fn one_at_a_time(path: &Path, length: Duration) -> Result<f64> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         CREATE TABLE events (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
            payload TEXT NOT NULL, meta TEXT NOT NULL, UNIQUE (stream, version)) STRICT;",
    )?;
    let mut insert =
        connection.prepare("INSERT INTO events (stream, version, payload, meta) VALUES (?1, ?2, ?3, ?4)")?;
    let payload = load::failed();
    let begun = now();
    let mut done = 0_u64;
    while begun.elapsed() < length {
        let (stream, version) = (format!("raw-{}", done / load::STREAM), done % load::STREAM);
        insert.execute((stream, i64::try_from(version)?, &payload, load::META))?;
        done += 1;
    }
    Ok(done as f64 / begun.elapsed().as_secs_f64())
}
