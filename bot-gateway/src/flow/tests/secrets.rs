//! The password is nowhere: not in what is said, not in the database or its write-ahead log.

use super::stage::{CANARY, IVAN, OLGA, Stage};
use crate::office::Errand;
use chrono::TimeDelta;
use domain::ids::{AccountNumber, UserId};
use domain::sip_account::SipAccount;
use secrecy::ExposeSecret as _;

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
async fn a_password_that_changes_between_the_reseal_and_the_take_is_the_one_that_moves() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, 1).await;
    let (_, offer) = stage.offer_in(&message);
    let early = stage.office.reseal(account).await.unwrap();
    let newer = stage.office.change_password(&errand(&stage, OLGA, 90_001), account, "newer-secret").await;
    newer.unwrap();

    stage.office.take_with(&errand(&stage, IVAN, 90_002), account, &offer, early).await.unwrap();

    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
    assert_eq!(password(&stage, account).await, "newer-secret");
}

#[tokio::test]
async fn an_undone_take_moves_the_password_that_is_set_and_no_older_one() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, 1).await;
    let (_, offer) = stage.offer_in(&message);
    let early = stage.office.reseal(account).await.unwrap();
    stage.office.take(&errand(&stage, IVAN, 90_001), account, &offer).await.unwrap();
    let sealed = stage.account(account).await.password().cloned();

    stage.office.undo_with(&errand(&stage, OLGA, 90_002), account, &offer, early).await.unwrap();

    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    assert_ne!(stage.account(account).await.password().cloned(), sealed);
    assert_eq!(password(&stage, account).await, CANARY);
}

fn errand(stage: &Stage, by: UserId, update: u32) -> Errand {
    Errand { by, at: stage.now(), update, redelivered: false }
}

async fn password(stage: &Stage, account: AccountNumber) -> String {
    let sealed = stage.account(account).await.password().cloned().unwrap();
    stage.office.open_password(account, &sealed).await.unwrap().expose_secret().to_owned()
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
