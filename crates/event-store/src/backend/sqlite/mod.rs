//! SQLite: the embedded default. One process, one thread that writes, and nothing to run beside it
//! (reference: event-store 4.3).

mod append;
mod lock;
mod read;
mod readers;
mod statements;
mod values;
mod writer;

use crate::log::{Append, AppendError, Appended, EventLog, Fault, Loaded, Page, StreamId};
use crate::migrate;
use crate::migrations::Migration;
use crate::sql::{Database, Dialect, Row, Statement, TransactError, Type};
use async_trait::async_trait;
use domain::log::Position;
use lock::WriterLock;
use readers::Readers;
use rusqlite::Connection;
use std::path::Path;
use std::time::Instant;
use tokio::sync::watch;
use uuid::Uuid;
use writer::{Kind, Writer};

/// A log in a SQLite file, with the read models and the gateways' tables beside it.
#[derive(Debug)]
pub struct Sqlite {
    readers: Readers,
    writing: Result<Writing, watch::Sender<u64>>,
}

/// Dropped in this order: the lock is held until the last batch is on the disk.
#[derive(Debug)]
struct Writing {
    writer: Writer,
    _lock: WriterLock,
}

impl Sqlite {
    /// Opens the log for this process alone, creating the file and its directory where they are missing, and brings it
    /// up to date.
    ///
    /// # Errors
    ///
    /// Another process writes to it; the file can't be opened or is no log; a migration that it has was changed.
    pub fn open(path: &Path, migrations: &[Migration]) -> Result<Self, Fault> {
        let fault = |error| Fault::new(format!("open {}", path.display()), error);
        if let Some(directory) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory)
                .map_err(|error| Fault::new(format!("create {}", directory.display()), error))?;
        }
        let lock = WriterLock::take(path)?;
        let mut conn = Connection::open(path).map_err(fault)?;
        conn.execute_batch(statements::SETUP).map_err(fault)?;
        conn.execute_batch(statements::DURABLE).map_err(fault)?;
        conn.set_prepared_statement_cache_capacity(readers::PREPARED);
        migrate::sqlite(&mut conn, migrations)?;
        let writing = Writing { writer: Writer::start(conn)?, _lock: lock };
        Ok(Self { readers: Readers::new(path), writing: Ok(writing) })
    }

    /// Opens the log to look at it, also while another process writes. What it is asked to write it refuses.
    ///
    /// # Errors
    ///
    /// There is no such file.
    pub fn open_read_only(path: &Path) -> Result<Self, Fault> {
        if !path.exists() {
            return Err(Fault::because(format!("there is no log at {}", path.display())));
        }
        Ok(Self { readers: Readers::new(path), writing: Err(watch::Sender::new(0)) })
    }

    fn writer(&self) -> Result<&Writer, Fault> {
        match &self.writing {
            Ok(writing) => Ok(&writing.writer),
            Err(_) => Err(Fault::because("the log was opened for reading only")),
        }
    }
}

#[async_trait]
impl EventLog for Sqlite {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long an append takes is the machine's time, not the domain's"
        )]
        let begun = Instant::now();
        let writer = self.writer().map_err(AppendError::Fault)?;
        let appended = writer
            .run(Kind::Append, move |conn| append::append(conn, &append))
            .await
            .map_err(AppendError::Unavailable)?;
        metrics::histogram!("tandem_log_append_seconds", "backend" => "sqlite").record(begun.elapsed());
        appended
    }

    async fn load(&self, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
        let stream = stream.clone();
        self.readers.run(move |conn| read::load(conn, &stream, snapshot)).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        self.readers.run(move |conn| read::page(conn, after, limit)).await
    }

    async fn head(&self) -> Result<Position, Fault> {
        self.readers.run(read::head).await
    }

    async fn done(&self, dedup: Uuid) -> Result<Option<Position>, Fault> {
        self.readers.run(move |conn| read::done(conn, dedup)).await
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        match &self.writing {
            Ok(writing) => writing.writer.wakeups(),
            Err(never) => never.subscribe(),
        }
    }
}

#[async_trait]
impl Database for Sqlite {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn query(&self, statement: Statement, columns: &[Type]) -> Result<Vec<Row>, Fault> {
        let columns = columns.to_owned();
        self.readers.run(move |conn| values::query(conn, &statement, &columns)).await
    }

    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, TransactError> {
        let writer = self.writer().map_err(TransactError::Fault)?;
        writer
            .run(Kind::Other, move |conn| values::execute(conn, &statements))
            .await
            .map_err(TransactError::Fault)?
    }
}
