//! Numbers and contacts sent to the bot: a truthful answer (product reference 6).

use super::stage::{CANARY, IVAN, OLGA, Stage};
use crate::button::{Ask, Button};
use crate::incoming::{Act, MessageRef};
use domain::ids::ChatId;

#[tokio::test]
async fn a_number_is_shown_as_each_account_would_dial_it() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Rules(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Rules)).await;
    stage.says(OLGA, r"[^+*#\w]= ^8=7 ^79\d{9}$").await;

    stage.says(OLGA, "8 (926) 123-45-67").await;
    assert!(stage.newest(OLGA).html.contains("79261234567"), "{}", stage.newest(OLGA).html);
    stage.says(OLGA, "8 495 123-45-67").await;
    assert!(stage.newest(OLGA).html.contains("79\\d{9}"), "the filter: {}", stage.newest(OLGA).html);
}

#[tokio::test]
async fn every_number_of_a_contact_is_looked_at() {
    let mut stage = Stage::new().await;
    stage.complete_account(OLGA, "100").await;
    let message = MessageRef { chat: ChatId(OLGA.0), id: 900 };
    let phones = vec!["+79261234567".to_owned(), "112".to_owned()];
    assert_eq!(stage.does(OLGA, Act::Contact { message, phones }).await.len(), 2);
}

#[tokio::test]
async fn somebody_without_an_account_is_told_so() {
    let mut stage = Stage::new().await;
    let says = stage.says(IVAN, "112").await;
    assert_eq!(says.len(), 1);
}

#[tokio::test]
async fn rules_are_tried_with_a_number_rule_by_rule() {
    let mut stage = Stage::new().await;
    let account = stage.complete_account(OLGA, "100").await;
    stage.presses(OLGA, Button::Rules(account)).await;
    stage.presses(OLGA, Button::Ask(account, Ask::Rules)).await;
    stage.says(OLGA, "^8=7").await;
    stage.presses(OLGA, Button::Ask(account, Ask::TryNumber)).await;
    stage.says(OLGA, "8926").await;
    assert!(stage.newest(OLGA).html.contains("7926"), "{}", stage.newest(OLGA).html);
    assert!(!stage.newest(OLGA).html.contains(CANARY));
}
