//! The HTTP side of people's Telegram apps. `docs/emulator.md`, "Telegram apps for scripts", is its contract.

use super::calls::Action;
use super::device::Device;
use super::library::Library;
use crate::refusal::{Answer, Refusal, Waiting, user};
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Highest tone, in Hz: what is heard is looked at up to 4 kHz.
const HIGHEST: f64 = 3_500.0;

/// Everybody's apps. Dropping it makes them leave.
struct Apps {
    telegram: String,
    python: Option<PathBuf>,
    client: reqwest::Client,
    library: tokio::sync::Mutex<Option<Arc<Library>>>,
    devices: Mutex<BTreeMap<(i64, u32), Arc<Device>>>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Drop for Apps {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The routes to mount below `/sim` of the emulated Telegram at `telegram`. `python` is one that has the `ntgcalls` library,
/// now or by the time when somebody's app is first asked for anything.
pub fn router(telegram: &str, python: Option<PathBuf>) -> Router {
    let apps = Apps {
        telegram: telegram.to_owned(),
        python,
        client: reqwest::Client::new(),
        library: tokio::sync::Mutex::default(),
        devices: Mutex::default(),
        tasks: TaskTracker::new(),
        stop: CancellationToken::new(),
    };
    Router::new()
        .route("/telegram-app", get(available))
        .route("/users/{id}/telegram-app", get(look).post(act))
        .route("/users/{id}/telegram-app/voice", post(say))
        .with_state(Arc::new(apps))
}

impl Apps {
    /// The library, which is started when it is first needed, and again if it has ended.
    async fn library(&self) -> Result<Arc<Library>, String> {
        let mut running = self.library.lock().await;
        if let Some(library) = running.as_ref().filter(|library| library.is_alive()) {
            return Ok(Arc::clone(library));
        }
        let python = self.python.as_ref().ok_or("There is no Python with the ntgcalls library here.")?;
        let started = Library::start(python, &self.tasks, self.stop.clone()).await;
        let library = started.map_err(|error| format!("{error:#}"))?;
        *running = Some(Arc::clone(&library));
        Ok(library)
    }

    /// A device of a person named by number or name; it begins to connect when it is first asked for.
    async fn device(&self, who: &str, device: Option<u32>) -> Result<Arc<Device>, Refusal> {
        let user = user(&self.client, &self.telegram, who).await?;
        let place = (user, device.unwrap_or(1));
        if let Some(device) = self.known(place) {
            return Ok(device);
        }
        let library =
            self.library().await.map_err(|words| Refusal(StatusCode::SERVICE_UNAVAILABLE, words))?;
        let mut devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(device) = devices.get(&place).filter(|device| device.is_alive()) {
            return Ok(Arc::clone(device));
        }
        let (device, life) = Device::new(&self.telegram, user, &library, self.stop.clone());
        self.tasks.spawn(life);
        devices.insert(place, Arc::clone(&device));
        Ok(device)
    }

    fn known(&self, place: (i64, u32)) -> Option<Arc<Device>> {
        let devices = self.devices.lock().unwrap_or_else(PoisonError::into_inner);
        devices.get(&place).filter(|device| device.is_alive()).cloned()
    }
}

#[derive(Deserialize)]
struct Which {
    device: Option<u32>,
}

/// `GET /sim/telegram-app`: whether people can have apps here.
async fn available(State(apps): State<Arc<Apps>>) -> Json<Value> {
    Json(match apps.library().await {
        Ok(library) => json!({"available": true, "versions": library.versions}),
        // A Python that was named may get its library yet.
        Err(why) => {
            let why = apps.python.as_deref().and_then(news).unwrap_or(why);
            json!({"available": false, "soon": apps.python.is_some(), "why": why})
        }
    })
}

/// How the library's installation goes: a text beside the folder of the Python that is to have it, of the folder's name.
fn news(python: &std::path::Path) -> Option<String> {
    let text = python.parent()?.parent()?.with_extension("txt");
    std::fs::read_to_string(text).ok().map(|words| words.trim().to_owned())
}

/// `GET …/telegram-app`
async fn look(
    State(apps): State<Arc<Apps>>,
    Path(who): Path<String>,
    Query(which): Query<Which>,
    Query(waiting): Query<Waiting>,
) -> Answer {
    let device = apps.device(&who, which.device).await?;
    match waiting.after {
        Some(after) => device.changes(after, waiting.longest()).await,
        None => device.is_let_in().await,
    }
    Ok(Json(device.view()))
}

/// `POST …/telegram-app`
async fn act(
    State(apps): State<Arc<Apps>>,
    Path(who): Path<String>,
    Query(which): Query<Which>,
    body: Bytes,
) -> Answer {
    let action: Action = serde_json::from_slice(&body)
        .map_err(|error| Refusal(StatusCode::BAD_REQUEST, format!("This is no action: {error}.")))?;
    let device = apps.device(&who, which.device).await?;
    device.is_let_in().await;
    device.act(action).map_err(|words| Refusal(StatusCode::CONFLICT, words))?;
    Ok(Json(device.view()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tone {
    hz: f64,
}

/// `POST …/telegram-app/voice`
async fn say(
    State(apps): State<Arc<Apps>>,
    Path(who): Path<String>,
    Query(which): Query<Which>,
    body: Bytes,
) -> Answer {
    let bad = |words: String| Refusal(StatusCode::BAD_REQUEST, words);
    let tone: Tone =
        serde_json::from_slice(&body).map_err(|error| bad(format!("This is no tone: {error}.")))?;
    if !(0.0..=HIGHEST).contains(&tone.hz) {
        return Err(bad(format!("A tone has 0 to {HIGHEST} Hz.")));
    }
    let device = apps.device(&who, which.device).await?;
    device.says(tone.hz).map_err(|words| Refusal(StatusCode::CONFLICT, words))?;
    Ok(Json(json!({})))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_an_installation_goes_stands_beside_its_folder() {
        let target = tempfile::tempdir().expect("a folder");
        let python = target.path().join("ntgcalls/bin/python");
        assert_eq!(news(&python), None);

        std::fs::write(target.path().join("ntgcalls.txt"), "In a minute.\n").expect("written");
        assert_eq!(news(&python).as_deref(), Some("In a minute."));
    }
}
