//! A small Bot API server: it keeps updates until they are confirmed and writes down every call.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Json;
use axum::routing::{get, post};
use axum::{Router, http::StatusCode};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// The token of the bot under test.
pub(crate) const TOKEN: &str = "7:TEST-TOKEN";

/// One call that the bot made.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) method: String,
    pub(crate) body: Value,
}

#[derive(Default)]
struct Inner {
    pending: Vec<(u32, Value)>,
    last_update: u32,
    last_message: i32,
    calls: Vec<Call>,
    faults: VecDeque<(String, Fault)>,
    keeps_everything: bool,
    files: Vec<String>,
}

/// What goes wrong once.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// This answer comes, and nothing is done.
    Refuse(u16, &'static str),
    /// Too many requests; wait so many seconds.
    TooMany(u64),
    /// It is done, and no answer ever comes.
    Silence,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Telegram {
    inner: Arc<Mutex<Inner>>,
    arrived: Arc<Notify>,
    pub(crate) url: String,
}

impl Telegram {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let telegram = Self { inner: Arc::default(), arrived: Arc::default(), url };
        let router = Router::new()
            .route(&format!("/bot{TOKEN}/{{method}}"), post(answer))
            .route(&format!("/file/bot{TOKEN}/{{number}}"), get(file))
            .with_state(telegram.clone());
        TaskTracker::new().spawn(async move { axum::serve(listener, router).await.unwrap() });
        telegram
    }

    /// A text from a person; gives the number of the update.
    pub(crate) fn text(&self, person: i64, text: &str) -> u32 {
        self.update(json!({"message": message(person, json!({"text": text}))}))
    }

    /// A file from a person.
    pub(crate) fn file(&self, person: i64, content: &str) -> u32 {
        let number = {
            let mut inner = self.inner.lock().unwrap();
            inner.files.push(content.to_owned());
            inner.files.len() - 1
        };
        let document = json!({"file_id": number.to_string(), "file_unique_id": "u", "file_size": content.len(),
            "file_name": "list.csv"});
        self.update(json!({"message": message(person, json!({"document": document}))}))
    }

    /// Anything that happened.
    pub(crate) fn update(&self, mut update: Value) -> u32 {
        let mut inner = self.inner.lock().unwrap();
        inner.last_update += 1;
        let number = inner.last_update;
        update["update_id"] = json!(number);
        inner.pending.push((number, update));
        self.arrived.notify_waiters();
        number
    }

    /// The next call of this method goes wrong.
    pub(crate) fn fails_once(&self, method: &str, fault: Fault) {
        self.inner.lock().unwrap().faults.push_back((method.to_owned(), fault));
    }

    /// Updates stay although they are confirmed, as if the confirmation had been lost in a crash.
    pub(crate) fn keeps_everything(&self) {
        self.inner.lock().unwrap().keeps_everything = true;
    }

    /// Every call of a method, in order.
    pub(crate) fn calls(&self, method: &str) -> Vec<Value> {
        let inner = self.inner.lock().unwrap();
        inner.calls.iter().filter(|call| call.method == method).map(|call| call.body.clone()).collect()
    }

    /// The forms that a method was called with, in order.
    pub(crate) fn forms(&self, method: &str) -> Vec<String> {
        self.calls(method).iter().map(|call| call["form"].as_str().unwrap().to_owned()).collect()
    }

    /// Every text that was sent, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let text = |call: &Value| call["text"].as_str().unwrap().to_owned();
        self.calls("sendMessage").iter().map(text).collect()
    }

    /// Everything the bot ever said.
    pub(crate) fn everything(&self) -> String {
        format!("{:?}", self.inner.lock().unwrap().calls)
    }

    /// Waits until so many texts were sent.
    pub(crate) async fn sent(&self, count: usize) -> Vec<String> {
        until(&format!("{count} texts"), || self.texts().len() >= count).await;
        self.texts()
    }

    fn take_fault(&self, method: &str) -> Option<Fault> {
        let mut inner = self.inner.lock().unwrap();
        let place = inner.faults.iter().position(|(failing, _)| failing == method)?;
        inner.faults.remove(place).map(|(_, fault)| fault)
    }

    fn confirm(&self, offset: u32) {
        let mut inner = self.inner.lock().unwrap();
        if !inner.keeps_everything {
            inner.pending.retain(|(number, _)| *number >= offset);
        }
    }

    fn pending(&self, offset: u32) -> Vec<Value> {
        let inner = self.inner.lock().unwrap();
        inner
            .pending
            .iter()
            .filter(|(number, _)| *number >= offset)
            .map(|(_, update)| update.clone())
            .collect()
    }
}

