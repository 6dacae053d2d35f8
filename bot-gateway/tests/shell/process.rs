//! One bot process with a handler that says what it hears: it can be killed at any moment and started again.

use crate::telegram::{TOKEN, Telegram};
use async_trait::async_trait;
use bot_gateway::handler::{Handler, TurnedAway};
use bot_gateway::incoming::{Act, Incoming};
use bot_gateway::lease::Owner;
use bot_gateway::outbox::{Outbox, Rates};
use bot_gateway::outgoing::{InlineResult, Outgoing, Screen};
use bot_gateway::telegram::{Api, Client};
use bot_gateway::view::call::Phone;
use bot_gateway::{Parts, Updates};
use chrono::{DateTime, Utc};
use domain::ids::{ChatId, UserId};
use event_store::blobs::Blobs;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::open::{OpenOptions, open};
use event_store::sql::{Database, Dialect, Row, Statement, TransactError, Type};
use event_store::vault::{Keyring, Vault};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// A key of the operator, for tests only.
pub(crate) const KEYRING: &str = "test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// The machine's clock.
#[derive(Clone, Copy)]
pub(crate) struct Now;

impl Clock for Now {
    #[expect(clippy::disallowed_methods, reason = "a whole process runs here, on the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }
}

/// What the handlers of all processes of a test were told, and what is to go wrong.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Every call: the update and whether it may have been handled before.
    pub(crate) handled: Mutex<Vec<(u32, bool)>>,
    /// What was heard in inline queries and files.
    pub(crate) heard: Mutex<Vec<String>>,
    pub(crate) unreachable: Mutex<Vec<UserId>>,
    /// How many more times a text fails or hangs.
    pub(crate) fails: Mutex<HashMap<String, usize>>,
}

impl Ledger {
    /// How often an update was handled.
    pub(crate) fn times(&self, update: u32) -> usize {
        self.handled.lock().unwrap().iter().filter(|(handled, _)| *handled == update).count()
    }

    pub(crate) fn will_fail(&self, text: &str, times: usize) {
        self.fails.lock().unwrap().insert(text.to_owned(), times);
    }

    fn fails_now(&self, text: &str) -> bool {
        let mut fails = self.fails.lock().unwrap();
        let Some(left) = fails.get_mut(text).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

/// Says what it hears. `hang …` never comes to an end as often as the ledger says; other texts fail.
struct Parrot(Arc<Ledger>);

#[async_trait]
impl Handler for Parrot {
    async fn handle(&self, incoming: &Incoming, redelivered: bool) -> Result<Vec<Outgoing>, Fault> {
        self.0.handled.lock().unwrap().push((incoming.update, redelivered));
        let chat = ChatId(incoming.from.id.0);
        let says = |html: &str| Screen { html: html.to_owned(), ..Screen::default() };
        Ok(match &incoming.act {
            Act::Text { text, .. } => {
                if self.0.fails_now(text) {
                    if text.starts_with("hang") {
                        std::future::pending::<()>().await;
                    }
                    return Err(Fault::because("as the test wants it"));
                }
                if text.ends_with("slowly") {
                    sleep_until(Instant::now() + Duration::from_millis(30)).await;
                }
                let screen = says(if text.contains("CANARY") { "heard" } else { text });
                match text.strip_prefix("menu ") {
                    Some(_) => vec![Outgoing::Send { chat, screen, remember: Some("menu".into()) }],
                    None => vec![Outgoing::Send { chat, screen, remember: None }],
                }
            }
            Act::TextFile { content, .. } => {
                self.0.heard.lock().unwrap().push(content.clone().unwrap_or_default());
                vec![Outgoing::to(incoming.from.id, says("file"))]
            }
            Act::Press { id, place, .. } => vec![
                Outgoing::AnswerPress {
                    id: id.clone(),
                    text: Some("pressed".into()),
                    alert: false,
                    url: None,
                },
                Outgoing::in_place(place, says("changed")),
            ],
            Act::InlineQuery { id, query, .. } => {
                self.0.heard.lock().unwrap().push(query.clone());
                let screen = says("offer");
                let result =
                    InlineResult { id: "k:1".into(), title: "T".into(), description: "D".into(), screen };
                vec![Outgoing::AnswerInline { id: id.clone(), results: vec![result], button: None }]
            }
            Act::ChosenInline { .. } => vec![Outgoing::to(incoming.from.id, says("chosen"))],
            Act::Contact { .. }
            | Act::UsersShared { .. }
            | Act::ChatShared { .. }
            | Act::Reach { .. }
            | Act::Other => Vec::new(),
        })
    }

    fn turned_away(&self, incoming: &Incoming, why: TurnedAway) -> Vec<Outgoing> {
        let html = format!("{why:?}");
        vec![Outgoing::to(incoming.from.id, Screen { html, ..Screen::default() })]
    }

    async fn unreachable(&self, user: UserId) -> Result<(), Fault> {
        self.0.unreachable.lock().unwrap().push(user);
        Ok(())
    }
}

/// A database that stops for ever at one of its transactions.
pub(crate) struct Stopping {
    pub(crate) inner: Arc<dyn Database>,
    /// Transactions until it stops.
    pub(crate) left: AtomicUsize,
    /// Whether the last one is still done.
    pub(crate) after: bool,
    pub(crate) stopped: CancellationToken,
}

#[async_trait]
impl Database for Stopping {
    fn dialect(&self) -> Dialect {
        self.inner.dialect()
    }

    async fn query(&self, statement: Statement, columns: &[Type]) -> Result<Vec<Row>, Fault> {
        self.inner.query(statement, columns).await
    }

    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, TransactError> {
        // Leases are kept all the time; they are no step of an update.
        if statements.iter().all(|statement| statement.sql.contains("bot_leases (")) {
            return self.inner.transact(statements).await;
        }
        let left =
            self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| Some(left.saturating_sub(1)));
        if left == Ok(1) {
            if self.after {
                let _ = self.inner.transact(statements).await;
            }
            self.stopped.cancel();
        } else if left != Ok(0) {
            return self.inner.transact(statements).await;
        }
        std::future::pending().await
    }
}

/// How to start a process.
#[derive(Clone)]
pub(crate) struct Setup {
    pub(crate) address: String,
    pub(crate) telegram: Telegram,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) updates: Updates,
    /// Stops for ever at this transaction, before it or after it.
    pub(crate) stops_at: Option<(usize, bool)>,
}

