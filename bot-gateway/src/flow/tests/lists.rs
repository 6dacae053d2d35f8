//! Many accounts at once.

use super::stage::{CANARY, IVAN, OLGA, PETR, Stage, presses_of, queries_of};
use crate::button::Button;
use crate::incoming::{Act, MessageRef, Place};
use crate::outgoing::Outgoing;
use crate::typed::Typed;
use chrono::TimeDelta;
use domain::ids::{BatchId, ChatId};
use domain::log::Context;
use domain::sip_account::{Command, Grant, SipAccount};
use event_store::dispatcher::Cause;

#[tokio::test]
async fn a_list_becomes_offers_that_are_sent_and_taken_one_by_one() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/bulk").await;
    let list = format!("pbx.example\n101 {CANARY} Ivan\n102 {CANARY} Petr\nbroken\n101 x twice");
    let says = stage.says(OLGA, &list).await;
    assert!(matches!(says[0], Outgoing::Delete { .. }), "the list goes at once: {says:#?}");
    let batch = batch_on_screen(&stage).await;

    stage.presses(OLGA, Button::BulkMake(batch.clone())).await;

    let board = stage.menu(OLGA).await;
    let queries = queries_of(&board);
    assert_eq!(queries.len(), 2, "a button for each person: {board:#?}");
    let results = stage.types(OLGA, &queries[0]).await;
    let message = stage.sends(OLGA, &results[0]).await;
    let (account, _) = stage.offer_in(&message);
    stage.takes(IVAN, &message).await;
    let state = stage.account(account).await;
    assert_eq!((state.owner(), state.user()), (Some(OLGA), Some(IVAN)));

    stage.presses(OLGA, Button::BulkBoard(batch.clone(), 0)).await;
    let board = stage.menu(OLGA).await;
    assert!(board.html.contains("Ivan"), "who took it: {}", board.html);
    assert_eq!(queries_of(&board).len(), 1, "one is left to send");
    stage.says(OLGA, "/bulk").await;
    assert!(presses_of(&stage.menu(OLGA).await).contains(&Button::BulkBoard(batch, 0).to_string()));
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn an_offer_out_of_a_list_waits_a_day_and_lives_five_minutes_once_sent() {
    let mut stage = Stage::new().await;
    let (queries, _) = prepared(&mut stage, Grant::Assign).await;
    stage.advance(TimeDelta::hours(23));
    let results = stage.types(OLGA, &queries[0]).await;
    let message = stage.sends(OLGA, &results[0]).await;
    stage.advance(TimeDelta::minutes(5));
    assert!(stage.takes(IVAN, &message).await.alert);
    stage.advance(TimeDelta::hours(1));
    assert_eq!(stage.types(OLGA, &queries[1]).await, [], "over after a day");
}

#[tokio::test]
async fn the_takers_of_a_list_become_owners_when_the_sender_wants_so() {
    let mut stage = Stage::new().await;
    let (queries, _) = prepared(&mut stage, Grant::Give).await;
    let results = stage.types(OLGA, &queries[1]).await;
    let message = stage.sends(OLGA, &results[0]).await;
    let (account, _) = stage.offer_in(&message);
    stage.takes(PETR, &message).await;
    assert_eq!(stage.account(account).await.owner(), Some(PETR));
}

#[tokio::test]
async fn another_persons_list_is_nobodys() {
    let mut stage = Stage::new().await;
    let (queries, batch) = prepared(&mut stage, Grant::Assign).await;
    let place = Place::Inline("inline-9".to_owned());
    for button in
        [Button::BulkBoard(batch.clone(), 0), Button::BulkMake(batch.clone()), Button::BulkPreview(batch, 0)]
    {
        assert!(stage.presses_at(PETR, place.clone(), &button.to_string()).await.alert, "{button:?}");
    }
    assert_eq!(stage.types(PETR, &queries[0]).await, []);
}

#[tokio::test]
async fn a_file_is_a_list_too_and_a_template_may_be_given_with_the_command() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/bulk pbx.example").await;
    let message = MessageRef { chat: ChatId(OLGA.0), id: 900 };
    let content = Some(format!("login;password;name\n101;{CANARY};Ivan\n"));
    let says = stage.does(OLGA, Act::TextFile { message, name: "team.csv".to_owned(), content }).await;
    assert!(matches!(says[0], Outgoing::Delete { .. }));
    assert!(stage.menu(OLGA).await.html.contains("pbx.example"));
    let too_large = Act::TextFile { message, name: "team.zip".to_owned(), content: None };
    assert_eq!(stage.does(OLGA, too_large).await.len(), 2, "deleted, and told");
    stage.nothing_shows_the_password();
}

