//! A process that dies between any two steps neither loses an update nor repeats what followed from it.

use crate::process::Setup;
use crate::telegram::{Fault, Telegram, message, person_json, until};
use serde_json::json;
use tempfile::TempDir;

const OLGA: i64 = 1;

#[tokio::test]
async fn an_update_that_was_being_handled_is_handled_after_the_crash() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    setup.ledger.will_fail("hang on", 1);
    let process = setup.start().await;
    let update = telegram.text(OLGA, "hang on");
    telegram.text(OLGA, "and then");
    until("it hangs", || setup.ledger.times(update) == 1).await;
    process.kill().await;

    let process = setup.start().await;
    assert_eq!(telegram.sent(2).await, ["hang on", "and then"]);
    process.quiet().await;
    assert_eq!(setup.ledger.handled.lock().unwrap()[..2], [(update, false), (update, true)]);
    assert_eq!(telegram.texts().len(), 2);
}

#[tokio::test]
async fn an_update_that_telegram_brings_again_has_no_second_effect() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    telegram.keeps_everything();
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    let update = telegram.text(OLGA, "once");
    telegram.sent(1).await;
    process.quiet().await;
    process.kill().await;

    let process = setup.start().await;
    telegram.text(OLGA, "twice");
    telegram.sent(2).await;
    process.quiet().await;
    assert_eq!(telegram.texts(), ["once", "twice"]);
    assert_eq!(setup.ledger.times(update), 1);
}

#[tokio::test]
async fn a_reply_that_may_not_have_arrived_is_sent_again() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    telegram.fails_once("sendMessage", Fault::Silence);
    telegram.text(OLGA, "hello");
    telegram.sent(1).await;
    process.kill().await;

    let process = setup.start().await;
    assert_eq!(telegram.sent(2).await, ["hello", "hello"]);
    process.quiet().await;
}

#[tokio::test]
async fn a_reply_that_may_have_arrived_long_ago_is_not_sent_again() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    let process = setup.start().await;
    telegram.fails_once("sendMessage", Fault::Silence);
    telegram.text(OLGA, "hello");
    telegram.sent(1).await;
    let long_ago = "UPDATE outbox SET sending_at = '2026-01-01T00:00:00.000000Z' WHERE state = 1";
    let statement = event_store::sql::Statement::new(long_ago, []).expecting(1);
    process.database().transact(vec![statement]).await.unwrap();
    process.kill().await;

    let process = setup.start().await;
    process.quiet().await;
    assert_eq!(telegram.texts().len(), 1);
    assert_eq!(process.count("SELECT count(*) FROM outbox WHERE state = 3").await, 1);
}

/// Kills the process at every transaction of an update's way, before it and after it.
#[tokio::test]
async fn a_crash_at_any_step_loses_nothing_and_repeats_nothing() {
    let mut steps = 0;
    for at in 1..20 {
        for after in [false, true] {
            if dies_at(at, after).await {
                steps = at;
            }
        }
        if steps < at {
            break;
        }
    }
    assert!(steps >= 4, "an update takes four transactions at least, not {steps}");
}

/// Tells whether the process got so far at all.
async fn dies_at(at: usize, after: bool) -> bool {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    telegram.text(OLGA, "hello");
    // A change can be repeated without harm, so it shows a loss; a text shows a repetition.
    let press = json!({"id": "9", "from": person_json(OLGA), "chat_instance": "1", "data": "v1:x",
        "message": message(OLGA, json!({"text": "menu"}))});
    telegram.update(json!({"callback_query": press}));

    let process = Setup { stops_at: Some((at, after)), ..setup.clone() }.start().await;
    let died = tokio::select! {
        biased;
        () = process.stopped.cancelled() => true,
        () = process.until_count("SELECT count(*) FROM outbox WHERE state = 2", 2) => false,
    };
    process.kill().await;
    let sent_before = telegram.texts().len();

    let process = setup.start().await;
    until("the reply", || !telegram.texts().is_empty()).await;
    until("the change", || !telegram.calls("editMessageText").is_empty()).await;
    process.quiet().await;
    let rows = process.count("SELECT count(*) FROM outbox WHERE state = 2").await;
    assert_eq!(rows, 2, "stopped at {at}, after: {after}");
    let sent = telegram.texts();
    // Telegram has it and the database does not know: then, and only then, it is sent a second time.
    assert!(sent.len() == 1 || (sent_before == 1 && sent.len() == 2), "{sent:?} at {at}, after: {after}");
    let done = "SELECT count(*) FROM inbox WHERE state = 1 AND raw IS NULL";
    assert_eq!(process.count(done).await, 2, "stopped at {at}, after: {after}");
    died
}
