//! A person with their Telegram app in hand, as scenarios use it. docs/emulator.md, "Telegram apps for scripts".

use crate::gadget::Gadget;
use crate::person::Person;
use anyhow::Result;
use serde_json::{Value, json};

/// An app, through the HTTP API of the emulated Telegram.
#[derive(Debug, Clone)]
pub struct App(Gadget);

impl Person {
    /// This person's Telegram app.
    #[must_use]
    pub fn app(&self) -> App {
        App(Gadget::new("Telegram app", self.url("telegram-app"), ""))
    }

    /// The same person's second device.
    #[must_use]
    pub fn second_app(&self) -> App {
        App(Gadget::new("second Telegram app", self.url("telegram-app"), "?device=2"))
    }
}

impl App {
    /// Signs in: from now on it rings.
    ///
    /// # Errors
    ///
    /// It is not let in in time.
    pub async fn opens(&self) -> Result<()> {
        self.waits("signed in", |view| view["state"] == "ready").await.map(drop)
    }

    /// Leaves, as an app that is closed or a phone without battery; a call is over then.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn closes(&self) -> Result<()> {
        self.does(json!({"action": "close"})).await.map(drop)
    }

    /// Speaks only these versions of Telegram's call protocol from the next call on.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn speaks_versions(&self, versions: &[&str]) -> Result<()> {
        self.does(json!({"action": "versions", "versions": versions})).await.map(drop)
    }

    /// Waits until somebody calls; gives the call.
    ///
    /// # Errors
    ///
    /// Nobody calls in time.
    pub async fn rings(&self) -> Result<Value> {
        self.0.is("ringing").await
    }

    /// Answers, and waits until sound can flow; gives the call.
    ///
    /// # Errors
    ///
    /// Nobody calls, or the two ends do not find each other.
    pub async fn answers(&self) -> Result<Value> {
        self.rings().await?;
        self.does(json!({"action": "answer"})).await?;
        self.talks().await
    }

    /// Declines, as Telegram's apps do: the caller finds it busy.
    ///
    /// # Errors
    ///
    /// Nobody calls.
    pub async fn declines(&self) -> Result<()> {
        self.rings().await?;
        self.does(json!({"action": "decline"})).await.map(drop)
    }

    /// Calls somebody by user name.
    ///
    /// # Errors
    ///
    /// There is a call already.
    pub async fn calls(&self, whom: &str) -> Result<()> {
        self.opens().await?;
        self.does(json!({"action": "call", "to": whom})).await.map(drop)
    }

    /// Waits until sound can flow; gives the call.
    ///
    /// # Errors
    ///
    /// It does not come to that in time.
    pub async fn talks(&self) -> Result<Value> {
        self.0.is("talking").await
    }

    /// Says a tone until told otherwise; 0 is silence.
    ///
    /// # Errors
    ///
    /// The emulator refuses.
    pub async fn says(&self, hz: f64) -> Result<()> {
        self.0.says(hz).await
    }

    /// Mutes the microphone, as the app's button does, or lets it be heard again.
    ///
    /// # Errors
    ///
    /// There is no call.
    pub async fn mutes(&self, on: bool) -> Result<()> {
        self.does(json!({"action": "mute", "on": on})).await.map(drop)
    }

    /// Waits until this tone is the strongest of what is heard.
    ///
    /// # Errors
    ///
    /// It is not heard in time.
    pub async fn hears(&self, hz: f64) -> Result<()> {
        self.0.hears(hz).await
    }

    /// Waits until something is heard.
    ///
    /// # Errors
    ///
    /// All is silent.
    pub async fn hears_something(&self) -> Result<()> {
        self.0.hears_something().await
    }

    /// Waits until nothing is heard.
    ///
    /// # Errors
    ///
    /// There is sound all the time.
    pub async fn hears_silence(&self) -> Result<()> {
        self.0.hears_silence().await
    }

    /// Hangs up, whatever state the call is in.
    ///
    /// # Errors
    ///
    /// There is no call.
    pub async fn hangs_up(&self) -> Result<()> {
        self.does(json!({"action": "hangup"})).await.map(drop)
    }

    /// Waits until the call is over, and gives how it ended: `reason` is Telegram's word for it, or of its refusal.
    ///
    /// # Errors
    ///
    /// It goes on.
    pub async fn is_over(&self) -> Result<Value> {
        let over = |view: &Value| view["calls"] == json!([]) && view["last_ended"].is_object();
        Ok(self.waits("no call any more", over).await?["last_ended"].clone())
    }

    /// Does something: `{"action": …}`.
    ///
    /// # Errors
    ///
    /// The app refuses, in its words.
    pub async fn does(&self, action: Value) -> Result<Value> {
        self.0.does(action).await
    }

    /// Waits until the app is as it should be, and gives how it is then.
    ///
    /// # Errors
    ///
    /// It is not in time; the error says how it is instead.
    pub async fn waits(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        self.0.waits(what, fits).await
    }
}
