//! Signing in, and out.

use crate::world::{FIRST, World, done};
use event_store::sql::{Statement, Type};
use media_gateway::telegram::login::{CodeBy, Login, LoginError, Qr, RECOMMENDED, Step, recommend, sign_out};
use media_gateway::telegram::store::State;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use std::time::Duration;
use telegram_emulator::SERVICE_ACCOUNT;

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

async fn begin(world: &World) -> Login {
    Login::begin(&world.settings().await, &world.tasks).await.expect("connected")
}

#[tokio::test]
async fn a_code_and_the_password_let_an_account_in_and_wrong_ones_do_not() {
    let world = World::new().await;
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), json!({"password": "two steps"})).await;
    let mut login = begin(&world).await;

    let nobody = login.send_code(&secret("+1 000")).await.expect_err("nobody's number");
    assert!(matches!(nobody, LoginError::BadNumber), "{nobody:?}");
    assert_eq!(login.send_code(&secret(FIRST)).await.expect("sent"), CodeBy::App);
    let wrong = login.enter_code(&secret("00000x")).await.expect_err("a wrong code");
    assert!(matches!(wrong, LoginError::WrongCode), "{wrong:?}");
    let step = login.enter_code(&world.code(SERVICE_ACCOUNT).await).await.expect("the right code");
    assert!(matches!(step, Step::Password { .. }), "{step:?}");
    let wrong = login.enter_password(secret("one step")).await.expect_err("a wrong password");
    assert!(matches!(wrong, LoginError::WrongPassword), "{wrong:?}");
    let who = login.enter_password(secret("two steps")).await.expect("the right password");

    assert_eq!((who.user.0, who.username.as_deref()), (SERVICE_ACCOUNT, Some("tandem_calls")));
    let account = login.keep(&world.store, &who).await.expect("kept");
    let kept = world.store.accounts().await.expect("read");
    assert_eq!((kept[0].id, kept[0].state), (account, State::Ready));
    let number = world.store.phone(account).await.expect("read").expect("there");
    assert!(number.expose_secret().contains("888"));
    world.end().await;
}

#[tokio::test]
async fn a_scanned_code_lets_an_account_in() {
    let world = World::new().await;
    let mut login = begin(&world).await;
    let Qr::Show { link, .. } = login.qr().await.expect("a link") else { panic!("nobody has scanned it") };
    let scan = json!({"accept_login": link.expose_secret()});
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), scan).await;

    login.wait_for_scan(Duration::from_secs(20)).await;
    let Qr::Scanned(step) = login.qr().await.expect("scanned") else { panic!("it was scanned") };

    assert_eq!(done(step).user.0, SERVICE_ACCOUNT);
    world.end().await;
}

#[tokio::test]
async fn after_a_scan_the_password_is_asked_for_too() {
    let world = World::new().await;
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), json!({"password": "two steps"})).await;
    let mut login = begin(&world).await;
    let Qr::Show { link, .. } = login.qr().await.expect("a link") else { panic!("nobody has scanned it") };
    let scan = json!({"accept_login": link.expose_secret()});
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), scan).await;
    login.wait_for_scan(Duration::from_secs(20)).await;

    let Qr::Scanned(step) = login.qr().await.expect("scanned") else { panic!("it was scanned") };
    assert!(matches!(step, Step::Password { .. }), "{step:?}");
    login.enter_password(secret("two steps")).await.expect("the right password");
    world.end().await;
}

#[tokio::test]
async fn the_recommended_settings_are_applied() {
    let world = World::new().await;
    // Another device of the account, which would ring too.
    world.act("/mtproto/keys", json!({"user": "tandem_calls"})).await;
    let nobody = json!({"calls": "nobody", "p2p": false});
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), nobody).await;
    let mut login = begin(&world).await;
    login.send_code(&secret(FIRST)).await.expect("sent");
    login.enter_code(&world.code(SERVICE_ACCOUNT).await).await.expect("the right code");

    let applied = login.recommend().await;

    let seen = world.see(&format!("/users/{SERVICE_ACCOUNT}/telegram")).await;
    assert!(applied.iter().all(|it| it.result.is_ok()), "{applied:?}");
    assert_eq!((&seen["calls"], &seen["p2p"]), (&json!("everybody"), &json!(true)));
}

#[tokio::test]
async fn the_recommended_settings_can_be_applied_a_day_later() {
    let world = World::with_an_account().await;
    let account = world.store.accounts().await.expect("read")[0].id;
    world.act(&format!("/users/{SERVICE_ACCOUNT}/telegram"), json!({"p2p": false})).await;

    let applied = recommend(&world.settings().await, &world.store, account, &world.tasks).await;

    assert_eq!(applied.expect("connected").len(), RECOMMENDED.len());
    assert_eq!(world.see(&format!("/users/{SERVICE_ACCOUNT}/telegram")).await["p2p"], true);
}

#[tokio::test]
async fn an_account_that_is_signed_out_is_gone_here_and_there() {
    let world = World::with_an_account().await;
    let account = world.store.accounts().await.expect("read")[0].id;
    sign_out(&world.settings().await, &world.store, account, &world.tasks).await.expect("signed out");
    world.store.forget(account).await.expect("forgotten");

    assert_eq!(world.see(&format!("/users/{SERVICE_ACCOUNT}/telegram")).await["sessions"], 0);
    assert!(world.store.accounts().await.expect("read").is_empty());
    world.end().await;
}

#[tokio::test]
async fn no_key_and_no_number_stands_in_the_database_in_clear() {
    let world = World::with_an_account().await;
    let statement = Statement::new("SELECT phone, session FROM telegram_accounts", []);
    let rows = world.database.query(statement, &[Type::Text, Type::Text]).await.expect("read");
    let text = format!("{rows:?}");
    assert!(
        text.contains("v1.system/telegram.") && !text.contains("centres") && !text.contains("888"),
        "{text}"
    );
    world.end().await;
}
