//! What every bus promises, as sentences, and what the one over PostgreSQL does beyond it.

use super::*;
use crate::clock::ManualClock;
use crate::contract::TestDatabase;
use crate::open::{OpenOptions, open as open_log};
use crate::vault::Keyring;
use chrono::DateTime;
use domain::call::{Action, Digit};
use domain::ids::{CallId, UserId};
use futures::FutureExt as _;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::panic::AssertUnwindSafe;
use std::time::Duration;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

fn digit(number: usize) -> Signal {
    Signal::on(CallId::from_bits(7), UserId(42), Action::Digit(Digit::KEYPAD[number % 12]))
}

#[tokio::test]
async fn whoever_listens_hears_in_order_and_whoever_listens_later_does_not() {
    for_each(async |here, there| {
        ready(&here, &there).await;
        let (mut near, mut far) = (here.subscribe(), there.subscribe());
        for number in 0..100 {
            here.send(digit(number)).await.expect("sent");
        }
        for number in 0..100 {
            assert_eq!(heard(&mut near).await, Heard::Signal(digit(number)));
            assert_eq!(heard(&mut far).await, Heard::Signal(digit(number)));
        }
        let mut late = here.subscribe();
        there.send(Signal::on(CallId::from_bits(8), UserId(1), Action::HangUp)).await.expect("sent");
        let Heard::Signal(signal) = heard(&mut late).await else { panic!("nothing was missed") };
        assert_eq!(signal.action, Action::HangUp, "only what was sent since");
    })
    .await;
}

#[tokio::test]
async fn a_signal_is_heard_once_by_each_listener() {
    for_each(async |here, there| {
        ready(&here, &there).await;
        let (mut near, mut far) = (here.subscribe(), there.subscribe());
        here.send(digit(1)).await.expect("sent");
        there.send(digit(2)).await.expect("sent");
        for listener in [&mut near, &mut far] {
            let both = [heard(listener).await, heard(listener).await];
            assert!(both.contains(&Heard::Signal(digit(1))) && both.contains(&Heard::Signal(digit(2))));
            assert!(
                timeout(Duration::from_millis(50), listener.next()).await.is_err(),
                "nothing comes twice"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn sending_to_nobody_is_no_error() {
    for_each(async |here, _| here.send(digit(0)).await.expect("sent")).await;
}

#[tokio::test]
async fn postgres_never_sees_a_digit() {
    on_postgres(async |address, here, there| {
        ready(&here, &there).await;
        let pool = PgPool::connect(&address).await.expect("connected");
        let mut tap = PgListener::connect_with(&pool).await.expect("connected");
        tap.listen("tandem_signals").await.expect("listens");
        here.send(digit(4)).await.expect("sent");
        let seen = timeout(PATIENCE, tap.recv()).await.expect("soon").expect("seen");
        let (payload, plain) = (seen.payload(), serde_json::to_string(&digit(4)).expect("JSON"));
        assert!(payload.starts_with("v1.system/signals.") && payload.len() < 1000, "{payload}");
        assert!(!payload.contains("digit") && !payload.contains(&plain));
    })
    .await;
}

#[tokio::test]
async fn who_has_another_key_and_what_is_no_signal_is_passed_over() {
    on_postgres(async |address, here, there| {
        ready(&here, &there).await;
        let mut far = there.subscribe();
        let pool = PgPool::connect(&address).await.expect("connected");
        for noise in ["", "garbage", "v1.system/signals.1.AAAA"] {
            let notify = sqlx::query("SELECT pg_notify('tandem_signals', $1)").bind(noise);
            notify.execute(&pool).await.expect("sent");
        }
        here.send(digit(3)).await.expect("sent");
        assert_eq!(heard(&mut far).await, Heard::Signal(digit(3)));
    })
    .await;
}

#[tokio::test]
async fn a_broken_connection_is_told_and_mended() {
    on_postgres(async |address, here, there| {
        ready(&here, &there).await;
        let mut far = there.subscribe();
        let pool = PgPool::connect(&address).await.expect("connected");
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND query ILIKE 'LISTEN%tandem_signals%'";
        let cut = sqlx::query(cut).fetch_all(&pool).await.expect("cut");
        assert!(!cut.is_empty(), "somebody listened");
        assert_eq!(heard(&mut far).await, Heard::Missed(1));
        ready(&here, &there).await;
    })
    .await;
}

#[tokio::test]
async fn the_longest_signal_there_is_travels() {
    for_each(async |here, there| {
        ready(&here, &there).await;
        let mut far = there.subscribe();
        let number = "\u{1F4DE}".repeat(domain::call::MAX_NUMBER).parse().expect("a number");
        let signal = Signal::on(CallId::from_bits(7), UserId(42), Action::Transfer { to: Some(number) });
        here.send(signal.clone()).await.expect("sent");
        assert_eq!(heard(&mut far).await, Heard::Signal(signal));
    })
    .await;
}

async fn heard(listener: &mut Subscription) -> Heard {
    timeout(PATIENCE, listener.next()).await.expect("heard soon").expect("the bus is there")
}

/// Both hear each other: a process that has just started listens a moment later.
async fn ready(here: &Bus, there: &Bus) {
    for (from, to) in [(here, there), (there, here)] {
        let knock = Signal::on(CallId::from_bits(0), UserId(0), Action::Switch);
        let mut listener = to.subscribe();
        let answered = async {
            loop {
                // A broken connection may still be in the pool.
                let _ = from.send(knock.clone()).await;
                if let Ok(Some(Heard::Signal(_))) = timeout(Duration::from_millis(50), listener.next()).await
                {
                    return;
                }
            }
        };
        timeout(PATIENCE, answered).await.expect("they hear each other soon");
    }
    // Knocks that are still on their way would disturb the test.
    for bus in [here, there] {
        let mut listener = bus.subscribe();
        while timeout(Duration::from_millis(100), listener.next()).await.is_ok() {}
    }
}

type Bus = Arc<dyn SignalBus>;

async fn for_each(test: impl AsyncFn(Bus, Bus)) {
    let bus: Bus = Arc::new(InMemory::default());
    test(bus.clone(), bus).await;
    on_postgres(async |_, here, there| test(here, there).await).await;
}

/// Two processes that share a database.
async fn on_postgres(test: impl AsyncFnOnce(String, Bus, Bus)) {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        eprintln!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.expect("created");
    let keys = Keyring::new_line("k1");
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let mut buses = Vec::new();
    for _ in 0..2 {
        let opened = open_log(&database.address(), OpenOptions::default()).await.expect("opened");
        let db = opened.database.clone().expect("a database");
        let clock = ManualClock::at(DateTime::UNIX_EPOCH);
        let keyring = Keyring::parse(&keys).expect("a keyring");
        let vault = Arc::new(Vault::new(db, keyring, Arc::new(clock)));
        buses.push((open(&opened, vault, &tasks, &stop), opened));
    }
    let (here, there) = (buses[0].0.clone(), buses[1].0.clone());
    let result = AssertUnwindSafe(test(database.address(), here, there)).catch_unwind().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    database.drop().await.expect("dropped");
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}
