//! Which media process has which segment of the users.
//!
//! Work on calls is divided by [`Segment`]: all lines, registrations and phones of one user are in the process that holds
//! the user's segment. A process holds a segment by a lease that it renews; when it dies, the others take its segments
//! within [`LEASE`] and a beat. The epoch of a segment grows each time that it changes hands, so that what a process did
//! before it lost its lease is told from what the next one does. Processes come to equal shares within a few beats, except
//! that a segment in which somebody talks stays where it is ([`Segments::keep`]).
//!
//! Where all calls need something that only one process can work ([`Segments::together`]), whoever gets the first segment
//! takes all of them, and the others stand by.
//!
//! An embedded database belongs to one process, which takes everything at once, whatever an earlier run held.
//! Clocks of processes that share a database must not differ by more than a second or two.

mod busy;
mod table;

pub use busy::Keep;
pub use table::{Holder, Process, holder, holders, processes};

use crate::clock::Clock;
use crate::log::Fault;
use crate::sql::{Database, Dialect};
use busy::Busy;
use chrono::{DateTime, TimeDelta, Utc};
use domain::call::{Gateway, SEGMENTS, Segment};
use domain::ids::UserId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use table::Leases;
use tokio::sync::{Mutex, watch};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// How long a lease holds without being renewed, where several processes share a database.
pub const LEASE: TimeDelta = TimeDelta::seconds(6);

/// How long it holds where the database belongs to one process: nobody waits for it to end.
pub const LEASE_ALONE: TimeDelta = TimeDelta::seconds(60);

/// How long a process goes on beyond its leases while it can't reach the database. Most often nobody can, and then nobody
/// takes its segments either; registering everything anew for each restart of the database would lose calls.
pub const HOLD_ON: TimeDelta = TimeDelta::seconds(60);

/// Between two looks at how the segments are shared.
pub const BEAT: Duration = Duration::from_secs(1);

/// One media process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// A name that no other process ever has, nor this one after its next start.
    pub process: String,
    /// Where phones reach it from outside: `https://media-1.example`. None where it has no address of its own.
    pub url: Option<String>,
}

/// What a process holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Held {
    process: String,
    /// The epoch of each segment.
    pub epochs: BTreeMap<Segment, u64>,
}

impl Held {
    /// Whether the segment is held, and by which lease: what rides in the events of its calls.
    #[must_use]
    pub fn gateway(&self, user: UserId) -> Option<Gateway> {
        let epoch = *self.epochs.get(&Segment::of(user))?;
        Some(Gateway { process: self.process.clone(), epoch })
    }

    /// Whether the user's segment is held.
    #[must_use]
    pub fn has(&self, user: UserId) -> bool {
        self.epochs.contains_key(&Segment::of(user))
    }
}

/// Takes, renews and gives up segments for one process. Cheap to clone.
#[derive(Clone)]
pub struct Segments {
    leases: Leases,
    clock: Arc<dyn Clock>,
    lease: TimeDelta,
    together: bool,
    busy: Busy,
    state: Arc<Mutex<State>>,
    held: watch::Sender<Arc<Held>>,
}

/// What one beat leaves to the next.
#[derive(Debug, Default)]
struct State {
    /// Given up as far as this process is concerned, and told so to whoever watches; free for others from the next beat.
    leaving: BTreeSet<Segment>,
    /// When the leases end, if they are not renewed.
    until: Option<DateTime<Utc>>,
}

impl Segments {
    /// The segments of this process. It holds none until the first beat.
    #[must_use]
    pub fn new(db: Arc<dyn Database>, clock: Arc<dyn Clock>, member: Member) -> Self {
        let alone = db.dialect() == Dialect::Sqlite;
        let held = Held { process: member.process.clone(), epochs: BTreeMap::new() };
        Self {
            leases: Leases { db, member, alone },
            clock,
            lease: if alone { LEASE_ALONE } else { LEASE },
            together: false,
            busy: Busy::default(),
            state: Arc::default(),
            held: watch::Sender::new(Arc::new(held)),
        }
    }

    /// All segments go to one process: to the one that holds the first of them. Say it in every process alike.
    #[must_use]
    pub fn together(mut self, together: bool) -> Self {
        self.together = together;
        self
    }

