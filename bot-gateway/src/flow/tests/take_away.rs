//! Taking back by the password (product reference 5.2, 5.3 T15 to T17).

use super::stage::{ANNA, CANARY, IVAN, OLGA, PETR, Stage};
use crate::button::{Ask, Button};
use chrono::TimeDelta;
use domain::ids::AccountNumber;

#[tokio::test]
async fn a_former_owner_who_knows_the_password_takes_the_account_back() {
    let (mut stage, account) = moved().await;
    stage.says(IVAN, "/start").await;
    stage.notices().await;

    let results = stage.types(OLGA, &format!("{account} {CANARY}")).await;
    assert_eq!(results.len(), 1);
    let message = stage.sends(OLGA, &results[0]).await;
    assert!(stage.takes(PETR, &message).await.alert, "only Olga may take it");
    stage.takes(OLGA, &message).await;

    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    let told = stage.notices().await;
    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [IVAN], "the owner is told");
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn the_former_owner_is_hinted_nothing_before_the_password_is_there() {
    let (mut stage, account) = moved().await;
    assert_eq!(stage.types(OLGA, &format!("{account} ")).await, []);
    assert_eq!(stage.types(OLGA, &format!("{account} wrong")).await, []);
}

#[tokio::test]
async fn every_failure_looks_alike() {
    let (mut stage, account) = moved().await;
    let nobodys = if account.get() == 999_999_999 { 100_000_000 } else { account.get() + 1 };
    assert_eq!(stage.types(PETR, &format!("{account} {CANARY}")).await, [], "never the owner");
    assert_eq!(stage.types(IVAN, &format!("{account} {CANARY}")).await, [], "owns it now");
    assert_eq!(stage.types(OLGA, &format!("{nobodys} {CANARY}")).await, [], "no such account");
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}x")).await, [], "another password");
}

#[tokio::test]
async fn a_password_typed_letter_by_letter_is_one_try() {
    let (mut stage, account) = moved().await;
    let mut last = Vec::new();
    for length in 1..=CANARY.len() {
        last = stage.types(OLGA, &format!("{account} {}", &CANARY[..length])).await;
    }
    assert_eq!(last.len(), 1, "the whole password fits");
}

#[tokio::test]
async fn after_five_wrong_tries_the_right_password_is_not_looked_at_for_an_hour() {
    let (mut stage, account) = moved().await;
    for n in 0..5 {
        assert_eq!(stage.types(OLGA, &format!("{account} wrong-{n}")).await, []);
    }
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await, []);
    stage.advance(TimeDelta::hours(1));
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await.len(), 1);
}

#[tokio::test]
async fn an_account_is_tried_twenty_times_a_day_and_no_more() {
    let (mut stage, account) = moved().await;
    for hour in 0..4 {
        for n in 0..5 {
            stage.types(OLGA, &format!("{account} wrong-{hour}-{n}")).await;
        }
        stage.advance(TimeDelta::hours(1));
    }
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await, []);
    stage.advance(TimeDelta::hours(24));
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await.len(), 1);
}

#[tokio::test]
async fn a_stranger_cannot_use_up_the_tries_of_a_former_owner() {
    let (mut stage, account) = moved().await;
    for n in 0..30 {
        stage.types(PETR, &format!("{account} wrong-{n}")).await;
    }
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await.len(), 1);
}

#[tokio::test]
async fn the_old_password_no_longer_fits_once_the_new_owner_has_another() {
    let (mut stage, account) = moved().await;
    let results = stage.types(OLGA, &format!("{account} {CANARY}")).await;
    let message = stage.appears(&results[0]);
    stage.says(IVAN, "/softphone").await;
    stage.presses(IVAN, Button::Account(account)).await;
    stage.presses(IVAN, Button::Ask(account, Ask::Password)).await;
    stage.says(IVAN, "another-secret").await;

    assert!(stage.takes(OLGA, &message).await.alert, "the proof is of another password");
    assert_eq!(stage.types(OLGA, &format!("{account} {CANARY}")).await, []);
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
}

#[tokio::test]
async fn a_former_owner_takes_it_from_whoever_has_it_now() {
    let (mut stage, account) = moved().await;
    let message = stage.hands_over(IVAN, account, 1).await;
    stage.takes(ANNA, &message).await;

    let results = stage.types(OLGA, &format!("{account} {CANARY}")).await;
    let away = stage.sends(OLGA, &results[0]).await;
    stage.takes(OLGA, &away).await;

    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
}

/// Olga's account, transferred to Ivan.
async fn moved() -> (Stage, AccountNumber) {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    let message = stage.hands_over(OLGA, account, 1).await;
    stage.takes(IVAN, &message).await;
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));
    (stage, account)
}
