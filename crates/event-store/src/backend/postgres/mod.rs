//! PostgreSQL: for any number of processes (reference: event-store 4.2, 4.4).

mod append;
mod bucket;
mod errors;
mod group;
pub(crate) mod import;
mod read;
mod statements;
mod upkeep;
mod values;
mod wake;

pub use upkeep::{HORIZON_TOO_OLD, Horizon};

use crate::log::{Append, AppendError, Appended, EventLog, Fault, Loaded, Page, StreamId};
use crate::migrate;
use crate::migrations::Migration;
use crate::sql::{Database, Dialect, Row, Statement, TransactError, Type};
use async_trait::async_trait;
use domain::log::Position;
use group::Request;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;
use wake::Wake;

/// What can be set about PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// Connections for appends, reads and the gateways' tables; four more carry signals.
    pub connections: u32,
    /// Tell other processes by NOTIFY. Without it they find out by polling, as they do behind a PgBouncer that pools
    /// transactions.
    pub notify: bool,
}

impl Default for Tuning {
    fn default() -> Self {
        Self { connections: 10, notify: true }
    }
}

/// How long a request waits for a connection before the database counts as unavailable.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A transaction left open this long is cut off by the server, since it would hold back all readers of the log.
const IDLE_IN_TRANSACTION: &str = "30s";

/// Two connections listen, and two tell.
const SIGNALS: u32 = 4;

/// Statements a connection keeps prepared.
const PREPARED: usize = 256;

/// A log in a PostgreSQL database, with the read models and the gateways' tables beside it.
#[derive(Debug)]
pub struct Postgres {
    pool: PgPool,
    queue: Option<mpsc::Sender<Request>>,
    signals: Option<PgPool>,
    wake: Wake,
    tasks: TaskTracker,
    stop: CancellationToken,
    _stop_when_dropped: DropGuard,
}

impl Postgres {
    /// Opens the log and brings the database up to date.
    ///
    /// # Errors
    ///
    /// The address is none, the database can't be reached, a migration that it has was changed, or it was restored from
    /// another cluster and needs [`Postgres::rebase`].
    pub async fn open(address: &str, migrations: &[Migration], tuning: Tuning) -> Result<Self, Fault> {
        let connect = connect_options(address)?;
        let pool = pool(connect.clone(), tuning.connections).await?;
        let mut conn = pool.acquire().await.map_err(unreachable)?;
        migrate::postgres(&mut conn, migrations).await?;
        upkeep::refuse_one_from_elsewhere(&mut conn).await?;
        drop(conn);

        let (queue, requests) = mpsc::channel(group::QUEUE);
        let mut log = Self::around(pool.clone(), Some(queue));
        let wake = log.wake.clone();
        let stop = log.stop.clone();
        // Told to stop, it still carries out what was queued.
        log.tasks.spawn(group::run(pool.clone(), requests, stop, move || wake.appended()));
        log.spawn(upkeep::run(pool));
        if tuning.notify {
            // Nothing that these carry needs to survive, so they never wait for the disk.
            let connect = connect.options([("synchronous_commit", "off")]);
            let signals = pool_options(SIGNALS).connect_lazy_with(connect);
            log.spawn(log.wake.clone().notify(signals.clone()));
            log.spawn(log.wake.clone().listen(signals.clone()));
            log.signals = Some(signals);
        }
        Ok(log)
    }

    /// Opens the log to look at it. What it is asked to write it refuses.
    ///
    /// # Errors
    ///
    /// The address is none, or the database can't be reached.
    pub async fn open_read_only(address: &str, tuning: Tuning) -> Result<Self, Fault> {
        let connect = connect_options(address)?.options([("default_transaction_read_only", "on")]);
        Ok(Self::around(pool(connect, tuning.connections).await?, None))
    }

    /// Numbers the log and every cursor anew: once, after a restore from another cluster, with nothing else running.
    /// Returns the position of the last event.
    ///
    /// # Errors
    ///
    /// The address is none, or the database can't be reached or written.
    pub async fn rebase(address: &str) -> Result<Position, Fault> {
        let pool = pool(connect_options(address)?, 1).await?;
        let mut conn = pool.acquire().await.map_err(unreachable)?;
        let last = upkeep::rebase(&mut conn).await?;
        drop(conn);
        pool.close().await;
        Ok(last)
    }

    /// What holds readers of the log back, if anything.
    ///
    /// # Errors
    ///
    /// The database can't be reached.
    pub async fn horizon(&self) -> Result<Horizon, Fault> {
        upkeep::horizon(&self.pool).await
    }

