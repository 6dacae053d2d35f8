//! Following the log: read models, reactors, what they could not digest, and rebuilds.
//!
//! ```text
//! read a page ─▶ decode ─▶ bring in the rows it touches ─▶ fold ─▶ rows and place in one transaction ─▶ again
//! ```
//!
//! Each follower works in one process at a time. A process that dies is followed by another within seconds: see the lease
//! and the epoch in `checkpoint.rs`. An event that can't be digested stops its own stream and nothing else: see
//! [`parked`]. A read model whose shape has changed is made anew beside the old one: see [`Followers::prepare`].
//!
//! Figures for `metrics`: `tandem_follower_lag_events`, `…_lag_seconds`, `…_batch_events`, `…_retries_total`,
//! `…_parked_total`, `…_epoch_changes_total`, each with the label `follower`.

mod checkpoint;
mod follow;
pub mod parked;
mod read_model;
mod rebuild;
pub mod status;
mod tables;
mod tail;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod wait;
mod work;

pub use read_model::{Changes, Memory, ReadModel, model};
pub use rebuild::{OnProgress, Progress, RebuildError, Rebuilt};
pub use tables::physical;
pub use wait::NotYet;

use crate::clock::Clock;
use crate::log::{EventLog, Fault};
use crate::reactor::AnyReactor;
use crate::sql::{Database, Dialect, TransactError};
use checkpoint::{Desk, Hold, Stopped};
use domain::log::Position;
use follow::Follower;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tables::Place;
use tail::{Tail, elapsed};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use work::{Folding, Reacting, Work};

/// How often a process asks whether it may work on what another one holds.
const ASK: Duration = Duration::from_millis(500);

/// Something that follows the log.
#[derive(Clone)]
pub enum Followed {
    /// Keeps a table.
    ReadModel(Arc<dyn ReadModel>),
    /// Writes what others are to do.
    Reactor(Arc<dyn AnyReactor>),
}

impl Followed {
    /// The name under which its place is kept.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::ReadModel(model) => model.table().name,
            Self::Reactor(reactor) => reactor.name(),
        }
    }

    fn shape(&self) -> u32 {
        match self {
            Self::ReadModel(model) => model.table().version,
            Self::Reactor(_) => 1,
        }
    }
}

/// The followers of one process. Cheap to clone.
#[derive(Clone)]
pub struct Followers {
    desk: Desk,
    tail: Arc<Tail>,
    here: Arc<Mutex<HashMap<String, watch::Sender<Option<Position>>>>>,
}

impl Followers {
    /// Followers of this log, whose places and rows are in this database. `owner` names the process to people who ask who
    /// works on what; a random part tells it from others of that name, and from itself before a restart.
    #[must_use]
    pub fn new(
        log: Arc<dyn EventLog>,
        db: Arc<dyn Database>,
        clock: Arc<dyn Clock>,
        owner: impl Into<String>,
    ) -> Self {
        let owner = format!("{} {:08x}", owner.into(), rand::random::<u32>());
        let desk = Desk { db, clock, owner };
        Self { desk, tail: Arc::new(Tail::new(log)), here: Arc::default() }
    }

    /// Sees to it that every read model has its table, in this version's shape: what is new is made empty, what has another
    /// shape is rebuilt now. Called before anything reads or follows.
    ///
    /// # Errors
    ///
    /// The database or the log fails.
    pub async fn prepare(
        &self,
        models: &[Arc<dyn ReadModel>],
        on_progress: OnProgress<'_>,
    ) -> Result<(), Fault> {
        for model in models {
            while !self.prepared(model, on_progress).await? {
                elapsed(ASK).await;
            }
        }
        Ok(())
    }

    /// Whether it is ready; not when another process is at it.
    async fn prepared(&self, model: &Arc<dyn ReadModel>, on_progress: OnProgress<'_>) -> Result<bool, Fault> {
        let table = model.table();
        match self.desk.active(table.name).await? {
            Some(standing) if standing.shape >= i64::from(table.version) => Ok(true),
            Some(_) => match self.rebuild(model.as_ref(), on_progress).await {
                Ok(_) => Ok(true),
                Err(RebuildError::Busy { .. } | RebuildError::Fenced) => Ok(false),
                Err(RebuildError::Fault(fault)) => Err(fault),
            },
            None => match self.begin(&Followed::ReadModel(model.clone())).await? {
                Some(hold) => {
                    self.desk.release(&hold).await;
                    Ok(true)
                }
                None => Ok(false),
            },
        }
    }

