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
    writing: Writing,
}

/// What this process writes.
#[derive(Debug)]
enum Writing {
    /// Everything. Dropped in this order: the lock is held until the last batch is on the disk.
    All { writer: Writer, _lock: WriterLock },
    /// Tables, beside the process that has the log.
    Tables { writer: Writer },
    /// Nothing; so nobody is ever woken.
    Nothing { never: watch::Sender<u64> },
}

impl Sqlite {
    /// Opens the log for this process alone, creating the file and its directory where they are missing, and brings it
    /// up to date.
    ///
    /// # Errors
    ///
    /// Another process writes to it; the file can't be opened or is no log; a migration that it has was changed.
    pub fn open(path: &Path, migrations: &[Migration]) -> Result<Self, Fault> {
        create_directory(path)?;
        let lock = WriterLock::take(path)?;
        let mut conn = connect(path)?;
        migrate::sqlite(&mut conn, migrations)?;
        let writing = Writing::All { writer: Writer::start(conn)?, _lock: lock };
        Ok(Self { readers: Readers::new(path), writing })
    }

    /// Opens the log to write to the tables around it, also while another process has it. Where none has it, it is created
    /// and brought up to date first, and is not kept from anybody afterwards.
    ///
    /// # Errors
    ///
    /// The file can't be opened or is no log; whoever has it is of another version.
    pub fn open_tables(path: &Path, migrations: &[Migration]) -> Result<Self, Fault> {
        create_directory(path)?;
        let lock = WriterLock::try_take(path)?;
        let mut conn = connect(path)?;
        match lock {
            Ok(_lock) => _ = migrate::sqlite(&mut conn, migrations)?,
            Err(_holder) => migrate::sqlite_is_up_to_date(&conn, migrations)?,
        }
        let writing = Writing::Tables { writer: Writer::start(conn)? };
        Ok(Self { readers: Readers::new(path), writing })
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
        Ok(Self { readers: Readers::new(path), writing: Writing::Nothing { never: watch::Sender::new(0) } })
    }

    fn writer(&self) -> Result<&Writer, Fault> {
        match &self.writing {
            Writing::All { writer, .. } | Writing::Tables { writer } => Ok(writer),
            Writing::Nothing { .. } => Err(Fault::because("the log was opened for reading only")),
        }
    }

    /// The way for events, which only the process that has the log may append: it is woken by its own alone.
    fn appender(&self) -> Result<&Writer, Fault> {
        match &self.writing {
            Writing::All { writer, .. } => Ok(writer),
            Writing::Tables { .. } => Err(Fault::because("the log was opened for its tables only")),
            Writing::Nothing { .. } => Err(Fault::because("the log was opened for reading only")),
        }
    }
}

fn create_directory(path: &Path) -> Result<(), Fault> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        None => Ok(()),
        Some(directory) => std::fs::create_dir_all(directory)
            .map_err(|error| Fault::new(format!("create {}", directory.display()), error)),
    }
}

/// A connection that writes.
fn connect(path: &Path) -> Result<Connection, Fault> {
    let fault = |error| Fault::new(format!("open {}", path.display()), error);
    let conn = Connection::open(path).map_err(fault)?;
    conn.execute_batch(statements::SETUP).map_err(fault)?;
    conn.execute_batch(statements::DURABLE).map_err(fault)?;
    conn.set_prepared_statement_cache_capacity(readers::PREPARED);
    Ok(conn)
}

#[async_trait]
impl EventLog for Sqlite {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long an append takes is the machine's time, not the domain's"
        )]
        let begun = Instant::now();
        let writer = self.appender().map_err(AppendError::Fault)?;
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
            Writing::All { writer, .. } | Writing::Tables { writer } => writer.wakeups(),
            Writing::Nothing { never } => never.subscribe(),
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
