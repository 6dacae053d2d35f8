//! What the tests of this module share: a small read model, events for it, and a process that follows.

use super::tail::elapsed;
use super::{Followed, Followers};
use crate::clock::ManualClock;
use crate::codec::encode;
use crate::log::{Append, EventLog, NewEvent, StreamId};
use crate::open::{OpenOptions, Opened, open};
use crate::projection::{Column, Key, Projection, Table};
use crate::sql::{Database, Row, Statement, Type, Value};
use chrono::{DateTime, TimeDelta, Utc};
use domain::Event;
use domain::ids::UserId;
use domain::log::{Context, Position, Recorded};
use domain::sip_account::{Event as Happened, SipAccount};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Which streams are switched on, and at which of their versions they were last.
pub(crate) struct Switches;

const fn column(name: &'static str, kind: Type) -> Column {
    Column { name, kind, nullable: false, about: "for tests" }
}

impl Projection for Switches {
    type Row = (String, i64);

    const TABLE: Table = Table {
        name: "switches",
        about: "For tests.",
        version: 1,
        columns: &[column("stream", Type::Text), column("seen", Type::Int)],
        key: 1,
        indexes: &[&["seen"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        vec![vec![event.stream.as_str().into()]]
    }

    fn apply(&self, _: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row> {
        let seen = i64::try_from(event.version).unwrap();
        match &event.event {
            Event::SipAccount(Happened::AccountSwitchedOn) => Some((event.stream.clone(), seen)),
            Event::SipAccount(Happened::AccountSwitchedOff) => None,
            Event::SipAccount(Happened::RegistrationFailed { reason, .. }) => {
                assert!(reason != "poison", "this event is poison");
                row
            }
            Event::SipAccount(_) | Event::Person(_) | Event::Call(_) => row,
        }
    }

    fn to_values(&self, row: &Self::Row) -> Vec<Value> {
        vec![row.0.clone().into(), row.1.into()]
    }

    fn to_row(&self, row: &Row) -> Option<Self::Row> {
        Some((row.text(0).ok()?, row.int(1).ok()?))
    }
}

/// A fixed moment.
pub(crate) fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::hours(12)
}

/// A stream was switched on or off.
pub(crate) fn switched(version: u64, stream: &str, on: bool) -> Recorded<Event> {
    let happened = if on { Happened::AccountSwitchedOn } else { Happened::AccountSwitchedOff };
    Recorded {
        position: Position { pos: version, ..Position::START },
        tenant: 0,
        category: "sip_account".to_owned(),
        stream: stream.to_owned(),
        version,
        id: format!("id-{version}"),
        context: Context::person(UserId(42), noon()),
        cause: None,
        event: Event::SipAccount(happened),
    }
}

/// A database of a test's own, of each kind there is.
pub(crate) async fn on_each_database<F>(test: impl Fn(Opened) -> F)
where
    F: Future<Output = ()>,
{
    let directory = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", directory.path().join("log.db").display());
    test(open(&address, OpenOptions::default()).await.unwrap()).await;

    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        println!("TANDEM_TEST_POSTGRES is not set: tested on SQLite only");
        return;
    };
    let name = format!("runner_{}", uuid::Uuid::new_v4().simple());
    let admin = sqlx::PgPool::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&admin).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    let opened = open(&format!("{base}/{name}"), OpenOptions::default()).await.unwrap();
    test(opened).await;
    let remove = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::query(remove).execute(&admin).await.unwrap();
}

/// Appends to the stream of an account.
pub(crate) async fn append(log: &dyn EventLog, stream: &str, version: u64, happened: Happened) -> Position {
    let event = encode::<SipAccount>(&happened, uuid::Uuid::now_v7()).unwrap();
    append_raw(log, stream, version, event).await
}

/// Appends an event as it is to be stored.
pub(crate) async fn append_raw(log: &dyn EventLog, stream: &str, version: u64, event: NewEvent) -> Position {
    append_all(log, stream, version, vec![event]).await
}

/// Appends events, the first of which gets this version.
pub(crate) async fn append_all(
    log: &dyn EventLog,
    stream: &str,
    version: u64,
    events: Vec<NewEvent>,
) -> Position {
    let append = Append {
        stream: StreamId::new("sip_account", stream),
        expected: version - 1,
        events,
        tenant: 0,
        context: Context::person(UserId(42), noon()),
        cause: None,
        dedup: None,
        claims: Vec::new(),
        releases: Vec::new(),
        snapshot: None,
    };
    log.append(append).await.unwrap().position
}

/// A process that follows, until it is stopped or dies.
pub(crate) struct Process {
    pub(crate) followers: Followers,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Process {
    pub(crate) fn start(opened: &Opened, clock: &ManualClock, name: &str, followed: Vec<Followed>) -> Self {
        let db = opened.database.clone().unwrap();
        let followers = Followers::new(opened.log.clone(), db, Arc::new(clock.clone()), name);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        followers.start(followed, &tasks, &stop);
        tasks.close();
        Self { followers, tasks, stop }
    }

    /// Ends as it should, giving its leases back.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

/// Long enough for a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// Waits until something is so.
pub(crate) async fn until<F: Future<Output = bool>>(check: impl Fn() -> F) {
    let waiting = async {
        while !check().await {
            elapsed(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(SOON, waiting).await.expect("it comes true soon");
}

/// The rows of `switches`: stream and version.
pub(crate) async fn rows(db: &dyn Database) -> Vec<(String, i64)> {
    let statement = Statement::new("SELECT stream, seen FROM switches ORDER BY stream", []);
    let rows = db.query(statement, &[Type::Text, Type::Int]).await.unwrap();
    rows.iter().map(|row| (row.text(0).unwrap(), row.int(1).unwrap())).collect()
}
