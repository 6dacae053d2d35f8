//! The HTTP side of headless phones. `docs/emulator.md`, "Phones for scripts", is its contract.

use super::act::{Action, Deed};
use super::handset::{Handset, MAILBOX, Places};
use super::voice::{USUAL_DBOV, Voice};
use crate::refusal::{Answer, Refusal, Waiting, user};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Room for a minute of sound at 48 kHz.
const LARGEST_WAV: usize = 6 * 1024 * 1024;

/// Everybody's headless phones. Dropping it makes them leave.
struct Phones {
    telegram: String,
    socket: String,
    client: reqwest::Client,
    handsets: Mutex<BTreeMap<i64, Arc<Handset>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Drop for Phones {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The routes to mount below `/sim` of the emulated Telegram at `telegram`; phones connect to the gateway's phone address
/// `phone` (docs/phone.md) when they are first asked for anything.
pub fn router(telegram: &str, phone: &str) -> Router {
    let phones = Phones {
        telegram: telegram.to_owned(),
        socket: format!("{}socket", phone.replacen("http", "ws", 1)),
        client: reqwest::Client::new(),
        handsets: Mutex::default(),
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    };
    Router::new()
        .route("/users/{id}/phone", get(look).post(act))
        .route("/users/{id}/phone/voice", post(say).layer(DefaultBodyLimit::max(LARGEST_WAV)))
        .with_state(Arc::new(phones))
}

impl Phones {
    /// The phone of a person named by number or name; it begins to connect when it is first asked for.
    async fn of(&self, who: &str) -> Result<Arc<Handset>, Refusal> {
        let user = user(&self.client, &self.telegram, who).await?;
        let mut handsets = self.handsets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(handset) = handsets.get(&user).filter(|handset| handset.is_alive()) {
            return Ok(Arc::clone(handset));
        }
        let (requests, deeds) = mpsc::channel::<Deed>(MAILBOX);
        let handset = Arc::new(Handset::new(requests));
        let places = Places { telegram: self.telegram.clone(), socket: self.socket.clone(), user };
        let (alive, stop) = (Arc::clone(&handset), self.stop.clone());
        self.tasks.spawn(async move { alive.live(places, deeds, stop).await });
        handsets.insert(user, Arc::clone(&handset));
        Ok(handset)
    }
}

/// `GET …/phone`
async fn look(
    State(phones): State<Arc<Phones>>,
    Path(who): Path<String>,
    Query(query): Query<Waiting>,
) -> Answer {
    let handset = phones.of(&who).await?;
    match query.after {
        Some(after) => handset.changes(after, query.longest()).await,
        None => handset.is_let_in().await,
    }
    Ok(Json(handset.view()))
}

/// `POST …/phone`
async fn act(State(phones): State<Arc<Phones>>, Path(who): Path<String>, body: Bytes) -> Answer {
    let action: Action = serde_json::from_slice(&body)
        .map_err(|error| Refusal(StatusCode::BAD_REQUEST, format!("This is no action: {error}.")))?;
    let handset = phones.of(&who).await?;
    handset.is_let_in().await;
    handset.act(action).map_err(|words| Refusal(StatusCode::CONFLICT, words))?;
    Ok(Json(handset.view()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tone {
    hz: f32,
    level_dbov: Option<f32>,
}

/// `POST …/phone/voice`
async fn say(
    State(phones): State<Arc<Phones>>,
    Path(who): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let bad = |error: String| Refusal(StatusCode::BAD_REQUEST, error);
    let voice = if kind.starts_with("audio/") {
        Voice::wav(&body).map_err(|error| bad(error.to_string()))?
    } else {
        let tone: Tone =
            serde_json::from_slice(&body).map_err(|error| bad(format!("This is no tone: {error}.")))?;
        Voice::tone(tone.hz, tone.level_dbov.unwrap_or(USUAL_DBOV)).map_err(|error| bad(error.to_string()))?
    };
    phones.of(&who).await?.says(voice);
    Ok(Json(json!({})))
}