    /// Makes a read model anew, beside the old one, and lets its name mean the new one.
    ///
    /// # Errors
    ///
    /// Another process is at it, or something broke. The old one is untouched then.
    pub async fn rebuild(
        &self,
        model: &dyn ReadModel,
        on_progress: OnProgress<'_>,
    ) -> Result<Rebuilt, RebuildError> {
        rebuild::rebuild(&self.desk, &self.tail, model, on_progress).await
    }

    /// Follows the log until `stop`: each of these in a task of its own, for as long as no other process holds it.
    pub fn start(&self, followed: Vec<Followed>, tasks: &TaskTracker, stop: &CancellationToken) {
        let watching = (self.clone(), stop.clone());
        tasks.spawn(async move { watching.0.tail.watch(watching.1).await });
        for followed in followed {
            let (followers, stop) = (self.clone(), stop.clone());
            tasks.spawn(async move { followers.keep_following(followed, stop).await });
        }
    }

    async fn keep_following(&self, followed: Followed, stop: CancellationToken) {
        let name = followed.name();
        let progress = self.progress(name);
        let mut first = true;
        while !stop.is_cancelled() {
            let outcome = self.follow_once(&followed, first, &progress, &stop).await;
            progress.send_replace(None);
            first = false;
            match outcome {
                Ok(()) => {}
                Err(Stopped::Fenced) => tracing::info!(follower = name, "another process has taken over"),
                Err(Stopped::Fault(fault)) => {
                    let error = &fault as &dyn std::error::Error;
                    tracing::error!(follower = name, error, "a follower stands still; trying again");
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = elapsed(ASK) => {}
            }
        }
    }

    /// Works for as long as it may; returns at once when another process does.
    async fn follow_once(
        &self,
        followed: &Followed,
        first: bool,
        progress: &watch::Sender<Option<Position>>,
        stop: &CancellationToken,
    ) -> Result<(), Stopped> {
        let Some(hold) = self.claim(followed, first).await? else {
            return Ok(());
        };
        metrics::counter!("tandem_follower_epoch_changes_total", "follower" => hold.name.clone())
            .increment(1);
        let parked = self.desk.parked_streams(&hold).await?;
        let work: Box<dyn Work> = match followed {
            Followed::Reactor(reactor) => Box::new(Reacting(reactor.clone())),
            Followed::ReadModel(model) => {
                let place = Place::new(model.table(), hold.generation, self.desk.db.dialect());
                let is_empty = hold.position == Position::START;
                Box::new(Folding::new(self.desk.db.clone(), model.as_ref(), place, is_empty))
            }
        };
        let progress = progress.clone();
        let mut follower = Follower { desk: &self.desk, tail: &self.tail, hold, work, parked, progress };
        follower.follow(stop).await
    }

    /// The right to work on it; none while another process has it.
    async fn claim(&self, followed: &Followed, first: bool) -> Result<Option<Hold>, Fault> {
        let Some(standing) = self.desk.active(followed.name()).await? else {
            return self.begin(followed).await;
        };
        if standing.shape != i64::from(followed.shape()) {
            if first {
                let (theirs, ours) = (standing.shape, followed.shape());
                tracing::warn!(follower = followed.name(), theirs, ours, "the read model has another shape");
            }
            return Ok(None);
        }
        // SQLite is locked to one process: whoever held the lease before this one started is gone.
        let alone = first && self.desk.db.dialect() == Dialect::Sqlite;
        if !alone && self.desk.is_held_by_another(&standing) {
            return Ok(None);
        }
        self.desk.take_over(followed.name(), &standing).await
    }

    /// Enters a follower that was never there. None when another process was faster.
    async fn begin(&self, followed: &Followed) -> Result<Option<Hold>, Fault> {
        let name = followed.name();
        let position = match followed {
            Followed::ReadModel(_) => Position::START,
            Followed::Reactor(_) => self.tail.log().head().await?,
        };
        let mut statements = vec![self.desk.enter(name, "active", 1, i64::from(followed.shape()), position)];
        if let Followed::ReadModel(model) = followed {
            let place = Place::new(model.table(), 1, self.desk.db.dialect());
            statements.extend(place.create_bare());
            statements.extend(place.create_indexes());
            statements.extend(place.point_view());
        }
        match self.desk.db.transact(statements).await {
            Ok(_) => Ok(Some(Hold { name: name.to_owned(), generation: 1, epoch: 1, position })),
            Err(TransactError::Raced { .. }) => Ok(None),
            Err(TransactError::Fault(fault)) => Err(fault),
        }
    }
}
