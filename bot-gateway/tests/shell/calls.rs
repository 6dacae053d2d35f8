//! A call that is asked for in the chat, with the real flows and the real cards, through a process that dies at any step:
//! one call in the log, and one card that shows how far it has come.

use crate::process::{KEYRING, Now, Stopping};
use crate::telegram::{TOKEN, Telegram, until};
use bot_gateway::cards::{CallCards, Cards};
use bot_gateway::flow::{self, Flow};
use bot_gateway::lease::Owner;
use bot_gateway::office::{self, Errand, Office};
use bot_gateway::outbox::{Outbox, Rates};
use bot_gateway::telegram::{Api, Client};
use bot_gateway::view::call::Phone;
use bot_gateway::{Parts, Updates};
use domain::call::{Call, Command, Gateway};
use domain::ids::{CallId, UserId};
use domain::log::{Actor, Context};
use domain::sip_account::Change;
use domain::template::Catalogue;
use event_store::clock::Clock;
use event_store::dispatcher::{Cause, Dispatcher, Limits};
use event_store::open::{OpenOptions, open};
use event_store::reactor::reactor;
use event_store::runner::{Followed, Followers};
use event_store::signals::InMemory;
use event_store::sql::{Database, Statement, Type};
use event_store::vault::{Keyring, Vault};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const OLGA: i64 = 1;

/// A process with everything that a call in the chat goes through.
struct Caller {
    runtime: Option<Runtime>,
    /// The database itself, which never stops.
    database: Option<Arc<dyn Database>>,
    dispatcher: Option<Dispatcher>,
    office: Option<Arc<Office>>,
    stopped: CancellationToken,
}

impl Caller {
    /// Starts a process whose database stops for ever at this transaction, before it or after it.
    async fn start(file: &Path, telegram: &Telegram, stops_at: Option<(usize, bool)>) -> Self {
        let address = format!("sqlite://{}", file.display());
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        let opened = loop {
            ticks.tick().await;
            if let Ok(opened) = open(&address, OpenOptions::default()).await {
                break opened;
            }
        };
        let (log, inner) = (opened.log, opened.database.unwrap());
        let stopped = CancellationToken::new();
        let database: Arc<dyn Database> = match stops_at {
            None => inner.clone(),
            Some((at, after)) => Arc::new(Stopping {
                inner: inner.clone(),
                left: AtomicUsize::new(at),
                after,
                stopped: stopped.clone(),
            }),
        };
        let clock: Arc<dyn Clock> = Arc::new(Now);
        let vault = Arc::new(Vault::new(database.clone(), Keyring::parse(KEYRING).unwrap(), clock.clone()));
        let dispatcher = Dispatcher::new(log.clone(), Limits::default());
        let office = Arc::new(Office::new(office::Parts {
            dispatcher: dispatcher.clone(),
            vault: vault.clone(),
            database: database.clone(),
            clock: clock.clone(),
            catalogue: Arc::new(Catalogue::builtin()),
            random: Box::new(StdRng::from_os_rng()),
        }));
        let owner = Owner::for_database(&*database);
        let outbox = Outbox::new(database.clone(), clock.clone(), owner.clone());
        // What keeps read models is no step of a call.
        let followers = Followers::new(log.clone(), inner.clone(), clock.clone(), "models");
        let reacting = Followers::new(log, database.clone(), clock.clone(), "reactors");
        followers.prepare(&projections::all(), &|_| ()).await.unwrap();
        let (bot, phone) = ("tandem_bot".to_owned(), Phone::default());
        let cards = Cards::new(office.clone(), database.clone(), outbox.clone(), bot.clone(), phone.clone());
        let cards = Followed::Reactor(reactor(CallCards::new(cards, outbox.clone())));
        let flow = Flow::new(flow::Parts {
            office: office.clone(),
            database: database.clone(),
            followers: followers.clone(),
            outbox: outbox.clone(),
            signals: Arc::new(InMemory::default()),
            phone: phone.clone(),
            bot,
        });
        let parts = Parts {
            database,
            clock,
            vault,
            handler: Arc::new(flow),
            outbox,
            client: Client::new(Api { url: telegram.url.clone(), token: TOKEN.to_owned().into() }).unwrap(),
            owner,
            updates: Updates::Poll,
            rates: Rates::unhurried_by_telegram(),
            menus: Vec::new(),
            phone,
        };
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.spawn(async move {
            let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
            followers.start(projections::all().into_iter().map(Followed::ReadModel).collect(), &tasks, &stop);
            reacting.start(vec![cards], &tasks, &stop);
            bot_gateway::run(parts, stop).await
        });
        Self {
            runtime: Some(runtime),
            database: Some(inner),
            dispatcher: Some(dispatcher),
            office: Some(office),
            stopped,
        }
    }

    fn office(&self) -> &Office {
        self.office.as_ref().unwrap()
    }

    /// As `kill -9` does.
    async fn kill(mut self) {
        let runtime = self.runtime.take().unwrap();
        drop((self.database.take(), self.dispatcher.take(), self.office.take()));
        let killed = tokio::task::spawn_blocking(move || runtime.shutdown_timeout(Duration::from_secs(5)));
        killed.await.unwrap();
    }

