//! Webhooks.

use crate::{
    oracle,
    stage::{BOT, Stage},
};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

struct Hook {
    got: mpsc::Sender<(Option<String>, Value)>,
    /// What to answer, the next first; 200 with no body when it is empty.
    answers: Mutex<Vec<(u16, Value)>>,
}

struct Listening {
    url: String,
    got: mpsc::Receiver<(Option<String>, Value)>,
    _stop: tokio_util::sync::DropGuard,
}

async fn listen(answers: Vec<(u16, Value)>) -> Listening {
    let (got, receiver) = mpsc::channel(64);
    let hook = Arc::new(Hook { got, answers: Mutex::new(answers) });
    let router = Router::new().route("/hook", post(take)).with_state(hook);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let stop = CancellationToken::new();
    let guard = stop.clone().drop_guard();
    TaskTracker::new().spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await
    });
    Listening { url, got: receiver, _stop: guard }
}

async fn take(State(hook): State<Arc<Hook>>, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let secret =
        headers.get("x-telegram-bot-api-secret-token").map(|value| value.to_str().unwrap().to_owned());
    hook.got.send((secret, serde_json::from_str(&body).unwrap())).await.unwrap();
    let mut answers = hook.answers.lock().await;
    let (code, body) = if answers.is_empty() { (200, Value::Null) } else { answers.remove(0) };
    (StatusCode::from_u16(code).unwrap(), if body.is_null() { String::new() } else { body.to_string() })
}

#[tokio::test]
async fn updates_are_delivered_with_the_secret_and_again_until_taken() {
    let stage = Stage::started().await;
    let mut hook = listen(vec![(500, Value::Null)]).await;
    stage.bot("setWebhook", json!({"url": hook.url, "secret_token": "s3cret"})).await;
    let conflict = stage.refused("getUpdates", json!({})).await;
    assert!(
        conflict.starts_with("Conflict: can't use getUpdates method while webhook is active"),
        "{conflict}"
    );
    stage.act("olga", "message", json!({"chat": BOT, "text": "hello"})).await;
    let (secret, first) = hook.got.recv().await.unwrap();
    oracle::check_update(&first);
    assert_eq!((secret.as_deref(), first["message"]["text"].as_str()), (Some("s3cret"), Some("hello")));
    let (_, second) = hook.got.recv().await.unwrap();
    assert_eq!(first, second);
    let info = stage.bot("getWebhookInfo", json!({})).await;
    assert!(info["last_error_message"].as_str().unwrap().contains("500"), "{info}");
    stage.bot("deleteWebhook", json!({})).await;
    stage.bot("getUpdates", json!({})).await;
}

#[tokio::test]
async fn a_method_in_the_answer_is_carried_out() {
    let stage = Stage::started().await;
    let hook =
        listen(vec![(200, json!({"method": "sendMessage", "chat_id": 10_001, "text": "at once"}))]).await;
    stage.bot("setWebhook", json!({"url": hook.url})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "hello"})).await;
    stage.sees("olga", BOT, "at once").await;
}

#[tokio::test]
async fn a_failing_person_does_not_hold_up_another() {
    let stage = Stage::started().await;
    let mut hook = listen(vec![(503, Value::Null)]).await;
    stage.bot("setWebhook", json!({"url": hook.url})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "one"})).await;
    assert_eq!(hook.got.recv().await.unwrap().1["message"]["text"], "one");
    stage.act("ivan", "message", json!({"chat": BOT, "text": "two"})).await;
    stage.act("olga", "message", json!({"chat": BOT, "text": "three"})).await;
    let mut order = Vec::new();
    for _ in 0..3 {
        order.push(hook.got.recv().await.unwrap().1["message"]["text"].as_str().unwrap().to_owned());
    }
    assert_eq!(order, ["two", "one", "three"], "Olga's are in order, and Ivan does not wait for them");
}

#[tokio::test]
async fn an_address_on_the_network_has_to_be_https() {
    let stage = Stage::set().await;
    let why = stage.refused("setWebhook", json!({"url": "http://example.org/hook"})).await;
    assert_eq!(why, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook");
    let why = stage.refused("setWebhook", json!({"url": "https://example.org", "secret_token": "a b"})).await;
    assert_eq!(why, "Bad Request: secret token contains unallowed characters");
}
