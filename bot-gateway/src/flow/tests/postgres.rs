//! One long story on PostgreSQL, through every statement that the bot's own tables and read models are asked with.
//! Without `TANDEM_TEST_POSTGRES` it says so and does nothing.

use super::calls::{card_of, the_card};
use super::gateway::{answers, ends, offers, takes_call};
use super::stage::{CANARY, IVAN, OLGA, PETR, Stage, presses_of, queries_of};
use crate::button::Button;
use domain::call::{Command, EndCause, Party};
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

    calls(&mut stage).await;
    stage.flow.purge(stage.now() + chrono::TimeDelta::days(2)).await.unwrap();
    stage.nothing_shows_the_password();
}

/// A chooser, a call that goes out, one that comes in beside it, and a recording.
async fn calls(stage: &mut Stage) {
    let first = stage.complete_account(PETR, "201").await;
    stage.complete_account(PETR, "202").await;
    stage.says(PETR, "600").await;
    let lines = presses_of(stage.newest(PETR));
    assert_eq!(lines.len(), 3, "two of his own, and the one that he took: {lines:?}");
    let line = lines.iter().find(|data| data.ends_with(&first.to_string())).unwrap();
    stage.presses(PETR, line.parse().unwrap()).await;
    let (out, _) = the_card(stage, PETR).await;
    assert_eq!(stage.dialled(out).await, "600");
    takes_call(stage, out).await;
    answers(stage, out, Command::Answer).await;
    let into = offers(stage, first, PETR, "+74950001122", Some("Anna")).await;
    let rings = card_of(stage, PETR, into).await;
    assert!(rings.html.contains("Anna") && rings.html.contains("600"), "{}", rings.html);
    answers(stage, out, Command::StartRecording { automatic: false, locked: false }).await;
    let reference = "recording".to_owned();
    answers(stage, out, Command::SaveRecording { reference, seconds: 3 }).await;
    ends(stage, out, EndCause::Hangup { by: Party::User }, Some((200, 3))).await;
    let over = card_of(stage, PETR, out).await;
    assert!(over.html.contains("0:03"), "{}", over.html);
    assert_eq!(stage.posts().await.len(), 1, "the recording");
}
