//! What a follower does with events: fold them into rows, or react to them.

use super::read_model::{Memory, ReadModel};
use super::tables::Place;
use crate::log::Fault;
use crate::reactor::AnyReactor;
use crate::sql::{Database, Dialect, Statement};
use async_trait::async_trait;
use domain::Event;
use domain::log::Recorded;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

/// Rows kept in memory while the follower rests; more are forgotten after they are written.
const KEPT_ROWS: usize = 10_000;

/// Events answered in one transaction by a reactor: each may need a query of its own, and the lease has to be kept.
const REACTIONS: usize = 100;

/// What a power cut takes from a read model is folded anew, since rows and place go together. So nobody waits for the
/// disk; and a short transaction holds readers of the log back for a short time only (reference: event-store 4.4).
const WITHOUT_WAITING_FOR_THE_DISK: &str = "SET LOCAL synchronous_commit = off";

/// One follower's work on the events that are its business.
#[async_trait]
pub(super) trait Work: Send {
    /// The statements by which these events take effect.
    async fn digest(&mut self, events: &[&Recorded<Event>]) -> Result<Vec<Statement>, Fault>;

    /// What was digested last is written.
    fn committed(&self) {}

    /// Forgets what was not written.
    fn reset(&mut self);

    /// The greatest number of events in one transaction.
    fn portion(&self) -> usize;
}

/// Digests, and turns a panic into a fault, so that one bad event can't end its follower.
pub(super) async fn digest(
    work: &mut dyn Work,
    events: &[&Recorded<Event>],
) -> Result<Vec<Statement>, Fault> {
    match AssertUnwindSafe(work.digest(events)).catch_unwind().await {
        Ok(digested) => digested,
        Err(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
            Err(Fault::because(format!("panicked: {text}")))
        }
    }
}

/// Folds events into the rows of one generation of a read model.
pub(super) struct Folding {
    db: Arc<dyn Database>,
    place: Place,
    memory: Box<dyn Memory>,
    /// Every row of the table is in memory, so none need be asked for.
    complete: bool,
}

impl Folding {
    pub(super) fn new(db: Arc<dyn Database>, model: &dyn ReadModel, place: Place, is_empty: bool) -> Self {
        Self { db, place, memory: model.memory(), complete: is_empty }
    }
}

#[async_trait]
impl Work for Folding {
    async fn digest(&mut self, events: &[&Recorded<Event>]) -> Result<Vec<Statement>, Fault> {
        if self.memory.rows() > KEPT_ROWS {
            self.reset();
        }
        let wanted = self.memory.plan(events);
        if !wanted.is_empty() && !self.complete {
            let rows = self.db.query(self.place.load(wanted), &self.place.types()).await?;
            self.memory.learn(rows)?;
        }
        self.memory.fold(events);
        let mut statements = self.place.write(self.memory.changes(), false);
        if self.db.dialect() == Dialect::Postgres {
            statements.insert(0, Statement::new(WITHOUT_WAITING_FOR_THE_DISK, []));
        }
        Ok(statements)
    }

    fn reset(&mut self) {
        self.memory.forget();
        self.complete = false;
    }

    fn portion(&self) -> usize {
        usize::MAX
    }
}

/// Asks a reactor about each event.
pub(super) struct Reacting(pub(super) Arc<dyn AnyReactor>);

#[async_trait]
impl Work for Reacting {
    async fn digest(&mut self, events: &[&Recorded<Event>]) -> Result<Vec<Statement>, Fault> {
        let mut statements = Vec::new();
        for event in events {
            statements.extend(self.0.react(event).await?);
        }
        Ok(statements)
    }

    fn committed(&self) {
        self.0.committed();
    }

    fn reset(&mut self) {}

    fn portion(&self) -> usize {
        REACTIONS
    }
}
