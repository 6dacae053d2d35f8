//! From an append to its row in another process, at 1,500 events a second.

use crate::tools::clock::{MachineClock, now};
use crate::tools::drive::percentile;
use crate::tools::figures::{Report, Target};
use crate::tools::load;
use crate::tools::reader::{Reader, Seen};
use crate::tools::server::Server;
use anyhow::{Context as _, Result, bail};
use chrono::{DateTime, Utc};
use event_store::clock::Clock as _;
use event_store::log::EventLog;
use event_store::open::{OpenOptions, open};
use event_store::runner::{Followed, Followers, model};
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Events a second.
const RATE: u64 = 1_500;

/// Streams whose events do not count: everything is still cold.
const WARM_UP: &str = "warm";

/// Measures.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) async fn measure(report: &mut Report, server: &Server) -> Result<()> {
    let url = server.fresh("lag").await?;
    let opened = open(&url, OpenOptions::default()).await?;
    let mut child = Command::new(std::env::current_exe()?);
    child.args(["child", "follow", &url]).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = child.spawn().context("start the follower")?;
    let mut said = BufReader::new(child.stdout.take().context("the follower speaks")?).lines();
    if said.next_line().await?.as_deref() != Some("ready") {
        bail!("the follower did not start");
    }
    produce(&opened.log, WARM_UP, 1).await?;
    produce(&opened.log, "lag", if report.quick { 2 } else { 6 }).await?;
    drop(child.stdin.take());
    let answer = said.next_line().await?.context("the follower tells what it saw")?;
    let answer: Value = serde_json::from_str(&answer)?;
    let figure = |name: &str| answer[name].as_f64().with_context(|| format!("the follower tells `{name}`"));
    let name = |what: &str| format!("append to {what} in another process, {RATE}/s");
    report.add(name("fold, p50"), figure("fold_p50")?, "ms", None, Target::None);
    report.add(name("fold, p99"), figure("fold_p99")?, "ms", None, Target::None);
    report.add(name("its row, p50"), figure("row_p50")?, "ms", None, Target::None);
    report.add(name("its row, p99"), figure("row_p99")?, "ms", None, Target::ValueAtMost(15.0));
    child.wait().await.context("wait for the follower")?;
    Ok(())
}

/// Appends at the rate, whether or not the log keeps up: an event that has to wait counts as late.
async fn produce(log: &Arc<dyn EventLog>, name: &str, seconds: u64) -> Result<()> {
    let tasks = TaskTracker::new();
    let begun = now();
    let mut ticks = tokio::time::interval(Duration::from_millis(1));
    let (mut sent, mut running) = (0, Vec::new());
    while sent < RATE * seconds {
        ticks.tick().await;
        let due = (begun.elapsed().as_micros() as u64 * RATE / 1_000_000).min(RATE * seconds);
        for n in sent..due {
            let (log, stream) = (log.clone(), format!("{name}-{n}"));
            running.push(tasks.spawn(async move {
                let append = load::append(&stream, 0, 0, MachineClock.now())?;
                log.append(append).await?;
                Ok::<(), anyhow::Error>(())
            }));
        }
        sent = due;
    }
    for append in running {
        append.await??;
    }
    Ok(())
}

/// The follower: says that it is ready, follows until its input ends, and tells how late it saw what.
///
/// # Errors
///
/// The database fails.
#[expect(clippy::print_stdout, reason = "its parent reads what it prints")]
pub(crate) async fn child(url: &str) -> Result<()> {
    let opened = open(url, OpenOptions::default()).await?;
    let database = opened.database.clone().context("PostgreSQL is a database")?;
    let (watcher, seen) = sync_channel(1 << 17);
    let read_model = model(Reader::watched(watcher));
    let followers = Followers::new(opened.log.clone(), database, Arc::new(MachineClock), "bench");
    followers.prepare(std::slice::from_ref(&read_model), &|_| ()).await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let rows = tasks.spawn(rows(followers.clone(), seen, stop.clone()));
    followers.start(vec![Followed::ReadModel(read_model)], &tasks, &stop);
    println!("ready");
    tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
    followers.settle(&[Reader::NAME], Duration::from_secs(20)).await?;
    stop.cancel();
    tasks.close();
    let (mut folded, mut visible) = rows.await?;
    tasks.wait().await;
    println!(
        "{}",
        json!({
            "events": visible.len(),
            "fold_p50": percentile(&mut folded, 50), "fold_p99": percentile(&mut folded, 99),
            "row_p50": percentile(&mut visible, 50), "row_p99": percentile(&mut visible, 99),
        })
    );
    Ok(())
}

/// How long each event took to be folded, and to be a row, in milliseconds.
async fn rows(followers: Followers, seen: Receiver<Seen>, stop: CancellationToken) -> (Vec<f64>, Vec<f64>) {
    let mut moves = followers.moves(Reader::NAME);
    let (mut folded, mut visible) = (Vec::new(), Vec::new());
    let mut waiting = Vec::new();
    while stop.run_until_cancelled(moves.changed()).await.is_some_and(|moved| moved.is_ok()) {
        let Some(position) = *moves.borrow_and_update() else { continue };
        let now = MachineClock.now();
        waiting.extend(seen.try_iter());
        waiting.retain(|event: &Seen| {
            let there = event.position <= position;
            if there && !event.stream.starts_with(WARM_UP) {
                folded.push(milliseconds(event.appended, event.folded));
                visible.push(milliseconds(event.appended, now));
            }
            !there
        });
    }
    (folded, visible)
}

fn milliseconds(from: DateTime<Utc>, to: DateTime<Utc>) -> f64 {
    (to - from).num_microseconds().map_or(f64::NAN, |micros| micros as f64 / 1_000.0)
}
