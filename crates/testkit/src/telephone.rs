//! A person at their headless phone, as scenarios use it. docs/emulator.md, "Phones for scripts".

use crate::gadget::Gadget;
use crate::person::Person;
use anyhow::Result;
use serde_json::{Value, json};

/// A phone, through the HTTP API of the emulated Telegram.
#[derive(Debug, Clone)]
pub struct Telephone(Gadget);

impl Person {
    /// This person's headless phone.
    #[must_use]
    pub fn telephone(&self) -> Telephone {
        Telephone(Gadget::new("phone", self.url("phone"), ""))
    }
}

impl Telephone {
    /// Does something: `{"action": …}`.
    ///
    /// # Errors
    ///
    /// The phone refuses, in its words.
    pub async fn does(&self, action: Value) -> Result<Value> {
        self.0.does(action).await
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
        self.0.says(hz).await
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
        self.0.is(state).await
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

    /// Waits until the phone is as it should be, and gives how it is then.
    ///
    /// # Errors
    ///
    /// It is not in time; the error says how it is instead.
    pub async fn waits(&self, what: &str, fits: impl Fn(&Value) -> bool) -> Result<Value> {
        self.0.waits(what, fits).await
    }
}
