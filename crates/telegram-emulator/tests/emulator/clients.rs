//! Other people's libraries: the same small bot in grammY and in aiogram runs on the emulator as it would on Telegram.
//!
//! They are installed below `target/` at pinned versions. Where node, Python or their registries cannot be reached, the
//! test says what is missing and ends; with `REQUIRE_CLIENTS=1` it fails.

use crate::stage::{BOT, Stage};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use telegram_emulator::DEMO_TOKEN;
use tokio::process::{Child, Command};

/// Where the bots' sources are.
fn sources(client: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients").join(client)
}

/// Where this client is installed.
fn place(client: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients").join(client);
    std::fs::create_dir_all(&place).unwrap();
    place
}

/// Runs a step of an installation; gives what went wrong.
async fn step(command: &mut Command) -> Result<(), String> {
    let shown = format!("{:?}", command.as_std());
    let output = command.stdin(Stdio::null()).output().await.map_err(|why| format!("{shown}: {why}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("{shown}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

fn missing(client: &str, why: &str) {
    assert!(std::env::var_os("REQUIRE_CLIENTS").is_none(), "{client} cannot be installed: {why}");
    eprintln!("not tested with {client}, which cannot be installed here: {why}");
}

async fn grammy() -> Result<Command, String> {
    let place = place("grammy");
    for file in ["package.json", "bot.js"] {
        std::fs::copy(sources("grammy").join(file), place.join(file)).map_err(|why| why.to_string())?;
    }
    if !place.join("node_modules/grammy").exists() {
        step(Command::new("npm").args(["install", "--no-audit", "--no-fund"]).current_dir(&place)).await?;
    }
    let mut command = Command::new("node");
    command.arg("bot.js").current_dir(place);
    Ok(command)
}

async fn aiogram() -> Result<Command, String> {
    let place = place("aiogram");
    let python = place.join("venv/bin/python");
    let done = place.join("installed");
    if !done.exists() {
        step(Command::new("python3").args(["-m", "venv", "venv"]).current_dir(&place)).await?;
        let requirements = sources("aiogram").join("requirements.txt");
        step(Command::new(&python).args(["-m", "pip", "install", "-q", "-r"]).arg(requirements)).await?;
        std::fs::write(done, "").map_err(|why| why.to_string())?;
    }
    let mut command = Command::new(python);
    command.arg(sources("aiogram").join("bot.py"));
    Ok(command)
}

fn run(command: &mut Command, stage: &Stage) -> Child {
    let command = command.env("BOT_TOKEN", DEMO_TOKEN).env("API_ROOT", &stage.url).stdout(Stdio::null());
    command.kill_on_drop(true).spawn().unwrap()
}

/// A whole story: a deep link, a press, an inline gift that a friend takes, a document.
async fn story(stage: &Stage) {
    stage.act("olga", "start", json!({"bot": BOT, "payload": "t_1"})).await;
    let hello = stage.sees("olga", BOT, "Hello, Olga: t_1").await;
    assert_eq!(hello["html"], "<b>Hello</b>, Olga: t_1");
    let press = json!({"message": hello["id"], "button": "Take"});
    assert_eq!(stage.act("olga", "press", press).await, json!({"shown": "toast", "text": "Taken by Olga"}));
    stage.sees("olga", BOT, "Taken").await;

    let typed = stage.act("olga", "inline", json!({"chat": "petr", "query": "@tandem_bot 1001"})).await;
    assert_eq!(typed["results"][0]["title"], "Give 1001");
    let choice = json!({"chat": "petr", "query": "@tandem_bot 1001", "result_id": "gift"});
    let sent = stage.act("olga", "choose", choice).await;
    let press = json!({"message": sent["message"], "button": "Take"});
    assert_eq!(stage.act("petr", "press", press).await["text"], "Taken by Petr");
    stage.sees("olga", "petr", "Taken").await;

    let document = json!({"name": "a.csv", "content": "a,b"});
    stage.act("olga", "message", json!({"chat": BOT, "document": document})).await;
    let seen = stage.chat("olga", BOT).await;
    let file =
        seen["messages"].as_array().unwrap().iter().find_map(|m| m["document"]["file_id"].as_str()).unwrap();
    stage.sees("olga", BOT, &format!("documents/{file}")).await;
    assert_eq!(stage.get("violations").await, Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_bot_made_with_grammy_runs_unmodified() {
    match grammy().await {
        Err(why) => missing("grammY", &why),
        Ok(mut command) => {
            let stage = Stage::set().await;
            let mut bot = run(&mut command, &stage);
            story(&stage).await;
            bot.kill().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_bot_made_with_aiogram_runs_unmodified() {
    match aiogram().await {
        Err(why) => missing("aiogram", &why),
        Ok(mut command) => {
            let stage = Stage::set().await;
            let mut bot = run(&mut command, &stage);
            story(&stage).await;
            bot.kill().await.unwrap();
        }
    }
}
