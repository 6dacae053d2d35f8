//! The one thread that writes. It takes what has queued up, runs each request in a savepoint of its own, and commits
//! all of them together: a disk that needs 2 ms for a commit still takes thousands of appends a second.

use super::statements as sql;
use crate::log::Fault;
use rusqlite::Connection;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

/// Requests committed together. At 256 the commit is a hundredth of the work, and nobody waits long for the others.
const BATCH: usize = 256;

/// Requests waiting for the thread. Two full batches: whoever comes next waits before it queues.
const QUEUE: usize = 2 * BATCH;

/// Runs within the transaction, or without one if none could be begun. What it returns is called once the outcome of
/// the commit is known.
type Work = Box<dyn FnOnce(Option<&Connection>) -> Done + Send>;
type Done = Box<dyn FnOnce(Result<(), Arc<rusqlite::Error>>) + Send>;

/// The way to the thread that writes. Dropping it waits until everything that was queued is committed.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Work>>,
    thread: Option<JoinHandle<()>>,
    wake: watch::Sender<u64>,
}

/// What a request does besides writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It appends events, so followers are woken.
    Append,
    /// It writes other tables.
    Other,
}

impl Writer {
    /// Starts the thread on this connection.
    pub(super) fn start(conn: Connection) -> Result<Self, Fault> {
        let (queue, requests) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || write(&conn, requests))
            .map_err(|error| Fault::new("start the thread that writes to SQLite", error))?;
        Ok(Self { queue: Some(queue), thread: Some(thread), wake: watch::Sender::new(0) })
    }

    pub(super) fn wakeups(&self) -> watch::Receiver<u64> {
        self.wake.subscribe()
    }

    /// Runs this in a savepoint of the next transaction and returns once that is committed. An error of its own undoes
    /// only its own work; the outer error says that the commit failed or that the thread is gone.
    pub(super) async fn run<T, E>(
        &self,
        kind: Kind,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Fault>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let gone = || Fault::because("the thread that writes to SQLite has stopped");
        let (reply, outcome) = oneshot::channel();
        let wake = self.wake.clone();
        let work: Work = Box::new(move |conn| {
            let result = conn.map(|conn| in_savepoint(conn, work));
            Box::new(move |committed| {
                let woken = committed.is_ok() && kind == Kind::Append && matches!(result, Some(Ok(Ok(_))));
                let answer = match (committed, result) {
                    (Ok(()), Some(result)) => result.map_err(|error| Fault::new("write to SQLite", error)),
                    (Ok(()), None) => Err(Fault::because("SQLite has no transaction")),
                    (Err(error), Some(_) | None) => Err(Fault::new("commit to SQLite", error)),
                };
                // Whoever asked may have given up waiting; the events are there all the same.
                let _ = reply.send(answer);
                if woken {
                    wake.send_modify(|count| *count += 1);
                }
            })
        });
        self.queue.as_ref().ok_or_else(gone)?.send(work).await.map_err(|_| gone())?;
        outcome.await.map_err(|_| gone())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes to SQLite panicked");
        }
    }
}

/// Batches between two looks at which dedup keys are old enough to be forgotten.
const FORGET_EVERY: u64 = 16_384;

fn write(conn: &Connection, mut requests: mpsc::Receiver<Work>) {
    let mut batches: u64 = 0;
    while let Some(first) = requests.blocking_recv() {
        if batches.is_multiple_of(FORGET_EVERY)
            && let Err(error) = conn.execute(sql::FORGET_DONE, [])
        {
            tracing::warn!(%error, "old dedup keys stay for now");
        }
        batches += 1;
        let mut dones: Vec<Done> = Vec::new();
        let outcome = batch(conn, first, &mut requests, &mut dones);
        if let Err(error) = &outcome {
            tracing::error!(%error, requests = dones.len(), "a commit to SQLite failed");
        }
        metrics::histogram!("tandem_log_batch_size", "backend" => "sqlite").record(dones.len() as f64);
        let outcome = outcome.map_err(Arc::new);
        for done in dones {
            done(outcome.clone());
        }
    }
}

fn batch(
    conn: &Connection,
    first: Work,
    requests: &mut mpsc::Receiver<Work>,
    dones: &mut Vec<Done>,
) -> rusqlite::Result<()> {
    let begun = conn.execute_batch("BEGIN IMMEDIATE");
    if let Err(error) = begun {
        dones.push(first(None));
        return Err(error);
    }
    let mut next = Some(first);
    while let Some(work) = next {
        dones.push(work(Some(conn)));
        let more = dones.len() < BATCH && !conn.is_autocommit();
        next = if more { requests.try_recv().ok() } else { None };
    }
    if conn.is_autocommit() {
        // A full disk, for one, makes SQLite roll back everything at once.
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT),
            Some("the transaction was rolled back".to_owned()),
        ));
    }
    conn.execute_batch("COMMIT").inspect_err(|_| {
        if let Err(error) = conn.execute_batch("ROLLBACK") {
            tracing::warn!(%error, "nothing was left to roll back");
        }
    })
}

/// The outer error is of the savepoint itself.
fn in_savepoint<T, E>(
    conn: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> rusqlite::Result<Result<T, E>> {
    conn.execute_batch("SAVEPOINT request")?;
    let result = work(conn);
    if result.is_err() && !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK TO request; RELEASE request")?;
    } else if result.is_ok() {
        conn.execute_batch("RELEASE request")?;
    }
    Ok(result)
}