#[tokio::test]
async fn the_sender_calls_offers_of_a_list_back_on_its_board() {
    let mut stage = Stage::new().await;
    let (queries, _) = prepared(&mut stage, Grant::Assign).await;
    let results = stage.types(OLGA, &queries[0]).await;
    let message = stage.sends(OLGA, &results[0]).await;
    let (account, offer) = stage.offer_in(&message);

    stage.presses(OLGA, Button::CancelOffer { account, offer }).await;

    let board = stage.menu(OLGA).await;
    assert!(board.html.contains("called back"), "the board says so: {}", board.html);
    assert_eq!(queries_of(&board), [queries[1].clone()], "the other one is still there");
    assert!(presses_of(&stage.inline[&message]).is_empty(), "the message says that it is over");
}

#[tokio::test]
async fn the_board_shows_the_list_in_the_order_of_its_lines() {
    let mut stage = Stage::new().await;
    stage.says(OLGA, "/bulk").await;
    let names = ["Zoe", "Anna", "Petr", "Ivan", "Boris", "Yana", "Olga"];
    let lines: Vec<String> =
        names.iter().enumerate().map(|(n, name)| format!("{n} {CANARY} {name}")).collect();
    stage.says(OLGA, &format!("pbx.example\n{}", lines.join("\n"))).await;
    let batch = batch_on_screen(&stage).await;
    stage.presses(OLGA, Button::BulkMake(batch)).await;

    let board = stage.menu(OLGA).await.html;

    let places: Vec<usize> = names.iter().filter_map(|name| board.find(&format!("{name}:"))).collect();
    assert_eq!(places.len(), names.len(), "{board}");
    assert!(places.is_sorted(), "{board}");
}

#[tokio::test]
async fn unsent_offers_that_end_are_told_of_once_for_the_whole_list() {
    let mut stage = Stage::new().await;
    let (queries, batch) = prepared(&mut stage, Grant::Assign).await;
    stage.advance(TimeDelta::hours(24));
    for query in queries {
        expire(&stage, &query).await;
    }

    let told = stage.notices().await;

    assert_eq!(told.iter().map(|(who, _)| *who).collect::<Vec<_>>(), [OLGA]);
    let board = Button::BulkBoard(batch, 0);
    assert_eq!(presses_of(&told[0].1), [board.to_string()]);
    stage.presses(OLGA, board).await;
    assert!(stage.menu(OLGA).await.html.contains("expired"));
}

/// The offer behind a button of the board ends by itself.
async fn expire(stage: &Stage, query: &str) {
    let Ok(Typed::Send { account, offer }) = query.parse() else { panic!("a button that sends: {query}") };
    let command = Command::ExpireOffer { offer };
    let (context, cause) = (Context::process(stage.now()), Cause::default());
    let dispatcher = &stage.office.dispatcher;
    dispatcher.execute::<SipAccount>(&account.to_string(), command, context, &cause).await.unwrap();
}

async fn prepared(stage: &mut Stage, grant: Grant) -> (Vec<String>, BatchId) {
    stage.says(OLGA, "/bulk").await;
    stage.says(OLGA, &format!("pbx.example\n101 {CANARY}\n102 {CANARY}")).await;
    let batch = batch_on_screen(stage).await;
    if grant == Grant::Give {
        stage.presses(OLGA, Button::BulkGrant(batch.clone(), Grant::Give)).await;
    }
    stage.presses(OLGA, Button::BulkMake(batch.clone())).await;
    (queries_of(&stage.menu(OLGA).await), batch)
}

async fn batch_on_screen(stage: &Stage) -> BatchId {
    let menu = stage.menu(OLGA).await;
    let made = presses_of(&menu).into_iter().find_map(|data| match data.parse() {
        Ok(Button::BulkMake(batch)) => Some(batch),
        Ok(_) | Err(_) => None,
    });
    made.unwrap_or_else(|| panic!("a prepared list: {menu:#?}"))
}
