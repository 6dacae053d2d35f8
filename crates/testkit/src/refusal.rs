//! What the HTTP side of phones and apps has in common: refusals, waiting, and whom a path means.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Longest wait for a change, in seconds.
const LONGEST_WAIT: u64 = 60;

/// A refusal: a status and a sentence.
pub(crate) struct Refusal(pub(crate) StatusCode, pub(crate) String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// What such a path answers.
pub(crate) type Answer = Result<Json<Value>, Refusal>;

/// `?after=<version>&wait=<seconds>`
#[derive(Deserialize)]
pub(crate) struct Waiting {
    pub(crate) after: Option<u64>,
    wait: Option<u64>,
}

impl Waiting {
    /// How long at most.
    pub(crate) fn longest(&self) -> Duration {
        Duration::from_secs(self.wait.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT))
    }
}

/// The number of a person of the emulated Telegram, who is named by number or name.
///
/// # Errors
///
/// There is no such person.
pub(crate) async fn user(client: &reqwest::Client, telegram: &str, who: &str) -> Result<i64, Refusal> {
    let broken = |error: reqwest::Error| Refusal(StatusCode::BAD_GATEWAY, error.to_string());
    let answer = client.get(format!("{telegram}/sim/users/{who}/init-data")).send().await.map_err(broken)?;
    let status = answer.status();
    let answer: Value = answer.json().await.map_err(broken)?;
    match answer["user"].as_i64() {
        Some(user) => Ok(user),
        None => Err(Refusal(status, answer["error"].as_str().unwrap_or("no such person").to_owned())),
    }
}
