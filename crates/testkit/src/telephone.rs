//! A person at their headless phone, as scenarios use it. docs/emulator.md, "Phones for scripts".

use crate::person::{PATIENCE, Person};
use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;

/// How often a scenario looks at a phone.
const GLANCE: Duration = Duration::from_millis(100);

/// How far a tone may be off, in Hz.
const OFF: f64 = 8.0;

/// A phone, through the HTTP API of the emulated Telegram.
#[derive(Debug, Clone)]
pub struct Telephone {
    url: String,
    client: reqwest::Client,
}

impl Person {
    /// This person's headless phone.
    #[must_use]
    pub fn telephone(&self) -> Telephone {
        Telephone { url: self.url("phone"), client: reqwest::Client::new() }
    }
}

impl Telephone {
    /// Does something: `{"action": …}`.
    ///
    /// # Errors
    ///
    /// The phone refuses, in its words.
    pub async fn does(&self, action: Value) -> Result<Value> {
        let answer = self.client.post(&self.url).json(&action).send().await?;
        let (status, answer) = (answer.status(), answer.json::<Value>().await?);
        ensure!(status.is_success(), "{action} is refused: {}", answer["error"]);
        Ok(answer)
    }

    /// Dials, and waits until the call talks.
    ///
    /// # Errors
    ///
    /// It does not come to that in time.
    pub async fn calls(&self, number: &str) -> Result<()> {
        self.does(json!({"action": "dial", "number": number})).await?;
        self.is("talking").await.map(drop)
    }

    /// Hangs up, and waits until the call is over.
    ///
    /// # Errors
    ///
    /// There is no call, or it stays.
    pub async fn hangs_up(&self) -> Result<()> {
        self.does(json!({"action": "hangup"})).await?;
        self.waits("no call", |view| view["calls"] == json!([])).await.map(drop)
    }

    /// Says a tone until told otherwise; 0 is silence.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn says(&self, hz: f64) -> Result<()> {
        let answer = self.client.post(format!("{}/voice", self.url)).json(&json!({"hz": hz})).send().await?;
        answer.error_for_status().context("say a tone").map(drop)
    }

    /// Waits until the person's accounts are registered: this many of them.
    ///
    /// # Errors
    ///
    /// They are not in time.
    pub async fn is_registered(&self, accounts: usize) -> Result<()> {
        let registered = |view: &Value| {
            let all = view["accounts"].as_array().into_iter().flatten();
            all.filter(|account| account["registered"] == true).count() >= accounts
        };
        self.waits("a registered account", registered).await.map(drop)
    }

    /// Waits for a call in this state, and gives it.
    ///
    /// # Errors
    ///
    /// There is none in time.
    pub async fn is(&self, state: &str) -> Result<Value> {
        let find = |view: &Value| {
            view["calls"].as_array().into_iter().flatten().find(|call| call["state"] == state).cloned()
        };
        let view = self.waits(state, |view| find(view).is_some()).await?;
        find(&view).context("the call was there")
    }

    /// Waits until this tone is the strongest of what is heard.
    ///
    /// # Errors
    ///
    /// It is not heard in time.
    pub async fn hears(&self, hz: f64) -> Result<()> {
        let heard = |view: &Value| view["heard"]["hz"].as_f64().is_some_and(|heard| (heard - hz).abs() < OFF);
        self.waits(&format!("{hz} Hz"), heard).await.map(drop)
    }

    /// Waits until something is heard.
    ///
    /// # Errors
    ///
    /// All is silent.
    pub async fn hears_something(&self) -> Result<()> {
        let loud = |view: &Value| view["heard"]["level_dbov"].as_f64().is_some_and(|level| level > -45.0);
        self.waits("any sound", loud).await.map(drop)
    }

    /// Waits until nothing is heard.
    ///
    /// # Errors
    ///
    /// There is sound all the time.
    pub async fn hears_silence(&self) -> Result<()> {
        let quiet = |view: &Value| view["heard"]["level_dbov"].as_f64().is_some_and(|level| level < -60.0);
        self.waits("silence", quiet).await.map(drop)
    }

    /// Waits until the phone is as it should be, and gives how it is then.
    ///
    /// # Errors
    ///
    /// It is not in time; the error says how it is instead.
    pub async fn waits(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        let mut glances = tokio::time::interval(GLANCE);
        let mut last = Value::Null;
        let waiting = async {
            loop {
                glances.tick().await;
                last = self.client.get(&self.url).send().await?.error_for_status()?.json().await?;
                if fits(&last) {
                    return Ok::<_, reqwest::Error>(());
                }
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(looked) => looked.context("look at the phone")?,
            Err(_) => bail!("the phone has not {what}, but is {last:#}"),
        }
        Ok(last)
    }
}
