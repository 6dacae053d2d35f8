//! Connections that only read, and so never wait for the writer.

use super::statements as sql;
use crate::log::Fault;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// Reads at the same time. SQLite reads are short; more than this only fight for the cores.
const READERS: usize = 4;

/// How many statements a connection keeps prepared.
pub(super) const PREPARED: usize = 256;

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Connection>>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), permits: Arc::new(Semaphore::new(READERS)), idle: Arc::default() }
    }

    /// Runs this on a reading connection, on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, Fault> {
        let stopped = || Fault::because("reading from SQLite was broken off");
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| stopped())?;
        let (idle, path) = (self.idle.clone(), self.path.clone());
        let read = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let conn = waiting.map_or_else(|| connect(&path), Ok)?;
            let result = work(&conn);
            idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
            result
        });
        read.await.map_err(|_| stopped())?
    }
}

fn connect(path: &Path) -> Result<Connection, Fault> {
    let fault = |error| Fault::new(format!("open {} for reading", path.display()), error);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(fault)?;
    conn.execute_batch(sql::SETUP).map_err(fault)?;
    conn.set_prepared_statement_cache_capacity(PREPARED);
    Ok(conn)
}
