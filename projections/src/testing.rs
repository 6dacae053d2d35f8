//! What the tests of all read models share: people, moments, recorded events, and databases of their own.

use chrono::{DateTime, TimeDelta, Utc};
use domain::Event;
use domain::call::{self, Call, Direction, EndCause, Gateway};
use domain::ids::{AccountNumber, CallId, OfferToken, UserId};
use domain::log::{Actor, Context, Position, Recorded};
use domain::sealed::Sealed;
use domain::settings::Settings;
use domain::sip_account::{Event as Happened, Origin, SipAccount};
use domain::{person, person::Person};
use event_store::clock::ManualClock;
use event_store::codec::encode;
use event_store::log::{Append, StreamId};
use event_store::open::{OpenOptions, Opened, open};
use event_store::projection::Projection;
use event_store::runner::{Followed, Followers};
use event_store::sql::Row;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) const OLGA: UserId = UserId(1);
pub(crate) const IVAN: UserId = UserId(42);
pub(crate) const PETR: UserId = UserId(77);

/// The account that tests are about.
pub(crate) fn account() -> AccountNumber {
    AccountNumber::try_from(100_000_001).unwrap()
}

/// So many minutes after ten o'clock on the first day of 2026.
pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_261_600, 0).unwrap() + TimeDelta::minutes(minutes)
}

pub(crate) fn token(bits: u8) -> OfferToken {
    OfferToken::from_bits([bits; 16])
}

pub(crate) fn sealed() -> Sealed {
    Sealed::from_text("v1.account:100000001.1.c2VhbGVk".to_owned())
}

/// Login 101 at pbx.example, with a password.
pub(crate) fn complete() -> Settings {
    Settings {
        login: "101".parse().ok(),
        password: Some(sealed()),
        domain: "pbx.example".parse().ok(),
        ..Settings::default()
    }
}

pub(crate) fn created(settings: Settings) -> Happened {
    Happened::AccountCreated { owner: OLGA, origin: Origin::Menu, settings, offer: None }
}

/// Olga's events of the account, one a minute.
pub(crate) fn story(events: impl IntoIterator<Item = Happened>) -> Vec<Recorded<Event>> {
    told(events.into_iter().map(|event| (Actor::Person(OLGA), event)))
}

/// Events of the account by these actors, one a minute.
pub(crate) fn told(events: impl IntoIterator<Item = (Actor, Happened)>) -> Vec<Recorded<Event>> {
    let events = events.into_iter().map(|(by, event)| (by, account().to_string(), Event::SipAccount(event)));
    events.zip(1..).map(recorded).collect()
}

/// Ivan's own events, one a minute.
pub(crate) fn of_ivan(events: impl IntoIterator<Item = person::Event>) -> Vec<Recorded<Event>> {
    let of_ivan = |event| (Actor::Person(IVAN), IVAN.to_string(), Event::Person(event));
    events.into_iter().map(of_ivan).zip(1..).map(recorded).collect()
}

/// The call that tests are about.
pub(crate) fn the_call() -> CallId {
    CallId::from_bits(0x0189_0a5d_ac96_774b_bcce_b302_099a_8057)
}

pub(crate) fn gateway() -> Gateway {
    Gateway { process: "media one".into(), epoch: 1 }
}

/// Ivan asks for a call through Olga's account.
pub(crate) fn requested() -> call::Event {
    call::Event::CallRequested {
        by: IVAN,
        account: account(),
        owner: OLGA,
        number: sealed(),
        dialled: sealed(),
    }
}

/// Ivan is rung through Olga's account.
pub(crate) fn offered_call() -> call::Event {
    call::Event::CallOffered {
        account: account(),
        owner: OLGA,
        user: IVAN,
        gateway: gateway(),
        from: sealed(),
        name: Some(sealed()),
    }
}

pub(crate) fn taken() -> call::Event {
    call::Event::CallTaken { gateway: gateway() }
}

pub(crate) fn ended(cause: EndCause, direction: Direction, answered_for: u32) -> call::Event {
    call::Event::CallEnded {
        cause,
        code: None,
        reason: None,
        answered_for,
        account: account(),
        owner: OLGA,
        user: IVAN,
        direction,
    }
}

/// A gateway's events of a call, one a minute.
pub(crate) fn of_call(call: CallId, events: impl IntoIterator<Item = call::Event>) -> Vec<Recorded<Event>> {
    let of_it = |event| (Actor::Gateway, call.to_string(), Event::Call(event));
    let mut all: Vec<Recorded<Event>> = events.into_iter().map(of_it).zip(1..).map(recorded).collect();
    for (number, event) in all.iter_mut().enumerate() {
        event.id = uuid::Uuid::from_u128(call.bits() + 1 + number as u128).to_string();
    }
    all
}

