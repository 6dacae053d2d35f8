//! What a day brings: order, errors of Telegram, errors of ours.

use crate::process::{Process, Setup};
use crate::telegram::{Fault, Telegram, message, person_json, until};
use bot_gateway::incoming::MessageRef;
use bot_gateway::outbox::Priority;
use bot_gateway::outgoing::{Outgoing, Screen};
use domain::ids::{ChatId, UserId};
use serde_json::json;
use tempfile::TempDir;

const OLGA: i64 = 1;
const IVAN: i64 = 2;

/// A running process with all that it needs.
struct Stage {
    telegram: Telegram,
    setup: Setup,
    process: Process,
    _directory: TempDir,
}

async fn stage() -> Stage {
    let directory = TempDir::new().unwrap();
    let telegram = Telegram::start().await;
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    Stage { telegram, setup, process, _directory: directory }
}

#[tokio::test]
async fn everything_a_person_writes_is_answered_in_its_order() {
    let stage = stage().await;
    for n in 0..40 {
        stage.telegram.text(OLGA, &format!("{n}"));
    }
    let expected: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    // A person may write 30 messages at once; the rest is turned away.
    assert_eq!(stage.telegram.sent(30).await, expected[..30]);
    stage.process.quiet().await;
    assert_eq!(stage.telegram.texts().len(), 30);
}

#[tokio::test]
async fn a_press_is_answered_at_once_and_the_menu_changes_in_place() {
    let stage = stage().await;
    let press = json!({"id": "9", "from": person_json(OLGA), "chat_instance": "1", "data": "v1:x",
        "message": message(OLGA, json!({"text": "menu"}))});
    stage.telegram.update(json!({"callback_query": press}));
    until("the menu changes", || stage.telegram.calls("editMessageText").len() == 1).await;
    stage.process.quiet().await;
    let answers = stage.telegram.calls("answerCallbackQuery");
    assert_eq!(answers, [json!({"callback_query_id": "9", "text": "pressed", "show_alert": false})]);
    assert_eq!(stage.telegram.calls("editMessageText")[0]["message_id"], json!(1000 + OLGA));
}

#[tokio::test]
async fn a_menu_that_is_gone_is_sent_anew() {
    let stage = stage().await;
    stage
        .telegram
        .fails_once("editMessageText", Fault::Refuse(400, "Bad Request: message to edit not found"));
    let press = json!({"id": "9", "from": person_json(OLGA), "chat_instance": "1", "data": "v1:x",
        "message": message(OLGA, json!({"text": "menu"}))});
    stage.telegram.update(json!({"callback_query": press}));
    assert_eq!(stage.telegram.sent(1).await, ["changed"]);
    stage.process.quiet().await;
}

#[tokio::test]
async fn what_is_already_so_is_not_said_again() {
    let stage = stage().await;
    let not_modified = "Bad Request: message is not modified: specified new message content and reply markup are exactly \
        the same as a current content and reply markup of the message";
    stage.telegram.fails_once("editMessageText", Fault::Refuse(400, not_modified));
    let press = json!({"id": "9", "from": person_json(OLGA), "chat_instance": "1", "data": "v1:x",
        "message": message(OLGA, json!({"text": "menu"}))});
    stage.telegram.update(json!({"callback_query": press}));
    until("the change is tried", || stage.telegram.calls("editMessageText").len() == 1).await;
    stage.process.quiet().await;
    assert_eq!(stage.telegram.calls("editMessageText").len(), 1);
    assert_eq!(stage.process.count("SELECT count(*) FROM outbox WHERE state = 3").await, 0);
}

#[tokio::test]
async fn a_menu_is_remembered_by_its_number_and_a_newer_one_takes_its_place() {
    let stage = stage().await;
    stage.telegram.text(OLGA, "menu one");
    stage.telegram.text(OLGA, "menu two");
    stage.telegram.sent(2).await;
    stage.process.quiet().await;
    let menu = stage.process.outbox.remembered(ChatId(OLGA), "menu").await.unwrap();
    assert_eq!(menu, Some(MessageRef { chat: ChatId(OLGA), id: 2 }));
    assert_eq!(stage.process.outbox.remembered(ChatId(IVAN), "menu").await.unwrap(), None);
}

#[tokio::test]
async fn too_many_requests_is_obeyed_and_the_reply_is_not_lost() {
    let stage = stage().await;
    stage.telegram.fails_once("sendMessage", Fault::TooMany(1));
    stage.telegram.text(OLGA, "one");
    stage.telegram.text(OLGA, "two");
    until("the first attempt", || stage.telegram.texts().len() == 1).await;
    stage.telegram.text(IVAN, "meanwhile");
    assert_eq!(stage.telegram.sent(4).await, ["one", "meanwhile", "one", "two"]);
}

