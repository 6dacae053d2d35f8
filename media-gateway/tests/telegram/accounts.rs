//! Several service accounts, and how a person is found.

use crate::world::{FIRST, IVAN, PETR, SECOND, SECOND_USER, World, eventually};
use domain::log::Context;
use domain::person::{Command, Person};
use event_store::clock::ManualClock;
use event_store::dispatcher::{Cause, Dispatcher, Limits};
use event_store::runner::{Followed, Followers};
use event_store::vault::{Purpose, Subject};
use media_gateway::telegram::store::State;
use media_gateway::telegram::{End, Event};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use telegram_emulator::SERVICE_ACCOUNT;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

async fn two_accounts() -> World {
    let world = World::new().await;
    world.sign_in(FIRST, SERVICE_ACCOUNT).await;
    world.sign_in(SECOND, SECOND_USER).await;
    world
}

/// Who called, as the person's phone shows it.
fn caller(requested: &Value) -> i64 {
    requested["from"]["id"].as_i64().expect("a caller")
}

#[tokio::test]
async fn a_person_is_always_called_by_the_account_that_they_know() {
    let world = two_accounts().await;
    let mut office = world.work().await;
    world.writes(IVAN, "tandem_more", "hello").await;
    assert!(matches!(office.hears().await, Event::Written { .. }));
    let mut ivan = world.device(IVAN).await;
    for _ in 0..2 {
        let phone = office.calls(IVAN);
        let requested = ivan.hears("requested").await;
        assert_eq!(caller(&requested), SECOND_USER);
        ivan.discards(&requested["call"], "busy").await;
        assert_eq!(office.hears_the_end(phone).await, End::Declined);
    }
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn another_account_calls_while_telegram_limits_the_first() {
    let world = two_accounts().await;
    let mut office = world.work().await;
    for account in ["tandem_calls", "tandem_more"] {
        world.writes(IVAN, account, "hello").await;
        assert!(matches!(office.hears().await, Event::Written { .. }));
    }
    let flood = json!({"method": "phone.requestCall", "error": "PEER_FLOOD", "code": 400, "times": 1});
    world.act("/fault", flood).await;
    let mut ivan = world.device(IVAN).await;
    let phone = office.calls(IVAN);
    let requested = ivan.hears("requested").await;
    assert_eq!(caller(&requested), SECOND_USER, "the first one is limited");
    ivan.discards(&requested["call"], "busy").await;
    assert_eq!(office.hears_the_end(phone).await, End::Declined, "one call, one end");
    office.close().await;
    world.end().await;
}

/// The bot knows Petr by his user name. The token ends what follows the log.
async fn name_petr(world: &World) -> CancellationToken {
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let clock = Arc::new(ManualClock::at(chrono::DateTime::UNIX_EPOCH));
    let followers = Followers::new(world.opened.log.clone(), world.database.clone(), clock, "names");
    followers.prepare(&projections::all(), &|_| ()).await.expect("read models");
    let models = projections::all().into_iter().map(Followed::ReadModel).collect();
    followers.start(models, &tasks, &stop);
    let subject = Subject::person(PETR);
    let username = world.vault.seal(&subject, &Purpose::username(PETR), b"petr").await.expect("sealed");
    let command =
        Command::Name { name: username.clone(), username: Some(username), fingerprint: "print".into() };
    let dispatcher = Dispatcher::new(world.opened.log.clone(), Limits::default());
    let context = Context::process(chrono::DateTime::UNIX_EPOCH);
    let done = dispatcher.execute::<Person>(&PETR.to_string(), command, context, &Cause::default()).await;
    let position = done.expect("done").position.expect("told");
    followers.wait_for("people", position, Duration::from_secs(20)).await.expect("folded");
    stop
}

#[tokio::test]
async fn a_person_is_found_by_the_name_under_which_the_bot_knows_them() {
    let world = World::with_an_account().await;
    let stop = name_petr(&world).await;
    let mut office = world.work().await;
    let mut petr = world.device(PETR).await;
    let phone = office.calls(PETR);
    let (call, _) = petr.rings().await;
    office.hears_ringing(phone).await;
    petr.discards(&call, "busy").await;
    assert_eq!(office.hears_the_end(phone).await, End::Declined);
    office.close().await;
    stop.cancel();
    world.end().await;
}

#[tokio::test]
async fn a_limit_of_looking_people_up_is_told_and_kept() {
    let world = World::with_an_account().await;
    let stop = name_petr(&world).await;
    let mut office = world.work().await;
    world.fault("contacts.resolveUsername", json!({"error": "FLOOD_WAIT_37"})).await;
    for _ in 0..2 {
        // The second time Telegram is not asked: it would find him.
        let phone = office.calls(PETR);
        let End::Flood { retry } = office.hears_the_end(phone).await else { panic!("a limit") };
        assert!(retry <= Duration::from_secs(37) && retry > Duration::from_secs(10), "{retry:?}");
    }
    office.close().await;
    stop.cancel();
    world.end().await;
}

#[tokio::test]
async fn an_account_whose_session_is_used_from_two_places_is_marked_and_left() {
    let world = World::with_an_account().await;
    let mut office = world.work().await;
    world.fault("updates.getState", json!({"error": "AUTH_KEY_DUPLICATED", "code": 406})).await;
    world.act("/fault", json!({"kind": "mtproto_drop"})).await;
    office.becomes(false).await;
    is_signed_out(&world).await;
    let phone = office.calls(IVAN);
    assert_eq!(office.hears_the_end(phone).await, End::Unknown);
    office.close().await;
    world.end().await;
}

async fn is_signed_out(world: &World) {
    eventually("the account is marked", async || {
        let state = world.store.accounts().await.expect("read")[0].state;
        (state == State::SignedOut).then_some(())
    })
    .await;
}

#[tokio::test]
async fn an_account_that_telegram_signs_out_is_marked_and_left() {
    let world = World::with_an_account().await;
    let mut office = world.work().await;
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), json!({"end_sessions": true})).await;
    world.act("/fault", json!({"kind": "mtproto_drop"})).await;
    office.becomes(false).await;
    is_signed_out(&world).await;
    let phone = office.calls(IVAN);
    assert_eq!(office.hears_the_end(phone).await, End::Unknown);

    world.sign_in(FIRST, SERVICE_ACCOUNT).await;
    office.is_on().await;
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn an_account_that_signs_in_later_is_connected_by_itself() {
    let world = World::new().await;
    let mut office = world.work().await;
    assert!(!office.telegram.is_on());
    world.sign_in(FIRST, SERVICE_ACCOUNT).await;
    office.is_on().await;
    office.close().await;
    world.end().await;
}

#[tokio::test]
async fn no_account_has_more_calls_than_it_may() {
    let world = two_accounts().await;
    let mut settings = world.settings().await;
    settings.calls_per_account = 1;
    let mut office = world.start(settings);
    office.telegram.work(true);
    office.is_on().await;
    for person in [IVAN, PETR] {
        world.writes(person, "tandem_calls", "hello").await;
        assert!(matches!(office.hears().await, Event::Written { .. }));
    }
    let (mut ivan, mut petr) = (world.device(IVAN).await, world.device(PETR).await);
    let first = office.calls(IVAN);
    ivan.rings().await;
    office.hears_ringing(first).await;
    let second = office.calls(PETR);
    let end = office.hears_the_end(second).await;
    assert!(matches!(end, End::Refused { code: 503, .. }), "{end:?}");

    petr.calls("tandem_calls").await;
    petr.hears("waiting").await;
    assert_eq!(petr.hears_the_end().await, "busy");
    office.close().await;
    world.end().await;
}