fn recorded(((by, stream, event), number): ((Actor, String, Event), u64)) -> Recorded<Event> {
    Recorded {
        position: Position { pos: number, ..Position::START },
        tenant: 0,
        category: event.category().to_owned(),
        stream,
        version: number,
        id: format!("00000000-0000-7000-8000-{number:012}"),
        context: Context { by, at: at(number as i64 - 1) },
        cause: Some(format!("update {number}")),
        event,
    }
}

/// The rows that these events make, each of which has survived a round trip through its values.
pub(crate) fn fold<P: Projection>(projection: &P, events: &[Recorded<Event>]) -> Vec<P::Row> {
    let mut rows = std::collections::BTreeMap::new();
    for event in events {
        for key in projection.keys(event) {
            let before = rows.remove(&key);
            if let Some(row) = projection.apply(&key, before, event) {
                let values = projection.to_values(&row);
                assert_eq!(values.len(), P::TABLE.columns.len());
                assert_eq!(values[..P::TABLE.key], key[..], "the key stands in the first columns");
                rows.insert(key, projection.to_row(&Row(values)).expect("a row reads its own values"));
            }
        }
    }
    rows.into_values().collect()
}

/// The one row of the account after these events.
pub(crate) fn row<P: Projection>(projection: &P, events: &[Recorded<Event>]) -> Option<P::Row> {
    let mut rows = fold(projection, events);
    assert!(rows.len() <= 1, "one row is meant");
    rows.pop()
}

/// A platform without its edges: a log, and every read model following it.
pub(crate) struct Platform {
    pub(crate) opened: Opened,
    pub(crate) clock: ManualClock,
    pub(crate) followers: Followers,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
}

impl Platform {
    async fn start(opened: Opened) -> Self {
        let clock = ManualClock::at(at(0));
        let db = opened.database.clone().unwrap();
        let followers = Followers::new(opened.log.clone(), db, Arc::new(clock.clone()), "test");
        followers.prepare(&crate::all(), &|_| {}).await.unwrap();
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        followers.start(crate::all().into_iter().map(Followed::ReadModel).collect(), &tasks, &stop);
        Self { opened, clock, followers, tasks, stop }
    }

    pub(crate) fn db(&self) -> Arc<dyn event_store::sql::Database> {
        self.opened.database.clone().unwrap()
    }

    /// Appends these events and waits until every read model has seen them.
    pub(crate) async fn happens(&self, events: &[Recorded<Event>]) {
        let mut last = Position::START;
        for recorded in events {
            let id = uuid::Uuid::parse_str(&recorded.id).unwrap();
            let event = match &recorded.event {
                Event::SipAccount(event) => encode::<SipAccount>(event, id),
                Event::Person(event) => encode::<Person>(event, id),
                Event::Call(event) => encode::<Call>(event, id),
            };
            let append = Append {
                stream: StreamId::new(recorded.event.category(), recorded.stream.clone()),
                expected: recorded.version - 1,
                events: vec![event.unwrap()],
                tenant: 0,
                context: recorded.context,
                cause: recorded.cause.clone(),
                dedup: None,
                claims: Vec::new(),
                releases: Vec::new(),
                snapshot: None,
            };
            last = self.opened.log.append(append).await.unwrap().position;
        }
        self.seen(last).await;
    }

    /// Waits until every read model has come to a position.
    pub(crate) async fn seen(&self, position: Position) {
        for model in crate::all() {
            self.followers.wait_for(model.table().name, position, Duration::from_secs(20)).await.unwrap();
        }
    }
}

/// Runs a test on every database there is, with every read model following.
pub(crate) async fn on_each_database(test: impl AsyncFn(&Platform)) {
    let directory = tempfile::tempdir().unwrap();
    let address = format!("sqlite://{}", directory.path().join("log.db").display());
    run(&address, &test).await;

    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        println!("TANDEM_TEST_POSTGRES is not set: tested on SQLite only");
        return;
    };
    let name = format!("projections_{}", uuid::Uuid::new_v4().simple());
    let admin = sqlx::PgPool::connect(&server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&admin).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    run(&format!("{base}/{name}"), &test).await;
    let remove = sqlx::AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"));
    sqlx::query(remove).execute(&admin).await.unwrap();
}

async fn run(address: &str, test: &impl AsyncFn(&Platform)) {
    let platform = Platform::start(open(address, OpenOptions::default()).await.unwrap()).await;
    test(&platform).await;
    platform.stop.cancel();
    platform.tasks.close();
    platform.tasks.wait().await;
    let parked = event_store::runner::parked::list(&*platform.db()).await.unwrap();
    assert_eq!(parked, [], "every event was digested");
}
