//! What PostgreSQL needs now and then: a look at the horizon, forgetting old dedup keys, and renumbering after a restore.

use super::statements as sql;
use crate::log::Fault;
use domain::log::Position;
use sqlx::{PgConnection, PgPool, Row};
use std::time::Duration;
use tokio::time::interval;

/// How far readers of the log are held back by the oldest transaction that writes, of any database of the cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Horizon {
    /// How long that transaction has been open; zero if there is none.
    pub age: Duration,
    /// The process of PostgreSQL that has it open.
    pub pid: Option<i32>,
    /// What it calls itself: `application_name`.
    pub application: Option<String>,
    /// The database it is in.
    pub database: Option<String>,
}

/// An age past which someone should look (reference: event-store 4.4).
pub const HORIZON_TOO_OLD: Duration = Duration::from_secs(5);

/// Between two looks at the horizon.
const HORIZON_EVERY: Duration = Duration::from_secs(10);

/// Looks at the horizon for each time that dedup keys are forgotten: once an hour.
const FORGET_EVERY: u32 = 360;

pub(super) async fn run(pool: PgPool) {
    let mut ticks = interval(HORIZON_EVERY);
    let mut count: u32 = 0;
    loop {
        ticks.tick().await;
        match horizon(&pool).await {
            Ok(horizon) => report(&horizon),
            Err(error) => tracing::debug!(%error, "the horizon is not known"),
        }
        if count.is_multiple_of(FORGET_EVERY)
            && let Err(error) = sqlx::query(sql::FORGET_DONE).execute(&pool).await
        {
            tracing::warn!(%error, "old dedup keys stay for now");
        }
        count = count.wrapping_add(1);
    }
}

fn report(horizon: &Horizon) {
    metrics::gauge!("tandem_log_horizon_age_seconds").set(horizon.age.as_secs_f64());
    if horizon.age > HORIZON_TOO_OLD {
        tracing::warn!(
            age_s = horizon.age.as_secs(),
            pid = horizon.pid,
            application = horizon.application,
            database = horizon.database,
            "an open transaction holds back everybody who follows the log"
        );
    }
}

pub(super) async fn horizon(pool: &PgPool) -> Result<Horizon, Fault> {
    let fault = |error| Fault::new("look at the horizon", error);
    let row = sqlx::query(sql::HORIZON).fetch_optional(pool).await.map_err(fault)?;
    let Some(row) = row else {
        return Ok(Horizon { age: Duration::ZERO, pid: None, application: None, database: None });
    };
    let read = || {
        let seconds: f64 = row.try_get(0)?;
        Ok(Horizon {
            age: Duration::try_from_secs_f64(seconds).unwrap_or_default(),
            pid: Some(row.try_get(1)?),
            application: Some(row.try_get(2)?),
            database: Some(row.try_get(3)?),
        })
    };
    read().map_err(fault)
}

/// Refuses a log whose events stand in transactions that this cluster has not come to: readers would never see them.
pub(super) async fn refuse_one_from_elsewhere(conn: &mut PgConnection) -> Result<(), Fault> {
    let fault = |error| Fault::new("compare the log with its cluster", error);
    let elsewhere: bool = sqlx::query(sql::IS_FROM_ELSEWHERE)
        .fetch_one(conn)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(fault)?;
    if elsewhere {
        return Err(Fault::because(
            "this log was restored from another PostgreSQL cluster, so part of it can't be read yet; \
             run `tandem log rebase` once, with nothing else running",
        ));
    }
    Ok(())
}

/// Numbers the whole log anew in its own order, in transaction 0, and every cursor with it: whatever table has the
/// columns `tx` and `position`.
pub(super) async fn rebase(conn: &mut PgConnection) -> Result<Position, Fault> {
    let fault = |error| Fault::new("renumber the log", error);
    let mut tx = sqlx::Connection::begin(conn).await.map_err(fault)?;
    sqlx::raw_sql(include_str!("rebase.sql")).execute(&mut *tx).await.map_err(fault)?;
    let last: i64 = sqlx::query("SELECT coalesce(max(position), 0) FROM es_events")
        .fetch_one(&mut *tx)
        .await
        .and_then(|row| row.try_get(0))
        .map_err(fault)?;
    tx.commit().await.map_err(fault)?;
    Ok(Position { pos: last.unsigned_abs(), ..Position::START })
}