    async fn rows(&self, sql: &str) -> Vec<String> {
        let statement = Statement::new(sql.to_owned(), []);
        let rows = self.database.as_ref().unwrap().query(statement, &[Type::Text]).await.unwrap();
        rows.iter().map(|row| row.text(0).unwrap()).collect()
    }

    /// The calls that were asked for.
    async fn calls(&self) -> Vec<CallId> {
        let sql = "SELECT stream_id FROM es_events WHERE event_type = 'CallRequested'";
        self.rows(sql).await.iter().map(|call| call.parse().unwrap()).collect()
    }

    /// Waits until a call is asked for or the process has died; takes the call as a gateway does.
    async fn takes_the_call(&self, patience: Duration) -> bool {
        let waits = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(10));
            loop {
                ticks.tick().await;
                if let Some(call) = self.calls().await.first() {
                    return *call;
                }
            }
        };
        let Ok(call) = tokio::time::timeout(patience, waits).await else { return false };
        let gateway = Gateway { process: "media".to_owned(), epoch: 1 };
        let context = Context { by: Actor::Gateway, at: Now.now() };
        let (take, cause) = (Command::Take { gateway }, Cause { text: None, dedup: None });
        let dispatcher = self.dispatcher.as_ref().unwrap();
        dispatcher.execute::<Call>(&call.to_string(), take, context, &cause).await.unwrap();
        true
    }

    async fn quiet(&self) {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..4_000 {
            ticks.tick().await;
            if bot_gateway::is_quiet(&**self.database.as_ref().unwrap()).await.unwrap() {
                return;
            }
        }
        panic!("something is still to be done");
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A database in which Olga has a line and has opened the bot.
async fn prepared() -> TempDir {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let caller = Caller::start(&directory.path().join("bot.db"), &telegram, None).await;
    telegram.text(OLGA, "/language");
    telegram.sent(1).await;
    let errand = |update| Errand { by: UserId(OLGA), at: Now.now(), update, redelivered: false };
    let office = caller.office();
    let (account, _) = office.create(&errand(1_000)).await.unwrap();
    office.change(&errand(1_001), account, Change::Login("100".parse().unwrap())).await.unwrap();
    office
        .change(&errand(1_002), account, Change::Domain(Some("pbx.example".parse().unwrap())))
        .await
        .unwrap();
    office.change_password(&errand(1_003), account, "secret").await.unwrap();
    office.apply(&errand(1_004), account).await.unwrap();
    caller.quiet().await;
    caller.kill().await;
    directory
}

#[tokio::test]
async fn a_crash_at_any_step_of_a_call_leaves_one_call_and_one_true_card() {
    let prepared = prepared().await;
    let mut steps = 0;
    for at in 1..30 {
        for after in [false, true] {
            if dies_at(prepared.path(), at, after).await {
                steps = at;
            }
        }
        if steps < at {
            break;
        }
    }
    assert!(steps >= 8, "a call and its card take eight transactions at least, not {steps}");
}

/// Tells whether the process got so far at all.
async fn dies_at(prepared: &Path, at: usize, after: bool) -> bool {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    for file in std::fs::read_dir(prepared).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), directory.path().join(file.file_name())).unwrap();
    }
    let file = directory.path().join("bot.db");
    telegram.update(serde_json::json!({"skipped": true}));
    telegram.text(OLGA, "600");

    let caller = Caller::start(&file, &telegram, Some((at, after))).await;
    let stopped = caller.stopped.clone();
    let died = tokio::select! {
        () = stopped.cancelled() => true,
        _ = async {
            caller.takes_the_call(Duration::from_secs(10)).await;
            until("the card", || changed(&telegram)).await;
            caller.quiet().await;
        } => stopped.is_cancelled(),
    };
    caller.kill().await;
    let cards_before = cards(&telegram).len();

    let caller = Caller::start(&file, &telegram, None).await;
    let taken = caller.takes_the_call(Duration::from_secs(20)).await;
    let said = telegram.everything();
    let inbox =
        caller.rows("SELECT update_id || ' ' || state || ' ' || coalesce(error, '') FROM inbox").await;
    assert!(taken, "stopped at {at}, after: {after}: {inbox:?}, {said}");
    until("the card as it is", || changed(&telegram)).await;
    caller.quiet().await;
    assert_eq!(caller.calls().await.len(), 1, "stopped at {at}, after: {after}");
    let sent = cards(&telegram);
    // Telegram has it and the database does not know: then, and only then, it is sent a second time.
    let once = sent.len() == 1 || (cards_before == 1 && sent.len() == 2);
    assert!(once, "{sent:#?} at {at}, after: {after}");
    caller.kill().await;
    died
}

/// The cards that were sent as messages.
fn cards(telegram: &Telegram) -> Vec<Value> {
    let about = |call: &Value| call["text"].as_str().is_some_and(|text| text.contains("600"));
    telegram.calls("sendMessage").into_iter().filter(about).collect()
}

/// Whether what Olga sees last says that her phone rings: the call was taken.
fn changed(telegram: &Telegram) -> bool {
    let shows = |call: &Value| call["text"].as_str().is_some_and(|text| text.contains("Answer there"));
    let edits = telegram.calls("editMessageText");
    edits.last().map_or_else(|| cards(telegram).last().is_some_and(shows), shows)
}