    /// Finishes what was begun and closes every connection. Appends after this are unavailable.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.pool.close().await;
    }

    /// The connections, for whoever measures.
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connections for what need not survive; none where nothing is told by NOTIFY.
    pub(crate) fn signals(&self) -> Option<&PgPool> {
        self.signals.as_ref()
    }

    fn around(pool: PgPool, queue: Option<mpsc::Sender<Request>>) -> Self {
        let stop = CancellationToken::new();
        let log = Self {
            pool: pool.clone(),
            queue,
            signals: None,
            wake: Wake::default(),
            tasks: TaskTracker::new(),
            _stop_when_dropped: stop.clone().drop_guard(),
            stop,
        };
        log.spawn(log.wake.clone().poll(pool));
        log
    }

    /// Runs this until the log is closed or dropped.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            stop.run_until_cancelled(task).await;
        });
    }

    /// Sends the append to where it is carried out. It happens even if the caller stops waiting.
    async fn send(
        &self,
        append: Append,
    ) -> Result<oneshot::Receiver<Result<Appended, AppendError>>, AppendError> {
        let queue = self
            .queue
            .as_ref()
            .ok_or_else(|| AppendError::Fault(Fault::because("the log was opened for reading only")))?;
        let (reply, outcome) = oneshot::channel();
        if append.claims.is_empty() && append.releases.is_empty() {
            let sent = queue.send(Request { append, reply }).await;
            sent.map_err(|_| closed())?;
        } else {
            // Claims are refused now and then by their nature, and would take a whole batch down with them.
            let (pool, wake) = (self.pool.clone(), self.wake.clone());
            self.tasks.spawn(async move {
                let result = append::alone(&pool, &append).await;
                let appended = result.is_ok();
                // Whoever asked may have given up waiting; the events are there all the same.
                let _ = reply.send(result);
                if appended {
                    wake.appended();
                }
            });
        }
        Ok(outcome)
    }
}

#[async_trait]
impl EventLog for Postgres {
    async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        #[expect(
            clippy::disallowed_methods,
            reason = "how long an append takes is the machine's time, not the domain's"
        )]
        let begun = Instant::now();
        append.check().map_err(AppendError::Fault)?;
        let result = self.send(append).await?.await.map_err(|_| closed())?;
        metrics::histogram!("tandem_log_append_seconds", "backend" => "postgres").record(begun.elapsed());
        result
    }

    async fn load(&self, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
        read::load(&self.pool, stream, snapshot).await
    }

    async fn read(&self, after: Position, limit: u32) -> Result<Page, Fault> {
        read::page(&self.pool, after, limit).await
    }

    async fn head(&self) -> Result<Position, Fault> {
        read::head(&self.pool).await
    }

    async fn newest(&self) -> Result<Position, Fault> {
        read::newest(&self.pool).await
    }

    async fn done(&self, dedup: Uuid) -> Result<Option<Position>, Fault> {
        append::done(&self.pool, dedup).await
    }

    fn wakeups(&self) -> watch::Receiver<u64> {
        self.wake.followers()
    }
}

#[async_trait]
impl Database for Postgres {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    async fn query(&self, statement: Statement, columns: &[Type]) -> Result<Vec<Row>, Fault> {
        values::query(&self.pool, &statement, columns).await
    }

    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, TransactError> {
        values::transact(&self.pool, &statements).await
    }
}

fn connect_options(address: &str) -> Result<PgConnectOptions, Fault> {
    // The error may repeat the address, which may hold a password.
    let options: PgConnectOptions = address.parse().map_err(|_: sqlx::Error| {
        Fault::because("the address of PostgreSQL is like postgres://user:password@host:5432/database")
    })?;
    let options = match options.get_application_name() {
        Some(_) => options,
        None => options.application_name("tandem"),
    };
    Ok(options
        .statement_cache_capacity(PREPARED)
        .options([("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION)]))
}

async fn pool(connect: PgConnectOptions, connections: u32) -> Result<PgPool, Fault> {
    let place = format!("{}:{}", connect.get_host(), connect.get_port());
    pool_options(connections)
        .connect_with(connect)
        .await
        .map_err(|error| Fault::new(format!("reach PostgreSQL at {place}"), error))
}

fn pool_options(connections: u32) -> PgPoolOptions {
    // A broken connection shows itself in the statement; asking before each one would cost a round trip.
    PgPoolOptions::new().max_connections(connections).acquire_timeout(ACQUIRE).test_before_acquire(false)
}

fn unreachable(error: sqlx::Error) -> Fault {
    Fault::new("reach PostgreSQL", error)
}

fn closed() -> AppendError {
    AppendError::Unavailable(Fault::because("the log is closed"))
}
