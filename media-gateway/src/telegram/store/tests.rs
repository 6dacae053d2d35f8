//! What is kept, on both databases.

use super::*;
use chrono::TimeDelta;
use event_store::clock::ManualClock;
use event_store::open::{OpenOptions, open};
use event_store::vault::Keyring;
use grammers_session::types::UpdatesState;

const IVAN: UserId = UserId(2);

async fn store(address: &str) -> (Store, Arc<dyn Database>, ManualClock) {
    let opened = open(address, OpenOptions::default()).await.expect("opened");
    let database = opened.database.clone().expect("a database");
    let clock = ManualClock::at(DateTime::UNIX_EPOCH + TimeDelta::days(20_000));
    let keyring = Keyring::parse(&Keyring::new_line("k1")).expect("a keyring");
    let vault = Arc::new(Vault::new(database.clone(), keyring, Arc::new(clock.clone())));
    (Store::new(database.clone(), vault, Arc::new(clock.clone())), database, clock)
}

fn who(user: i64, username: &str) -> Who {
    Who {
        user: UserId(user),
        name: "Tandem calls".into(),
        username: Some(username.into()),
        phone: SecretString::from("+888 0000 99"),
    }
}

async fn on_sqlite<T>(test: impl AsyncFnOnce(Store, Arc<dyn Database>, ManualClock) -> T) -> T {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, database, clock) =
        store(&format!("sqlite://{}", folder.path().join("log.db").display())).await;
    test(store, database, clock).await
}

/// A session with this key.
fn signed_in(key: u8) -> Session {
    let session = Session::new();
    session.set_centre(2, "127.0.0.1:2".parse().expect("an address"), Some([key; 256]));
    session.set_home(2);
    session.set_me(10_099);
    session
}

async fn story(store: Store, database: Arc<dyn Database>, clock: ManualClock) {
    let session = signed_in(7);
    let first = store.keep(&who(10_099, "tandem_calls"), &session).await.expect("kept");
    let second = store.keep(&who(10_098, "tandem_more"), &session).await.expect("kept");
    let again = store.keep(&who(10_099, "tandem_line"), &session).await.expect("kept");
    assert_eq!((first, second, again), (AccountId(1), AccountId(2), AccountId(1)));
    let names: Vec<Option<String>> =
        store.accounts().await.expect("read").into_iter().map(|account| account.username).collect();
    assert_eq!(names, [Some("tandem_line".to_owned()), Some("tandem_more".to_owned())]);

    session.set_centre(4, "127.0.0.1:4".parse().expect("an address"), Some([7; 256]));
    session.set_home(4);
    assert!(store.save(first, UserId(10_099), &session).await.expect("saved"));
    let read = store.session(first).await.expect("read").expect("there");
    assert_eq!(read.home(), 4);
    read.set_heard(UpdatesState { pts: 7, ..UpdatesState::default() });
    assert!(
        store.save(first, UserId(10_099), &read).await.expect("saved"),
        "a second process goes on with it"
    );
    assert!(store.save(first, UserId(10_099), &session).await.expect("saved"), "and the first one once more");
    store.keep(&who(10_099, "tandem_line"), &signed_in(8)).await.expect("signed in anew");
    let saved = store.save(first, UserId(10_099), &read).await.expect("asked");
    assert!(!saved, "a session that was replaced stays so");
    assert_eq!(store.phone(first).await.expect("read").expect("there").expose_secret(), "+888 0000 99");
    let rows = database
        .query(Statement::new("SELECT phone, session FROM telegram_accounts", []), &[Type::Text, Type::Text])
        .await
        .expect("read");
    assert!(!format!("{rows:?}").contains("0000 99"), "what is stored is sealed");

    store.meet(second, IVAN, 77).await.expect("met");
    clock.advance(TimeDelta::seconds(1));
    store.meet(first, IVAN, 66).await.expect("met");
    clock.advance(TimeDelta::seconds(1));
    store.meet(second, IVAN, 78).await.expect("met again");
    let known = store.acquaintances(IVAN).await.expect("read");
    let met = |account, access_hash| Met { account, access_hash };
    assert_eq!(known, [met(second, 78), met(first, 66)], "the first to meet a person stays the first");

    let [one, two] = [1, 2].map(|id| Peer { id, access_hash: id * 10 });
    store.call_opened(first, one).await.expect("kept");
    store.call_opened(first, two).await.expect("kept");
    store.call_over(first, one.id).await.expect("kept");
    assert_eq!(store.open_calls(first).await.expect("read"), [two], "what a dead process would leave");
    assert!(store.open_calls(second).await.expect("read").is_empty());

    store.part(second, IVAN).await.expect("forgotten");
    store.mark(second, State::SignedOut).await.expect("marked");
    assert_eq!(store.accounts().await.expect("read")[1].state, State::SignedOut);
    store.forget(first).await.expect("forgotten");
    assert!(store.acquaintances(IVAN).await.expect("read").is_empty());
    assert!(store.session(first).await.expect("read").is_none());
}

#[tokio::test]
async fn accounts_and_acquaintances_are_kept_on_sqlite() {
    on_sqlite(story).await;
}

#[tokio::test]
async fn accounts_and_acquaintances_are_kept_on_postgres() {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        eprintln!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = event_store::contract::TestDatabase::create(&server).await.expect("created");
    let (store, opened, clock) = store(&database.address()).await;
    story(store, opened, clock).await;
    database.drop().await.expect("dropped");
}