#[tokio::test]
async fn a_failing_telegram_is_asked_again() {
    let stage = stage().await;
    stage.telegram.fails_once("sendMessage", Fault::Refuse(502, "Bad Gateway"));
    stage.telegram.text(OLGA, "hello");
    assert_eq!(stage.telegram.sent(2).await, ["hello", "hello"]);
    stage.process.quiet().await;
}

#[tokio::test]
async fn who_blocked_the_bot_is_told_to_the_flows_and_not_written_to_again() {
    let stage = stage().await;
    stage.telegram.fails_once("sendMessage", Fault::Refuse(403, "Forbidden: bot was blocked by the user"));
    stage.telegram.text(OLGA, "hello");
    until("the flows know", || *stage.setup.ledger.unreachable.lock().unwrap() == [UserId(OLGA)]).await;
    stage.process.quiet().await;
    assert_eq!(stage.telegram.texts().len(), 1);
}

#[tokio::test]
async fn an_update_that_fails_for_good_is_set_aside_and_the_next_goes_on() {
    let stage = stage().await;
    stage.setup.ledger.will_fail("bad", usize::MAX);
    let bad = stage.telegram.text(OLGA, "bad");
    stage.telegram.text(OLGA, "good");
    stage.telegram.text(IVAN, "other");
    assert_eq!(stage.telegram.sent(3).await, ["other", "Broken", "good"]);
    assert_eq!(stage.setup.ledger.times(bad), 4);
    assert_eq!(
        stage.process.count("SELECT count(*) FROM inbox WHERE state = 2 AND raw IS NOT NULL").await,
        1
    );
}

#[tokio::test]
async fn an_update_that_fails_once_is_done_the_second_time() {
    let stage = stage().await;
    stage.setup.ledger.will_fail("odd", 1);
    let odd = stage.telegram.text(OLGA, "odd");
    assert_eq!(stage.telegram.sent(1).await, ["odd"]);
    stage.process.quiet().await;
    assert_eq!(*stage.setup.ledger.handled.lock().unwrap(), [(odd, false), (odd, true)]);
}

#[tokio::test]
async fn a_list_that_comes_as_a_file_is_fetched() {
    let stage = stage().await;
    stage.telegram.file(OLGA, "1001 secret Anna\n");
    stage.telegram.sent(1).await;
    assert_eq!(*stage.setup.ledger.heard.lock().unwrap(), ["1001 secret Anna\n"]);
}

#[tokio::test]
async fn an_inline_query_is_answered_and_leaves_no_trace() {
    let stage = stage().await;
    let query = json!({"id": "5", "from": person_json(OLGA), "query": "1001 CANARY", "offset": ""});
    stage.telegram.update(json!({"inline_query": query}));
    until("the answer", || stage.telegram.calls("answerInlineQuery").len() == 1).await;
    let answer = &stage.telegram.calls("answerInlineQuery")[0];
    assert_eq!((&answer["cache_time"], &answer["is_personal"]), (&json!(0), &json!(true)));
    assert_eq!(stage.process.count("SELECT count(*) FROM inbox").await, 0);
}

#[tokio::test]
async fn what_is_written_with_another_decision_is_said_once_the_outbox_is_told_to_look() {
    let stage = stage().await;
    let outbox = &stage.process.outbox;
    let screen = Screen { html: "Ivan took it".into(), ..Screen::default() };
    let says = vec![Outgoing::to(UserId(OLGA), screen)];
    for _ in 0..2 {
        let batch = outbox.batch("event:1", Priority::Notice, says.clone());
        stage.process.database().transact(batch.statements()).await.unwrap();
        outbox.look_again();
    }
    stage.telegram.sent(1).await;
    stage.process.quiet().await;
    assert_eq!(stage.telegram.texts(), ["Ivan took it"]);
}

#[tokio::test]
async fn an_orderly_end_finishes_what_was_begun() {
    let stage = stage().await;
    stage.telegram.text(OLGA, "last words");
    until("it is handled", || !stage.setup.ledger.handled.lock().unwrap().is_empty()).await;
    stage.process.stop().await;
    assert_eq!(stage.telegram.texts(), ["last words"]);
    assert!(stage.telegram.calls("deleteWebhook").is_empty());
}
