//! A Telegram for one test, a bot that polls it, and people who act in it.

use crate::oracle;
use serde_json::{Value, json};
use telegram_emulator::{Config, DEMO_TOKEN, Emulator, Running};

pub(crate) const BOT: &str = "tandem_bot";
pub(crate) const OLGA: i64 = 10_001;
pub(crate) const IVAN: i64 = 10_002;
pub(crate) const PETR: i64 = 10_003;

/// A running Telegram and its clients.
pub(crate) struct Stage {
    pub(crate) url: String,
    pub(crate) http: reqwest::Client,
    // Stops the emulator at the end of the test.
    running: Option<Running>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        Self::with(Config::demo()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        let running = Emulator::start(config).await.unwrap();
        Self { url: running.url.clone(), http: client(), running: Some(running) }
    }

    /// A Telegram that runs elsewhere.
    pub(crate) fn at(url: String) -> Self {
        Self { url, http: client(), running: None }
    }

    /// A stage on which all three people have started the bot, and the bot has read that.
    pub(crate) async fn started() -> Self {
        let stage = Self::set().await;
        for person in ["olga", "ivan", "petr"] {
            stage.act(person, "start", json!({"bot": BOT})).await;
        }
        stage.updates().await;
        stage
    }

    pub(crate) async fn close(mut self) {
        if let Some(running) = self.running.take() {
            running.shutdown().await;
        }
    }

    /// A call of the bot exactly as it is, with what came back.
    pub(crate) async fn raw(&self, method: &str, params: &Value) -> Value {
        let url = format!("{}/bot{DEMO_TOKEN}/{method}", self.url);
        self.http.post(url).json(params).send().await.unwrap().json().await.unwrap()
    }

    /// A call that has to succeed; the call and its result must be what other people's types know.
    pub(crate) async fn bot(&self, method: &str, params: Value) -> Value {
        oracle::check_call(method, &params);
        let mut answer = self.raw(method, &params).await;
        assert_eq!(answer["ok"], true, "{method} {params}: {answer}");
        oracle::check_result(method, &answer["result"]);
        answer["result"].take()
    }

    /// A call that has to be refused; gives Telegram's words.
    pub(crate) async fn refused(&self, method: &str, params: Value) -> String {
        let answer = self.raw(method, &params).await;
        assert_eq!(answer["ok"], false, "{method} {params}: {answer}");
        answer["description"].as_str().unwrap().to_owned()
    }

    /// The next updates, confirmed by a second call. Waits for the first of them.
    pub(crate) async fn updates(&self) -> Vec<Value> {
        let updates = self.bot("getUpdates", json!({"timeout": 5})).await;
        let updates = updates.as_array().unwrap().clone();
        if let Some(last) = updates.last() {
            let next = last["update_id"].as_i64().unwrap() + 1;
            self.bot("getUpdates", json!({"offset": next, "limit": 1, "timeout": 0})).await;
        }
        updates
    }

    /// The one update there is, and what is in it.
    pub(crate) async fn update(&self, kind: &str) -> Value {
        let updates = self.updates().await;
        assert_eq!(updates.len(), 1, "{updates:?}");
        assert!(updates[0].get(kind).is_some(), "not a {kind}: {}", updates[0]);
        updates[0][kind].clone()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let response = self.http.post(format!("{}/sim/{path}", self.url)).json(&body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    /// What a person does; it has to work.
    pub(crate) async fn act(&self, person: &str, what: &str, body: Value) -> Value {
        let (code, answer) = self.post(&format!("users/{person}/{what}"), body.clone()).await;
        assert_eq!(code, 200, "{person} {what} {body}: {answer}");
        answer
    }

    /// What a person cannot do; gives the status.
    pub(crate) async fn cannot(&self, person: &str, what: &str, body: Value) -> u16 {
        let (code, answer) = self.post(&format!("users/{person}/{what}"), body.clone()).await;
        assert!(answer["error"].is_string(), "{person} {what} {body}: {answer}");
        code
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.http.get(format!("{}/sim/{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// A chat as a person sees it.
    pub(crate) async fn chat(&self, person: &str, chat: &str) -> Value {
        self.get(&format!("users/{person}/chats/{chat}")).await
    }

    /// The newest message in a chat, as a person sees it.
    pub(crate) async fn last(&self, person: &str, chat: &str) -> Value {
        self.chat(person, chat).await["messages"].as_array().unwrap().last().cloned().unwrap_or_default()
    }

    /// Waits until the newest message of a chat reads so.
    pub(crate) async fn sees(&self, person: &str, chat: &str, text: &str) -> Value {
        let mut version = 0;
        loop {
            let seen = self.get(&format!("users/{person}/chats/{chat}?after={version}&wait=20")).await;
            let last = seen["messages"].as_array().unwrap().last().cloned().unwrap_or_default();
            if last["text"] == text {
                return last;
            }
            let next = seen["version"].as_u64().unwrap();
            assert!(next > version, "{person} does not see {text:?} in {chat} but {last}");
            version = next;
        }
    }
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
