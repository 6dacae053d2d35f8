//! A log that can be taken away for a while.

use async_trait::async_trait;
use domain::log::Position;
use event_store::log::{Append, AppendError, Appended, EventLog, Fault, Loaded, Page, StreamId};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::watch;
use uuid::Uuid;

/// Another log, with a switch.
pub(crate) struct Switched {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) away: AtomicBool,
}

impl Switched {
    fn look(&self) -> Result<(), Fault> {
        if self.away.load(Ordering::SeqCst) { Err(Fault::because("the log is away")) } else { Ok(()) }
    }
}

#[async_trait]
impl EventLog for Switched {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.look().map_err(AppendError::Unavailable)?;
        self.log.append(append).await
    }

    async fn load(&self, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
        self.look()?;
        self.log.load(stream, snapshot).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        self.look()?;
        self.log.read(after, limit).await
    }

    async fn head(&self) -> Result<Position, Fault> {
        self.look()?;
        self.log.head().await
    }

    async fn done(&self, dedup: Uuid) -> Result<Option<Position>, Fault> {
        self.look()?;
        self.log.done(dedup).await
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        self.log.wakeups()
    }
}
