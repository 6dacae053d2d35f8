//! The whole log into rows: following it from its beginning, and rebuilding beside what serves.

use crate::tools::clock::{MachineClock, now};
use crate::tools::figures::{Report, Target, say};
use crate::tools::load;
use crate::tools::reader::Reader;
use crate::tools::server::Server;
use anyhow::{Context as _, Result};
use event_store::open::{OpenOptions, Opened, open};
use event_store::runner::{Followed, Followers, ReadModel, model};
use futures::TryStreamExt as _;
use projections::account_board::AccountBoard;
use rusqlite::Connection;
use sqlx::postgres::PgPoolCopyExt as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, PgPool};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What a replay is held to, in events a second.
struct Goals {
    replay: f64,
    rebuild: Target,
}

/// Measures.
///
/// # Errors
///
/// Something does not start, or breaks.
pub(crate) async fn measure(report: &mut Report, server: &Server) -> Result<()> {
    let streams = if report.quick { 10_000 } else { 100_000 };
    let events = streams * load::STREAM;
    say(&format!("filling two logs with {events} events"));
    let url = server.fresh("replay").await?;
    let opened = open(&url, OpenOptions::default()).await?;
    let mut connection = PgConnection::connect(&url).await?;
    connection.execute(AssertSqlSafe(load::fill_postgres(streams))).await?;
    connection.execute("VACUUM ANALYZE").await?;
    let ceiling = copy_out(&url, events).await?;
    report.add("PostgreSQL, COPY of the log", ceiling, "events/s", Some(1.0), Target::None);
    let goals = Goals { replay: 150_000.0, rebuild: Target::ValueAtLeast(400_000.0) };
    on(report, "PostgreSQL", &opened, events, ceiling, &goals).await?;

    let file = server.folder().join("replay.db");
    let opened = open(&format!("sqlite://{}", file.display()), OpenOptions::default()).await?;
    Connection::open(&file)?.execute_batch(&load::fill_sqlite(streams))?;
    let ceiling = read_out(&file, events)?;
    report.add("SQLite, SELECT of the log", ceiling, "events/s", Some(1.0), Target::None);
    on(report, "SQLite", &opened, events, ceiling, &Goals { replay: 500_000.0, rebuild: Target::None }).await
}

async fn on(
    report: &mut Report,
    backend: &str,
    opened: &Opened,
    events: u64,
    ceiling: f64,
    goals: &Goals,
) -> Result<()> {
    let models = [
        (model(Reader::default()), "a plain read model", true),
        (model(AccountBoard), "account_board", false),
    ];
    for (read_model, what, is_goal) in models {
        let database = opened.database.clone().context("there is a database")?;
        let followers = Followers::new(opened.log.clone(), database, Arc::new(MachineClock), "bench");
        let rate = events as f64 / replay(&followers, &read_model, opened).await?;
        let target = if is_goal { Target::ValueAtLeast(goals.replay) } else { Target::None };
        report.add(format!("{backend}, replay into {what}"), rate, "events/s", Some(rate / ceiling), target);
        let begun = now();
        followers.rebuild(read_model.as_ref(), &|_| ()).await?;
        let rate = events as f64 / begun.elapsed().as_secs_f64();
        let target = if is_goal { goals.rebuild } else { Target::None };
        report.add(
            format!("{backend}, shadow rebuild of {what}"),
            rate,
            "events/s",
            Some(rate / ceiling),
            target,
        );
    }
    Ok(())
}

/// Seconds until a follower that begins at the beginning has come to the end.
async fn replay(followers: &Followers, read_model: &Arc<dyn ReadModel>, opened: &Opened) -> Result<f64> {
    followers.prepare(std::slice::from_ref(read_model), &|_| ()).await?;
    let head = opened.log.head().await?;
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let begun = now();
    followers.start(vec![Followed::ReadModel(read_model.clone())], &tasks, &stop);
    followers.wait_for(read_model.table().name, head, Duration::from_secs(300)).await?;
    let seconds = begun.elapsed().as_secs_f64();
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(seconds)
}

/// What PostgreSQL itself gives the log out at.
async fn copy_out(url: &str, events: u64) -> Result<f64> {
    let pool = PgPool::connect(url).await?;
    let begun = now();
    let mut copied = pool.copy_out_raw("COPY (SELECT * FROM es_events) TO STDOUT").await?;
    let mut bytes = 0;
    while let Some(part) = copied.try_next().await? {
        bytes += part.len();
    }
    anyhow::ensure!(bytes > 0, "the log is empty");
    Ok(events as f64 / begun.elapsed().as_secs_f64())
}

/// What SQLite itself gives the log out at.
fn read_out(file: &Path, events: u64) -> Result<f64> {
    let connection = Connection::open(file)?;
    let mut select = connection.prepare("SELECT * FROM es_events ORDER BY position")?;
    let begun = now();
    let mut rows = select.query([])?;
    let (mut seen, mut bytes) = (0_u64, 0);
    while let Some(row) = rows.next()? {
        seen += 1;
        bytes += row.get_ref("payload")?.as_str()?.len();
    }
    anyhow::ensure!(seen == events && bytes > 0, "the log has {seen} events");
    Ok(events as f64 / begun.elapsed().as_secs_f64())
}