/// Waits until something is so; the test fails if it never is.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let wait = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        while !is_so() {
            ticks.tick().await;
        }
    };
    assert!(timeout(Duration::from_secs(20), wait).await.is_ok(), "{what}: never");
}

/// A message of a person in the private chat with the bot.
pub(crate) fn message(person: i64, content: Value) -> Value {
    let mut message = json!({
        "message_id": 1000 + person, "date": 1, "from": person_json(person),
        "chat": {"id": person, "type": "private", "first_name": "P"},
    });
    message.as_object_mut().unwrap().extend(content.as_object().unwrap().clone());
    message
}

pub(crate) fn person_json(person: i64) -> Value {
    json!({"id": person, "is_bot": false, "first_name": "P"})
}

async fn answer(
    State(telegram): State<Telegram>,
    Path(method): Path<String>,
    body: Bytes,
) -> (StatusCode, Json<Value>) {
    // A form with a file is kept as it came.
    let body: Value = serde_json::from_slice(&body)
        .unwrap_or_else(|_| json!({ "form": String::from_utf8_lossy(&body), "chat_id": 0 }));
    if method == "getUpdates" {
        return ok(updates(&telegram, &body).await);
    }
    let fault = telegram.take_fault(&method);
    let number = {
        let mut inner = telegram.inner.lock().unwrap();
        inner.calls.push(Call { method: method.clone(), body: body.clone() });
        inner.last_message += i32::from(method.starts_with("send"));
        inner.last_message
    };
    match fault {
        Some(Fault::Refuse(code, text)) => {
            let status = StatusCode::from_u16(code).unwrap();
            return (status, Json(json!({"ok": false, "error_code": code, "description": text})));
        }
        Some(Fault::TooMany(seconds)) => {
            let parameters = json!({"retry_after": seconds});
            let text = format!("Too Many Requests: retry after {seconds}");
            let answer =
                json!({"ok": false, "error_code": 429, "description": text, "parameters": parameters});
            return (StatusCode::TOO_MANY_REQUESTS, Json(answer));
        }
        Some(Fault::Silence) => std::future::pending().await,
        None => {}
    }
    match method.as_str() {
        "sendMessage" | "sendVoice" | "sendDocument" => {
            ok(json!({"message_id": number, "date": 1, "chat": {"id": body["chat_id"]}}))
        }
        "getFile" => ok(json!({"file_id": body["file_id"], "file_path": body["file_id"]})),
        _ => ok(json!(true)),
    }
}

async fn updates(telegram: &Telegram, body: &Value) -> Value {
    let offset = u32::try_from(body["offset"].as_u64().unwrap_or(0)).unwrap();
    telegram.confirm(offset);
    for _ in 0..100 {
        let arrived = telegram.arrived.notified();
        let pending = telegram.pending(offset);
        if !pending.is_empty() {
            return json!(pending);
        }
        let _ = timeout(Duration::from_millis(50), arrived).await;
    }
    json!([])
}

async fn file(State(telegram): State<Telegram>, Path(number): Path<usize>) -> String {
    telegram.inner.lock().unwrap().files[number].clone()
}

fn ok(result: Value) -> (StatusCode, Json<Value>) {
    (StatusCode::OK, Json(json!({"ok": true, "result": result})))
}