impl Setup {
    pub(crate) fn sqlite(file: &std::path::Path, telegram: &Telegram) -> Self {
        Self::at(format!("sqlite://{}", file.display()), telegram)
    }

    pub(crate) fn at(address: String, telegram: &Telegram) -> Self {
        let ledger = Arc::default();
        Self { address, telegram: telegram.clone(), ledger, updates: Updates::Poll, stops_at: None }
    }

    /// Starts a process, as soon as a killed one has let the database go.
    pub(crate) async fn start(&self) -> Process {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let mut last = None;
        for _ in 0..250 {
            ticks.tick().await;
            match open(&self.address, OpenOptions::default()).await {
                Ok(opened) => return self.start_on(opened.database.unwrap()),
                Err(fault) => last = Some(fault),
            }
        }
        panic!("the database can't be opened: {last:?}");
    }

    fn start_on(&self, database: Arc<dyn Database>) -> Process {
        let stopped = CancellationToken::new();
        let database: Arc<dyn Database> = match self.stops_at {
            None => database,
            Some((at, after)) => Arc::new(Stopping {
                inner: database,
                left: AtomicUsize::new(at),
                after,
                stopped: stopped.clone(),
            }),
        };
        let clock: Arc<dyn Clock> = Arc::new(Now);
        let vault = Vault::new(Arc::clone(&database), Keyring::parse(KEYRING).unwrap(), Arc::clone(&clock));
        let owner = Owner::for_database(&*database);
        let outbox = Outbox::new(Arc::clone(&database), Arc::clone(&clock), owner.clone());
        let api = Api { url: self.telegram.url.clone(), token: TOKEN.to_owned().into() };
        let parts = Parts {
            database: Arc::clone(&database),
            clock,
            vault: Arc::new(vault),
            handler: Arc::new(Parrot(Arc::clone(&self.ledger))),
            outbox: outbox.clone(),
            client: Client::new(api).unwrap(),
            owner,
            updates: self.updates.clone(),
            rates: Rates::unhurried_by_telegram(),
            menus: Vec::new(),
            phone: Phone::default(),
        };
        let stop = CancellationToken::new();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let running = runtime.spawn(bot_gateway::run(parts, stop.clone()));
        Process {
            runtime: Some(runtime),
            running: Some(running),
            stop,
            database: Some(database),
            outbox,
            stopped,
        }
    }
}

/// A process that runs.
pub(crate) struct Process {
    runtime: Option<Runtime>,
    running: Option<tokio::task::JoinHandle<Result<(), Fault>>>,
    stop: CancellationToken,
    database: Option<Arc<dyn Database>>,
    pub(crate) outbox: Outbox,
    /// Its database has stopped for ever.
    pub(crate) stopped: CancellationToken,
}

impl Process {
    /// The store of recordings.
    pub(crate) fn sounds(&self) -> Blobs {
        let database = self.database.as_ref().unwrap();
        let vault = Vault::new(Arc::clone(database), Keyring::parse(KEYRING).unwrap(), Arc::new(Now));
        Blobs::new(Arc::clone(database), Arc::new(vault), Arc::new(Now))
    }

    pub(crate) fn database(&self) -> &dyn Database {
        &**self.database.as_ref().unwrap()
    }

    /// As `kill -9` does: whatever it is doing ends in the middle.
    pub(crate) async fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        drop(self.database.take());
        let killed = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5)));
        killed.await.unwrap();
    }

    /// Ends it in an orderly way.
    pub(crate) async fn stop(mut self) {
        self.stop.cancel();
        self.running.take().unwrap().await.unwrap().unwrap();
        self.kill().await;
    }

    /// Waits until every update is handled and everything is said.
    pub(crate) async fn quiet(&self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..4_000 {
            ticks.tick().await;
            if bot_gateway::is_quiet(self.database()).await.unwrap() {
                return;
            }
        }
        panic!("something is still to be done");
    }

    /// One number out of the database.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        let rows = self.database().query(Statement::new(sql, []), &[Type::Int]).await.unwrap();
        rows[0].int(0).unwrap()
    }

    /// Waits until a number out of the database is this one.
    pub(crate) async fn until_count(&self, sql: &str, wanted: i64) {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..4_000 {
            ticks.tick().await;
            if self.count(sql).await == wanted {
                return;
            }
        }
        panic!("never {wanted}: {sql}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
