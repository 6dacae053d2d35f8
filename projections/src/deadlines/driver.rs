//! Gives the commands of deadlines that have come.
//!
//! Nothing is lost with a process: what is due stands in the table until the event that clears it is recorded. Nothing is
//! done twice to any harm: a command that comes again, or too early, is refused or changes nothing. Of several processes
//! the one drives that also folds `deadlines`.

use super::{Deadlines, due, next};
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::AccountNumber;
use domain::log::Position;
use domain::process::deadline::{Deadline, DeadlineKind};
use domain::sip_account::Command;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::projection::Projection as _;
use event_store::runner::Followers;
use event_store::sql::Database;
use futures::StreamExt as _;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Deadlines looked at in one go.
const BATCH: u32 = 500;

/// Commands given at the same time: they are of different accounts nearly always, and the log groups their appends.
const AT_ONCE: usize = 16;

/// The longest pause between two looks, whatever the clock says.
const IDLE: Duration = Duration::from_secs(10);

/// How long a command that did not clear its deadline waits for its next try.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

/// How long the table may take to show what was recorded.
const PATIENCE: Duration = Duration::from_secs(5);

/// What driving needs.
pub struct Drive {
    /// Where `deadlines` is.
    pub db: Arc<dyn Database>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Changes when the clock is moved by hand, as in a demo; a sender that is gone is as good as one that is silent.
    pub clock_moved: watch::Receiver<()>,
    /// The followers of this process, one of which folds `deadlines`.
    pub followers: Followers,
}

/// Drives until `stop`. `execute` gives a command to an account on behalf of
/// [`Actor::Process`](domain::log::Actor::Process), with its cause in words, and answers where the last event stands;
/// none where nothing was recorded, also where the command was refused.
pub async fn drive<E, F>(parts: Drive, execute: E, stop: CancellationToken)
where
    E: Fn(AccountNumber, Command, String) -> F + Send + Sync,
    F: Future<Output = Result<Option<Position>, Fault>> + Send,
{
    let mut moves = parts.followers.moves(Deadlines::TABLE.name);
    let mut moved = parts.clock_moved.clone();
    let mut tried = Tried::default();
    while !stop.is_cancelled() {
        let folds_here = moves.borrow_and_update().is_some();
        moved.mark_unchanged();
        let pause = if folds_here {
            match parts.round(&execute, &mut tried).await {
                Ok(pause) => pause,
                Err(fault) => {
                    let error = &fault as &dyn std::error::Error;
                    tracing::warn!(error, "deadlines can't be read; trying again");
                    Duration::from_secs(1)
                }
            }
        } else {
            IDLE
        };
        tokio::select! {
            () = stop.cancelled() => {}
            _ = moves.changed() => {}
            Ok(()) = moved.changed() => {}
            () = tokio::time::sleep_until(tokio::time::Instant::now() + pause) => {}
        }
    }
}

/// Deadlines whose command was given and that are still there, with the moment of their next try.
type Tried = HashMap<(AccountNumber, DeadlineKind, DateTime<Utc>), DateTime<Utc>>;

impl Drive {
    /// Does what is due; returns how long nothing more will be.
    async fn round<E, F>(&self, execute: &E, tried: &mut Tried) -> Result<Duration, Fault>
    where
        E: Fn(AccountNumber, Command, String) -> F + Send + Sync,
        F: Future<Output = Result<Option<Position>, Fault>> + Send,
    {
        loop {
            let now = self.clock.now();
            let found = due(&*self.db, now, BATCH).await?;
            let all = found.len() < BATCH as usize;
            if all {
                // What is no longer due was cleared.
                tried.retain(|key, _| found.iter().any(|it| key == &name(it)));
            }
            let ready = |it: &Deadline| tried.get(&name(it)).is_none_or(|again| *again <= now);
            let ready: Vec<Deadline> = found.into_iter().filter(ready).collect();
            if ready.is_empty() {
                return self.pause(now, tried).await;
            }
            tried.extend(ready.iter().map(|it| (name(it), now + AGAIN)));
            self.give(ready, execute).await;
        }
    }

    async fn give<E, F>(&self, ready: Vec<Deadline>, execute: &E)
    where
        E: Fn(AccountNumber, Command, String) -> F + Send + Sync,
        F: Future<Output = Result<Option<Position>, Fault>> + Send,
    {
        let given = futures::stream::iter(ready).map(|deadline| async move {
            let cause = format!("deadline {}", deadline.kind);
            let done = execute(deadline.account, deadline.command(), cause).await;
            done.unwrap_or_else(|fault| {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(account = %deadline.account, error, "a deadline has come and nothing was done; trying again");
                None
            })
        });
        let last = given.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await.into_iter().flatten().max();
        if let Some(last) = last {
            let arrived = self.followers.wait_for(Deadlines::TABLE.name, last, PATIENCE).await;
            if let Err(error) = arrived {
                tracing::warn!(%error, "deadlines are behind");
            }
        }
    }

    async fn pause(&self, now: DateTime<Utc>, tried: &Tried) -> Result<Duration, Fault> {
        let next = next(&*self.db, now).await?;
        let soonest = tried.values().copied().chain(next).min();
        let pause = soonest.map_or(IDLE, |soonest| (soonest - now).to_std().unwrap_or_default());
        Ok(pause.clamp(Duration::from_millis(1), IDLE))
    }
}

fn name(deadline: &Deadline) -> (AccountNumber, DeadlineKind, DateTime<Utc>) {
    (deadline.account, deadline.kind.clone(), deadline.due)
}
