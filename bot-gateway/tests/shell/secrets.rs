//! A password that a person sends stands nowhere in clear: not in the database, not in its log, not in a call.

use crate::process::Setup;
use crate::telegram::{Telegram, person_json, until};
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;

const OLGA: i64 = 1;
const CANARY: &str = "CANARY-7f3a";

#[tokio::test]
async fn a_password_is_never_on_disk_in_clear() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    setup.ledger.will_fail(&format!("hang {CANARY}"), 1);
    let process = setup.start().await;
    let text = telegram.text(OLGA, &format!("hang {CANARY}"));
    let from = person_json(OLGA);
    let query = format!("1001 {CANARY}");
    telegram.update(json!({"inline_query": {"id": "5", "from": from, "query": query, "offset": ""}}));
    telegram.update(
        json!({"chosen_inline_result": {"result_id": "k:1", "from": person_json(2), "query": query}}),
    );
    until("the text is being handled", || setup.ledger.times(text) == 1).await;
    until("the query was handled", || !telegram.calls("answerInlineQuery").is_empty()).await;
    telegram.sent(1).await;
    assert!(!holds(directory.path(), CANARY), "while it is being handled");
    process.kill().await;
    assert!(!holds(directory.path(), CANARY), "after a crash");

    let process = setup.start().await;
    telegram.sent(2).await;
    process.quiet().await;
    assert!(!holds(directory.path(), CANARY), "when it is done");
    assert_eq!(process.count("SELECT count(*) FROM inbox WHERE raw IS NOT NULL").await, 0);
    assert!(!telegram.everything().contains(CANARY));
}

/// Whether a text stands in any file: the database and its write-ahead log.
fn holds(directory: &Path, text: &str) -> bool {
    std::fs::read_dir(directory).unwrap().any(|entry| {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    })
}
