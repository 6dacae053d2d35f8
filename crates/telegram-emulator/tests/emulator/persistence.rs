//! The world survives the end of the process, however it comes.

use crate::stage::{BOT, OLGA, Stage};
use serde_json::json;
use std::{path::Path, process::Stdio};
use telegram_emulator::{Config, Emulator};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

/// Starts the real program on a free port and gives its address.
async fn program(data: &Path) -> (Child, Stage) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_telegram-emulator"))
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("RUST_LOG", "info")
        .env("NO_COLOR", "1")
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    loop {
        let line = lines.next_line().await.unwrap().expect("the program ended before it was ready");
        if let Some((_, rest)) = line.split_once("open ") {
            let url = rest.split(' ').next().unwrap().to_owned();
            return (child, Stage::at(url));
        }
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let data = tempfile::tempdir().unwrap();
    let (mut child, stage) = program(data.path()).await;
    stage.act("olga", "start", json!({"bot": BOT})).await;
    let first = stage.updates().await[0]["update_id"].as_i64().unwrap();
    stage.act("olga", "message", json!({"chat": BOT, "text": "kept"})).await;
    let keyboard = json!({"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]});
    stage.bot("sendMessage", json!({"chat_id": OLGA, "text": "still here", "reply_markup": keyboard})).await;
    stage.post("clock/advance", json!({"seconds": 77})).await;
    child.kill().await.unwrap();

    let (mut child, stage) = program(data.path()).await;
    assert_eq!(stage.get("clock").await["now_offset_seconds"], 77);
    let seen = stage.last("olga", BOT).await;
    assert_eq!(
        (seen["text"].as_str(), seen["buttons"][0][0]["text"].as_str()),
        (Some("still here"), Some("A"))
    );
    let updates = stage.bot("getUpdates", json!({})).await;
    assert_eq!(updates.as_array().unwrap().len(), 1, "what was confirmed does not come back: {updates}");
    assert_eq!(
        (updates[0]["update_id"].as_i64(), &updates[0]["message"]["text"]),
        (Some(first + 1), &json!("kept"))
    );
    stage.act("olga", "message", json!({"chat": BOT, "text": "later"})).await;
    let updates = stage.bot("getUpdates", json!({"offset": first + 2})).await;
    assert_eq!(updates[0]["update_id"].as_i64(), Some(first + 2), "numbers go on where they were");
    child.kill().await.unwrap();
}

#[tokio::test]
async fn a_torn_last_line_is_passed_over() {
    let data = tempfile::tempdir().unwrap();
    let config = || Config { data: Some(data.path().to_owned()), ..Config::demo() };
    let stage = Stage::with(config()).await;
    stage.act("olga", "start", json!({"bot": BOT})).await;
    stage.close().await;
    let journal = data.path().join("world.jsonl");
    let mut text = std::fs::read(&journal).unwrap();
    text.extend_from_slice(b"[[\"messages\",2,{\"id\":2,\"te");
    std::fs::write(&journal, text).unwrap();
    let stage = Stage::with(config()).await;
    assert_eq!(stage.last("olga", BOT).await["text"], "/start");
}

#[tokio::test]
async fn two_processes_cannot_share_a_directory() {
    let data = tempfile::tempdir().unwrap();
    let config = || Config { data: Some(data.path().to_owned()), ..Config::demo() };
    let _first = Stage::with(config()).await;
    let second = Emulator::start(config()).await;
    assert!(second.is_err_and(|why| why.to_string().contains("another emulator")));
}
