//! Telegram brings the updates.

use crate::process::Setup;
use crate::telegram::{Telegram, message, until};
use bot_gateway::Updates;
use serde_json::{Value, json};
use std::net::SocketAddr;
use tempfile::TempDir;

const OLGA: i64 = 1;

/// What Telegram was told at the start.
pub(crate) struct Hook {
    pub(crate) url: String,
    secret: String,
    http: reqwest::Client,
}

impl Hook {
    /// Waits until the process has told Telegram where to call.
    pub(crate) async fn of(telegram: &Telegram, nth: usize) -> Self {
        until("the webhook is set", || telegram.calls("setWebhook").len() > nth).await;
        let told = telegram.calls("setWebhook").swap_remove(nth);
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self { url: text("url"), secret: text("secret_token"), http: reqwest::Client::new() }
    }

    /// Brings an update; gives the status.
    pub(crate) async fn bring(&self, update: &Value) -> u16 {
        self.bring_with(&self.secret, update.to_string()).await
    }

    async fn bring_with(&self, secret: &str, body: String) -> u16 {
        let post = self.http.post(&self.url).header("X-Telegram-Bot-Api-Secret-Token", secret);
        post.body(body).send().await.unwrap().status().as_u16()
    }
}

/// Updates by webhook, on an address that nobody listens on.
pub(crate) fn webhook() -> Updates {
    let free: SocketAddr = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    Updates::Webhook { public_url: format!("http://{free}/"), listen: free }
}

pub(crate) fn text(update: u32, person: i64, text: &str) -> Value {
    json!({"update_id": update, "message": message(person, json!({"text": text}))})
}

#[tokio::test]
async fn what_telegram_brings_is_stored_and_answered_and_a_repeat_changes_nothing() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let mut setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    setup.updates = webhook();
    let process = setup.start().await;
    let hook = Hook::of(&telegram, 0).await;
    assert_eq!(hook.bring(&text(1, OLGA, "one")).await, 200);
    assert_eq!(hook.bring(&text(1, OLGA, "one")).await, 200);
    assert_eq!(hook.bring(&text(2, OLGA, "two")).await, 200);
    assert_eq!(telegram.sent(2).await, ["one", "two"]);
    process.quiet().await;
    assert_eq!(telegram.texts().len(), 2);
    process.stop().await;
    assert!(telegram.calls("deleteWebhook").is_empty(), "the next process goes on with it");
}

#[tokio::test]
async fn a_stranger_is_refused() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let mut setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    setup.updates = webhook();
    let _process = setup.start().await;
    let hook = Hook::of(&telegram, 0).await;
    assert_eq!(hook.bring_with("guess", text(1, OLGA, "one").to_string()).await, 403);
    assert_eq!(hook.bring_with("", text(1, OLGA, "one").to_string()).await, 403);
    assert_eq!(hook.bring_with(&hook.secret, " ".repeat(1024 * 1024 + 1)).await, 413);
    let url = hook.url.replace("/telegram/", "/telegram/x");
    let elsewhere = Hook { url, secret: hook.secret.clone(), http: hook.http.clone() };
    assert_eq!(elsewhere.bring(&text(1, OLGA, "one")).await, 404);
    assert!(telegram.texts().is_empty());
}

#[tokio::test]
async fn a_database_that_fails_makes_telegram_bring_it_again() {
    let (directory, telegram) = (TempDir::new().unwrap(), Telegram::start().await);
    let mut setup = Setup::sqlite(&directory.path().join("bot.db"), &telegram);
    setup.updates = webhook();
    let process = setup.start().await;
    let hook = Hook::of(&telegram, 0).await;
    let rename = |from: &str, to: &str| {
        vec![event_store::sql::Statement::new(format!("ALTER TABLE {from} RENAME TO {to}"), [])]
    };
    process.database().transact(rename("inbox", "gone")).await.unwrap();
    assert_eq!(hook.bring(&text(1, OLGA, "one")).await, 503);
    process.database().transact(rename("gone", "inbox")).await.unwrap();
    assert_eq!(hook.bring(&text(1, OLGA, "one")).await, 200);
    assert_eq!(telegram.sent(1).await, ["one"]);
}
