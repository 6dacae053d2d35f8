//! Sixteen writers in four processes and a reader in a fifth; any of them is killed at any moment. Nothing may be missed,
//! nothing seen twice.

use crate::tools::clock::MachineClock;
use crate::tools::drive::closed_loop;
use crate::tools::figures::{Report, Target, say};
use crate::tools::load;
use crate::tools::reader::Reader;
use crate::tools::server::Server;
use anyhow::{Context as _, Result, bail};
use event_store::clock::Clock as _;
use event_store::open::{OpenOptions, Opened, open};
use event_store::runner::{Followed, Followers, model};
use event_store::sql::{Statement, Type};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

const WRITER_PROCESSES: usize = 4;
const WRITERS_EACH: usize = 4;

/// Between two kills.
const PAUSE: Duration = Duration::from_millis(700);

/// Of so many kills one hits the reader, whose follower waits three seconds for the lease of the dead one.
const READER_EVERY: usize = 8;

/// What is in the log and what the read model has seen of it.
const COMPARE: &str = "
    SELECT CAST(SUM(n) AS BIGINT), CAST(SUM(GREATEST(n - seen, 0)) AS BIGINT),
        CAST(SUM(GREATEST(seen - n, 0)) AS BIGINT), CAST(SUM(disorder) AS BIGINT)
    FROM (SELECT e.stream_id, COUNT(*) AS n, COALESCE(MAX(f.seen), 0) AS seen,
            COALESCE(MAX(f.out_of_order), 0) AS disorder
          FROM es_events e LEFT JOIN bench_failures f ON f.account = e.stream_id GROUP BY e.stream_id) AS streams";

/// Measures.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) async fn measure(report: &mut Report, server: &Server) -> Result<()> {
    let url = server.fresh("gaps").await?;
    let opened = open(&url, OpenOptions::default()).await?;
    let followers = followers(&opened)?;
    followers.prepare(&[model(Reader::default())], &|_| ()).await?;
    let kills = if report.quick { 10 } else { 40 };
    say(&format!("racing, with a kill every {} ms", PAUSE.as_millis()));

    let mut writers = (0..WRITER_PROCESSES).map(|_| writer(&url)).collect::<Result<Vec<_>>>()?;
    let mut reader = process(&["fold", &url])?;
    let mut ticks = tokio::time::interval(PAUSE);
    ticks.tick().await;
    for kill in 1..=kills {
        ticks.tick().await;
        if kill % READER_EVERY == 0 {
            reader.kill().await.context("kill the reader")?;
            reader = process(&["fold", &url])?;
        } else if let Some(hit) = writers.get_mut(kill % WRITER_PROCESSES) {
            hit.kill().await.context("kill a writer")?;
            *hit = writer(&url)?;
        }
    }
    for mut writer in writers {
        writer.kill().await.context("kill a writer")?;
    }
    caught_up(&opened, &followers).await?;
    reader.kill().await.context("kill the reader")?;
    compare(report, &opened, kills).await
}

async fn compare(report: &mut Report, opened: &Opened, kills: usize) -> Result<()> {
    let database = opened.database.as_ref().context("PostgreSQL is a database")?;
    let rows = database.query(Statement::new(COMPARE, []), &[Type::Int; 4]).await?;
    let row = rows.first().context("a sum is one row")?;
    let writers = WRITER_PROCESSES * WRITERS_EACH;
    let name = |what: &str| format!("{what}, {writers} writers, {kills} kills");
    report.add(name("events appended"), row.int(0)? as f64, "", None, Target::None);
    report.add(name("events missed"), row.int(1)? as f64, "", None, Target::ValueAtMost(0.0));
    report.add(name("events seen twice"), row.int(2)? as f64, "", None, Target::ValueAtMost(0.0));
    report.add(name("events out of order"), row.int(3)? as f64, "", None, Target::ValueAtMost(0.0));
    Ok(())
}

/// Waits until the reader has come to an end that no longer moves.
async fn caught_up(opened: &Opened, followers: &Followers) -> Result<()> {
    let mut ticks = tokio::time::interval(Duration::from_millis(500));
    let mut before = None;
    for _ in 0..120 {
        ticks.tick().await;
        let head = opened.log.head().await?;
        if before == Some(head) && followers.stands_at(Reader::NAME).await? >= Some(head) {
            return Ok(());
        }
        before = Some(head);
    }
    bail!("the reader has not caught up within a minute")
}

fn followers(opened: &Opened) -> Result<Followers> {
    let database = opened.database.clone().context("PostgreSQL is a database")?;
    let owner = format!("bench {}", std::process::id());
    Ok(Followers::new(opened.log.clone(), database, Arc::new(MachineClock), owner))
}

fn writer(url: &str) -> Result<Child> {
    process(&["write", url, &WRITERS_EACH.to_string()])
}

/// This program again. It ends with its parent: its input ends then.
fn process(arguments: &[&str]) -> Result<Child> {
    let mut child = Command::new(std::env::current_exe()?);
    child.arg("child").args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
    child.spawn().with_context(|| format!("start {arguments:?}"))
}

/// A process of writers.
///
/// # Errors
///
/// The database fails.
pub(crate) async fn write(url: &str, writers: usize) -> Result<()> {
    const LONG: Duration = Duration::from_secs(3_600);
    let opened = open(url, OpenOptions::default()).await?;
    let (log, run) = (opened.log.clone(), Uuid::new_v4().simple().to_string());
    let writing = closed_loop(writers, LONG, move |writer, n| {
        let (log, append) = (log.clone(), load::append(&run, writer, n, MachineClock.now()));
        async move {
            log.append(append?).await?;
            Ok(())
        }
    });
    tokio::select! {
        written = writing => written.map(drop),
        () = parent_is_gone() => Ok(()),
    }
}

/// The process of the reader.
///
/// # Errors
///
/// The database fails.
pub(crate) async fn fold(url: &str) -> Result<()> {
    let opened = open(url, OpenOptions::default()).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    followers(&opened)?.start(vec![Followed::ReadModel(model(Reader::default()))], &tasks, &stop);
    tasks.close();
    parent_is_gone().await;
    stop.cancel();
    tasks.wait().await;
    Ok(())
}

async fn parent_is_gone() {
    // An error of reading means the same as its end.
    let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
}
