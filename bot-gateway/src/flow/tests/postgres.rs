//! One long story on PostgreSQL, through every statement that the bot's own tables and read models are asked with.
//! Without `TANDEM_TEST_POSTGRES` it says so and does nothing.

use super::stage::{CANARY, IVAN, OLGA, PETR, Stage, presses_of, queries_of};
use crate::button::Button;
use domain::ids::ChatId;
use event_store::contract::TestDatabase;
use futures::FutureExt as _;
use std::panic::AssertUnwindSafe;

#[tokio::test]
async fn an_account_goes_through_many_hands_on_postgresql() {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        println!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.unwrap();
    let story = AssertUnwindSafe(story(&database.address())).catch_unwind().await;
    database.drop().await.unwrap();
    if let Err(panic) = story {
        std::panic::resume_unwind(panic);
    }
}

async fn story(address: &str) {
    let mut stage = Stage::at(address, tempfile::tempdir().unwrap(), 3).await;
    let account = stage.complete_account(OLGA, "100").await;
    let away = stage.hands_over(OLGA, account, 1).await;
    stage.takes(IVAN, &away).await;
    assert_eq!(stage.account(account).await.owner(), Some(IVAN));

    assert_eq!(stage.types(OLGA, &format!("{account} wrong")).await, []);
    let results = stage.types(OLGA, &format!("{account} {CANARY}")).await;
    let back = stage.sends(OLGA, &results[0]).await;
    stage.takes(OLGA, &back).await;
    assert_eq!(stage.account(account).await.owner(), Some(OLGA));
    stage.says(OLGA, "/softphone").await;
    assert!(presses_of(&stage.menu(OLGA).await).contains(&Button::Account(account).to_string()));
    assert!(!stage.notices().await.is_empty());
    stage.presses(OLGA, Button::Account(account)).await;
    stage.presses(OLGA, Button::RecordingChat(account)).await;
    stage.picks_chat(OLGA, ChatId(-100_500), true).await;
    assert!(format!("{:?}", stage.menu(OLGA).await).contains("Records"), "the card names the chat");

    stage.says(OLGA, "/bulk").await;
    stage.says(OLGA, &format!("pbx.example\n101 {CANARY} Ivan\n102 {CANARY} Petr")).await;
    let menu = stage.menu(OLGA).await;
    let make = presses_of(&menu).into_iter().find(|data| data.contains("bulk-make")).unwrap();
    stage.presses(OLGA, make.parse().unwrap()).await;
    let board = queries_of(&stage.menu(OLGA).await);
    let results = stage.types(OLGA, &board[0]).await;
    let message = stage.sends(OLGA, &results[0]).await;
    stage.takes(PETR, &message).await;
    stage.says(OLGA, "/bulk").await;
    assert!(presses_of(&stage.menu(OLGA).await).iter().any(|data| data.contains("bulk-board")));
    stage.flow.purge(stage.now() + chrono::TimeDelta::days(2)).await.unwrap();
    stage.nothing_shows_the_password();
}
