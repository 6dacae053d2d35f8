//! Signals: what must be fast, may be lost, and must never be in the log.
//!
//! Somebody presses a key of the keypad, and the media process that carries the call hears it within milliseconds. In one
//! process signals stay in memory; between processes they travel by PostgreSQL's `NOTIFY`, sealed with a key that the
//! operator's key wraps, so that neither the server nor its logs ever see a digit. Nothing is kept: who does not listen
//! does not hear.

mod memory;
mod postgres;

pub use memory::InMemory;
pub use postgres::OverPostgres;

use crate::log::Fault;
use crate::open::{Backend, Opened};
use crate::vault::Vault;
use async_trait::async_trait;
use domain::call::Signal;
use std::sync::Arc;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many signals wait for a listener that does not keep up, before it misses the oldest.
pub const QUEUE: usize = 1024;

/// Where signals are sent and heard.
#[async_trait]
pub trait SignalBus: Send + Sync + 'static {
    /// Tells everybody who listens. Signals of one process arrive everywhere in the order in which this was called.
    ///
    /// # Errors
    ///
    /// Other processes may not hear it. Whoever listens in this process has heard it all the same.
    async fn send(&self, signal: Signal) -> Result<(), Fault>;

    /// Listens from now on.
    fn subscribe(&self) -> Subscription;
}

/// What a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A signal.
    Signal(Signal),
    /// At least so many signals were missed: the listener was too slow, or the database was away.
    Missed(u64),
}

/// One listener's queue of at most [`QUEUE`] signals.
#[derive(Debug)]
pub struct Subscription(broadcast::Receiver<Heard>);

impl Subscription {
    /// The next thing heard; none when the bus is gone.
    pub async fn next(&mut self) -> Option<Heard> {
        match self.0.recv().await {
            Ok(heard) => Some(heard),
            Err(broadcast::error::RecvError::Lagged(missed)) => Some(Heard::Missed(missed)),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// The bus that fits a log: over PostgreSQL between processes, else in memory. It hears others until `stop`.
///
/// Behind a pooler of transactions, where this log was told not to use `NOTIFY`, signals reach only this process.
#[must_use]
pub fn open(
    opened: &Opened,
    vault: Arc<Vault>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> Arc<dyn SignalBus> {
    match &opened.backend {
        Backend::Postgres(postgres) => match postgres.signals() {
            Some(pool) => Arc::new(OverPostgres::start(pool, vault, tasks, stop)),
            None => {
                tracing::warn!("without NOTIFY, keys pressed during a call are heard in this process only");
                Arc::new(InMemory::default())
            }
        },
        Backend::Memory | Backend::Sqlite(_) => Arc::new(InMemory::default()),
        #[cfg(feature = "kurrentdb")]
        Backend::Kurrent => Arc::new(InMemory::default()),
    }
}

/// The listeners of one process.
#[derive(Debug, Clone)]
struct Listeners(broadcast::Sender<Heard>);

impl Default for Listeners {
    fn default() -> Self {
        Self(broadcast::Sender::new(QUEUE))
    }
}

impl Listeners {
    fn tell(&self, heard: Heard) {
        // Nobody may be listening.
        let _ = self.0.send(heard);
    }

    fn subscribe(&self) -> Subscription {
        Subscription(self.0.subscribe())
    }
}

#[cfg(test)]
mod tests;
