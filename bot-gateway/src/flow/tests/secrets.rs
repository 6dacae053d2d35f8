//! The password is nowhere: not in what is said, not in the database or its write-ahead log.

use super::stage::{CANARY, IVAN, OLGA, Stage};
use chrono::TimeDelta;
use domain::sip_account::SipAccount;

#[tokio::test]
async fn the_seal_of_a_transferred_account_is_of_a_new_key_and_the_old_key_is_shredded() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let before = stage.account(account).await.password().cloned().unwrap();
    let message = stage.hands_over(OLGA, account, 1).await;
    stage.takes(IVAN, &message).await;

    let after = stage.account(account).await.password().cloned().unwrap();
    assert_ne!(before, after);
    assert!(stage.office.open_password(account, &before).await.is_err());
    assert!(stage.office.open_password(account, &after).await.is_ok());
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn shared_settings_that_nobody_took_leave_no_key() {
    let mut stage = Stage::new().await;
    let results = stage.types(OLGA, &format!("100 {CANARY} pbx.example")).await;
    let message = stage.sends(OLGA, &results[0]).await;
    let (account, offer) = stage.offer_in(&message);
    let sealed = stage.account(account).await.password().cloned().unwrap();
    stage.advance(TimeDelta::minutes(5));
    let context = domain::log::Context::process(stage.now());
    let expire = domain::sip_account::Command::ExpireOffer { offer };
    let cause = event_store::dispatcher::Cause::default();
    let dispatcher = &stage.office.dispatcher;
    dispatcher.execute::<SipAccount>(&account.to_string(), expire, context, &cause).await.unwrap();

    stage.says(OLGA, "/start").await;
    stage.notices().await;

    assert!(stage.office.open_password(account, &sealed).await.is_err());
    assert!(super::stage::presses_of(&stage.inline[&message]).is_empty(), "the message says that it is over");
}

#[tokio::test]
async fn a_wrong_password_is_not_kept_either() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, 1).await;
    stage.takes(IVAN, &message).await;
    stage.types(OLGA, &format!("{account} {CANARY}")).await;
    stage.types(OLGA, &format!("{account} almost-{CANARY}")).await;
    stage.nothing_shows_the_password();
}
