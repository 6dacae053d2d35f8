//! Commands in, events in the log: load, decide, append, and again when somebody was faster.

use crate::codec::{Kept, Upcasters};
use crate::cqrs::{Hosted, Store, Working};
pub use crate::cqrs::Cause;
use crate::log::{AppendError, EventLog, Fault};
use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate as _, AggregateContext as _};
use domain::log::{Context, Position};
use std::sync::Arc;

/// How many times a command is decided anew when another one was appended meanwhile.
const TRIES: u32 = 8;

/// What the platform is set to as far as commands are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many accounts one person may own (product reference X1; 20 unless set).
    pub accounts_per_owner: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { accounts_per_owner: 20 }
    }
}

/// Takes commands to their aggregates. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    log: Arc<dyn EventLog>,
    upcasters: Arc<Upcasters>,
    limits: Limits,
    tenant: u32,
}

/// A command that was done.
#[derive(Debug, Clone)]
pub struct Done<D: Kept> {
    /// What was recorded; empty where everything was so already.
    pub events: Vec<D::Event>,
    /// Where the last event stands, to wait for; none where nothing was recorded.
    pub position: Option<Position>,
    /// The state after it.
    pub state: D,
    /// The version of the stream after it.
    pub version: u64,
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError<R: std::error::Error + 'static> {
    /// The rules say no. For people.
    #[error("{0}")]
    Refused(R),
    /// The owner has as many accounts as an owner may have. For people.
    #[error("all {limit} places are held")]
    Full {
        /// How many an owner may have.
        limit: u32,
    },
    /// Something broke. For us.
    #[error("the command failed")]
    Fault(#[source] Fault),
}

impl<R: std::error::Error + 'static> From<Fault> for ExecuteError<R> {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Dispatcher {
    /// A dispatcher over this log.
    pub fn new(log: Arc<dyn EventLog>, limits: Limits) -> Self {
        Self { log, upcasters: Arc::new(Upcasters::current()), limits, tenant: 0 }
    }

    /// The log it appends to.
    #[must_use]
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// What the platform is set to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The state of one aggregate now, and the version of its stream.
    ///
    /// # Errors
    ///
    /// The log can't be read.
    pub async fn load<D>(&self, id: &str) -> Result<(D, u64), Fault>
    where
        D: Kept + std::fmt::Debug + PartialEq,
    {
        let working = self.store::<D>().working(id).await?;
        Ok((working.state().clone(), working.version()))
    }

    /// Decides a command and records the decision, or says why not. A command with a dedup key that was done before
    /// records nothing and gives the state as it is.
    ///
    /// # Errors
    ///
    /// A refusal, a limit, or a fault; after a fault it is unknown whether the command was done, so repeat it with the
    /// same dedup key.
    pub async fn execute<D>(
        &self,
        id: &str,
        command: D::Command,
        context: Context,
        cause: &Cause,
    ) -> Result<Done<D>, ExecuteError<D::Refusal>>
    where
        D: Kept + std::fmt::Debug + PartialEq,
    {
        let store = self.store::<D>();
        let mut tries = 0;
        loop {
            let before = store.working(id).await?;
            let (events, after) = decide(before, command.clone(), context).await?;
            if events.is_empty() {
                return Ok(done(events, None, &after, after.version()));
            }
            let version = after.version() + events.len() as u64;
            match store.append(&events, &after, context, cause).await {
                Ok(position) => return Ok(done(events, Some(position), &after, version)),
                Err(AppendError::Conflict | AppendError::Taken { .. }) if tries < TRIES => {
                    tries += 1;
                    // The winner's events are in the log already; yielding lets its waiters run first.
                    tokio::task::yield_now().await;
                }
                Err(AppendError::Duplicate { first }) => {
                    let now = store.working(id).await?;
                    let version = now.version();
                    return Ok(done(Vec::new(), Some(first), &now, version));
                }
                Err(AppendError::Full { limit, .. }) => return Err(ExecuteError::Full { limit }),
                Err(AppendError::Conflict) => {
                    return Err(Fault::because(format!("{}/{id} changed {TRIES} times in a row", D::NAME)).into());
                }
                Err(AppendError::Taken { scope, key }) => {
                    return Err(Fault::because(format!("{scope}/{key} is held by another stream")).into());
                }
                Err(AppendError::Fault(fault) | AppendError::Unavailable(fault)) => return Err(fault.into()),
            }
        }
    }

    fn store<D: Kept + std::fmt::Debug + PartialEq>(&self) -> Store<D> {
        let (log, upcasters) = (Arc::clone(&self.log), Arc::clone(&self.upcasters));
        Store::new(log, upcasters, self.limits.accounts_per_owner, self.tenant)
    }
}

async fn decide<D: Kept + std::fmt::Debug + PartialEq>(
    mut working: Working<D>,
    command: D::Command,
    context: Context,
) -> Result<(Vec<D::Event>, Working<D>), ExecuteError<D::Refusal>> {
    let sink: EventSink<Hosted<D>> = EventSink::default();
    working.aggregate().handle((command, context), &(), &sink).await.map_err(ExecuteError::Refused)?;
    let events = sink.collect().await.into_iter().map(|payload| payload.0).collect();
    Ok((events, working))
}

fn done<D: Kept + std::fmt::Debug + PartialEq>(
    events: Vec<D::Event>,
    position: Option<Position>,
    working: &Working<D>,
    version: u64,
) -> Done<D> {
    Done { events, position, state: working.state().clone(), version }
}