    /// What this process holds, from now on. A segment leaves this view a beat before another process may take it.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<Arc<Held>> {
        self.held.subscribe()
    }

    /// The user's segment stays with this process while this is kept, unless another process takes it: somebody talks.
    #[must_use]
    pub fn keep(&self, user: UserId) -> Keep {
        self.busy.keep(Segment::of(user))
    }

    /// Beats until `stop`, and then gives everything up.
    pub async fn run(self, stop: CancellationToken) {
        let mut beat = interval(BEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(beat.tick()).await.is_some() {
            if let Err(fault) = self.beat().await {
                let error = &fault as &dyn std::error::Error;
                tracing::warn!(error, "the leases of media segments can't be renewed; trying again");
            }
        }
        if let Err(fault) = self.give_up().await {
            let error = &fault as &dyn std::error::Error;
            tracing::warn!(error, "the segments of this process come free when its leases end");
        }
    }

    /// Renews what is held, gives up what is too much, takes what is free.
    ///
    /// # Errors
    ///
    /// The database can't be used. [`HOLD_ON`] after the leases have ended, only those segments are still held in which
    /// somebody talks; whether another process took them meanwhile shows when the database is back.
    pub async fn beat(&self) -> Result<(), Fault> {
        let mut state = self.state.lock().await;
        let now = self.clock.now();
        let turn = self.turn(&mut state, now).await;
        if turn.is_err() && state.until.is_none_or(|until| until + HOLD_ON <= now) {
            let mut talking = self.held.borrow().epochs.clone();
            talking.retain(|segment, _| self.busy.is(*segment));
            self.publish(talking);
        }
        turn
    }

    /// Gives everything up at once, as a process does that ends.
    ///
    /// # Errors
    ///
    /// The database can't be used; the leases then end by themselves.
    pub async fn give_up(&self) -> Result<(), Fault> {
        let mut state = self.state.lock().await;
        self.publish(BTreeMap::new());
        *state = State::default();
        self.leases.leave(self.clock.now()).await
    }

    async fn turn(&self, state: &mut State, now: DateTime<Utc>) -> Result<(), Fault> {
        let until = now + self.lease;
        let old = state.until.is_none_or(|ends| ends - now < self.lease * 2 / 3);
        if old {
            self.leases.renew(now, until).await?;
            state.until = Some(until);
        }
        let until = state.until.unwrap_or(until);
        self.leases.release(&std::mem::take(&mut state.leaving)).await?;

        let share = self.share(now, until).await?;
        let mine = self.leases.mine(now).await?;
        if mine.len() < share {
            self.leases.take(share - mine.len(), now, until).await?;
        }
        let mut mine = self.leases.mine(now).await?;
        let idle: Vec<Segment> = mine.keys().copied().filter(|it| !self.busy.is(*it)).collect();
        let surplus = mine.len().saturating_sub(share);
        state.leaving = idle.into_iter().rev().take(surplus).collect();
        mine.retain(|segment, _| !state.leaving.contains(segment));
        self.publish(mine);
        Ok(())
    }

    /// How many segments this process should have.
    async fn share(&self, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<usize, Fault> {
        if !self.together {
            return Ok(share(self.leases.members(now).await?));
        }
        if !self.leases.mine(now).await?.contains_key(&Segment::FIRST) {
            self.leases.take_these(&[Segment::FIRST], now, until).await?;
        }
        let first = self.leases.mine(now).await?.contains_key(&Segment::FIRST);
        Ok(if first { usize::from(SEGMENTS) } else { 0 })
    }

    fn publish(&self, epochs: BTreeMap<Segment, u64>) {
        self.held.send_if_modified(|held| {
            let changed = held.epochs != epochs;
            if changed {
                *held = Arc::new(Held { process: held.process.clone(), epochs });
            }
            changed
        });
    }
}

/// The most segments that each of so many processes holds.
fn share(members: usize) -> usize {
    usize::from(SEGMENTS).div_ceil(members.max(1))
}

impl std::fmt::Debug for Segments {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Segments").field("held", &self.held.borrow()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
