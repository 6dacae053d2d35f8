//! Ends the calls that nobody else would end.
//!
//! Nothing is lost with a process: a call stands on the board until it is ended, and the media processes tell by their
//! leases whether they live. Nothing is done twice to any harm: the first end of a call stands. Of several processes the
//! one cleans up that also folds `call_board`.

use super::{CallBoard, OpenCall, select};
use chrono::{DateTime, TimeDelta, Utc};
use domain::call::{Command, TAKEN_WITHIN};
use domain::ids::CallId;
use domain::log::Position;
use domain::process::call_cleanup::{self, Carried, due};
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::projection::Projection as _;
use event_store::runner::Followers;
use event_store::segments;
use event_store::sql::{Database, Statement, Type};
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Calls ended in one go.
const BATCH: u32 = 500;

/// Commands given at the same time.
const AT_ONCE: usize = 16;

/// Between two looks while there are calls.
const BEAT: Duration = Duration::from_secs(1);

/// Between two looks while there are none. A call that begins cuts it short.
const IDLE: Duration = Duration::from_secs(10);

/// A media process whose lease has ended is gone when it does not renew it for so long while the database can be used.
/// While the database was away nobody could renew anything, and calls go on meanwhile.
const SETTLE: TimeDelta = TimeDelta::seconds(10);

/// How long the table may take to show what was recorded.
const PATIENCE: Duration = Duration::from_secs(5);

/// What cleaning up needs.
pub struct Cleanup {
    /// Where `call_board` is.
    pub db: Arc<dyn Database>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Changes when the clock is moved by hand, as in a demo; a sender that is gone is as good as one that is silent.
    pub clock_moved: watch::Receiver<()>,
    /// The followers of this process, one of which folds `call_board`.
    pub followers: Followers,
}

/// Cleans up until `stop`. `execute` gives a command to a call on behalf of
/// [`Actor::Process`](domain::log::Actor::Process), with its cause in words, and answers where the last event stands; none
/// where nothing was recorded, also where the command was refused.
pub async fn cleanup<E, F>(parts: Cleanup, execute: E, stop: CancellationToken)
where
    E: Fn(CallId, Command, String) -> F + Send + Sync,
    F: Future<Output = Result<Option<Position>, Fault>> + Send,
{
    let mut moves = parts.followers.moves(CallBoard::TABLE.name);
    let mut moved = parts.clock_moved.clone();
    let mut silent = Silent::default();
    while !stop.is_cancelled() {
        let folds_here = moves.borrow_and_update().is_some();
        moved.mark_unchanged();
        let mut calls = false;
        if folds_here {
            calls = parts.round(&execute, &mut silent).await.unwrap_or_else(|fault| {
                silent.clear();
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(error, "calls without a gateway can't be looked for; trying again");
                true
            });
        }
        // While there are calls a look a second is enough, however often the board moves.
        let pause = if calls { BEAT } else { IDLE };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = moves.changed(), if !calls => {}
            Ok(()) = moved.changed() => {}
            () = tokio::time::sleep_until(tokio::time::Instant::now() + pause) => {}
        }
    }
}

/// Media processes whose lease has ended, each with the moment since which that is seen at every look.
type Silent = BTreeMap<String, DateTime<Utc>>;

impl Cleanup {
    /// Ends what is to be ended; tells whether there are calls at all.
    async fn round<E, F>(&self, execute: &E, silent: &mut Silent) -> Result<bool, Fault>
    where
        E: Fn(CallId, Command, String) -> F + Send + Sync,
        F: Future<Output = Result<Option<Position>, Fault>> + Send,
    {
        if super::count(&*self.db).await? == 0 {
            silent.clear();
            return Ok(false);
        }
        let now = self.clock.now();
        let ends: Vec<(CallId, Command)> = abandoned(&*self.db, now, silent).await?;
        let given = futures::stream::iter(ends).map(|(call, command)| async move {
            let done = execute(call, command, "call cleanup".to_owned()).await;
            done.unwrap_or_else(|fault| {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(%call, error, "a call without a gateway could not be ended; trying again");
                None
            })
        });
        let last = given.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().flatten().max();
        if let Some(last) = last
            && let Err(error) = self.followers.wait_for(CallBoard::TABLE.name, last, PATIENCE).await
        {
            tracing::warn!(%error, "the board of calls is behind");
        }
        Ok(true)
    }
}

/// The calls that nobody else will end, each with the command that ends it.
async fn abandoned(
    db: &dyn Database,
    now: DateTime<Utc>,
    silent: &mut Silent,
) -> Result<Vec<(CallId, Command)>, Fault> {
    let processes = segments::processes(db).await?;
    let until: BTreeMap<String, DateTime<Utc>> =
        processes.into_iter().map(|process| (process.process, process.until)).collect();
    let mut calls = untaken(db, now).await?;
    let mut dead = carriers(db).await?;
    dead.retain(|gateway| until.get(gateway).is_none_or(|until| *until <= now));
    silent.retain(|gateway, _| dead.contains(gateway));
    for gateway in dead {
        let since = *silent.entry(gateway.clone()).or_insert(now);
        if since + SETTLE <= now {
            let of_it = "WHERE gateway = $1 ORDER BY began LIMIT $2";
            calls.extend(select(db, of_it, vec![gateway.into(), BATCH.into()]).await?);
        }
    }
    let ends = calls.into_iter().filter_map(|call| {
        let lease = call.gateway.as_ref().and_then(|gateway| until.get(&gateway.process)).copied();
        let carried = match lease {
            Some(until) if until > now => Carried::Alive,
            since => Carried::Gone { since },
        };
        due(&seen(&call), carried, now).map(|command| (call.call, command))
    });
    Ok(ends.collect())
}

async fn untaken(db: &dyn Database, now: DateTime<Utc>) -> Result<Vec<OpenCall>, Fault> {
    let rest = "WHERE gateway IS NULL AND began <= $1 ORDER BY began LIMIT $2";
    select(db, rest, vec![(now - TAKEN_WITHIN).into(), BATCH.into()]).await
}

async fn carriers(db: &dyn Database) -> Result<Vec<String>, Fault> {
    let sql = "SELECT DISTINCT gateway FROM call_board WHERE gateway IS NOT NULL";
    let rows = db.query(Statement::new(sql, []), &[Type::Text]).await?;
    rows.iter().map(|row| row.text(0).map_err(Fault::from)).collect()
}

fn seen(call: &OpenCall) -> call_cleanup::OpenCall {
    call_cleanup::OpenCall {
        gateway: call.gateway.clone(),
        began: call.began,
        answered: call.answered,
        seen: call.seen,
    }
}
