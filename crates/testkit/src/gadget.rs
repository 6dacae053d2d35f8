//! Something that a person holds and a scenario looks at over HTTP: a headless phone, a Telegram app.

use crate::person::PATIENCE;
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// How often a scenario looks.
const GLANCE: Duration = Duration::from_millis(100);

/// How far a tone may be off, in Hz.
const OFF: f64 = 8.0;

/// Where it is, and how to get there.
#[derive(Debug, Clone)]
pub(crate) struct Gadget {
    what: &'static str,
    url: String,
    query: String,
    client: reqwest::Client,
}

impl Gadget {
    /// `query` begins with a `?`, or is empty.
    pub(crate) fn new(what: &'static str, url: String, query: &str) -> Self {
        Self { what, url, query: query.to_owned(), client: reqwest::Client::new() }
    }

    /// Does something: `{"action": …}`.
    ///
    /// # Errors
    ///
    /// It is refused, in the refuser's words.
    pub(crate) async fn does(&self, action: Value) -> Result<Value> {
        self.posts(&format!("{}{}", self.url, self.query), action).await
    }

    /// Says a tone until told otherwise; 0 is silence.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub(crate) async fn says(&self, hz: f64) -> Result<()> {
        self.posts(&format!("{}/voice{}", self.url, self.query), json!({"hz": hz})).await.map(drop)
    }

    async fn posts(&self, url: &str, body: Value) -> Result<Value> {
        let answer = self.client.post(url).json(&body).send().await?;
        let (status, answer) = (answer.status(), answer.json::<Value>().await?);
        ensure!(status.is_success(), "{body} is refused: {}", answer["error"]);
        Ok(answer)
    }

    /// Waits until this tone is the strongest of what is heard.
    ///
    /// # Errors
    ///
    /// It is not heard in time.
    pub(crate) async fn hears(&self, hz: f64) -> Result<()> {
        let heard = |view: &Value| view["heard"]["hz"].as_f64().is_some_and(|heard| (heard - hz).abs() < OFF);
        self.waits(&format!("{hz} Hz"), heard).await.map(drop)
    }

    /// Waits until something is heard.
    ///
    /// # Errors
    ///
    /// All is silent.
    pub(crate) async fn hears_something(&self) -> Result<()> {
        let loud = |view: &Value| view["heard"]["level_dbov"].as_f64().is_some_and(|level| level > -45.0);
        self.waits("any sound", loud).await.map(drop)
    }

    /// Waits until nothing is heard.
    ///
    /// # Errors
    ///
    /// There is sound all the time.
    pub(crate) async fn hears_silence(&self) -> Result<()> {
        let quiet = |view: &Value| view["heard"]["level_dbov"].as_f64().is_some_and(|level| level < -60.0);
        self.waits("silence", quiet).await.map(drop)
    }

    /// Waits for a call in this state, and gives it.
    ///
    /// # Errors
    ///
    /// There is none in time.
    pub(crate) async fn is(&self, state: &str) -> Result<Value> {
        let find = |view: &Value| {
            view["calls"].as_array().into_iter().flatten().find(|call| call["state"] == state).cloned()
        };
        let view = self.waits(state, |view| find(view).is_some()).await?;
        find(&view).context("the call was there")
    }

    /// Waits until it is as it should be, and gives how it is then.
    ///
    /// # Errors
    ///
    /// It is not in time; the error says how it is instead.
    pub(crate) async fn waits(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut glances = tokio::time::interval(GLANCE);
        let mut last = Value::Null;
        let url = format!("{}{}", self.url, self.query);
        let waiting = async {
            loop {
                glances.tick().await;
                last = self.client.get(&url).send().await?.json().await?;
                if fits(&last) {
                    return Ok::<_, reqwest::Error>(());
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(looked) => looked.with_context(|| format!("look at the {}", self.what))?,
            Err(_) => bail!("the {} at {url} has not {what}, but is {last:#}", self.what),
        }
        Ok(last)
    }
}
