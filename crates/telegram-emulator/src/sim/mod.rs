//! The people's side over HTTP: what they do and see, and what tests do to the world. `docs/emulator.md` is its contract.

mod acts;
mod device;
mod inline;
mod mtproto;
mod people;
mod phone;
mod see;
mod telegram;
mod testing;

use crate::{telegram::Telegram, world::chat::ActError};
use axum::{
    Json, Router,
    extract::{FromRequest, Request, rejection::JsonRejection},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::sync::Arc;

/// What every handler shares.
type Shared = axum::extract::State<Arc<Telegram>>;

/// What every handler answers.
type Answer = Result<Json<Value>, Refusal>;

/// All of `/sim`.
pub(crate) fn router() -> Router<Arc<Telegram>> {
    Router::new()
        .route("/users", get(people::list).post(people::add))
        .route("/bots", get(people::bots))
        .route("/events", get(see::all_events))
        .route("/users/{id}/language", post(people::language))
        .route("/users/{id}/groups", post(people::group))
        .route("/users/{id}/message", post(acts::message))
        .route("/users/{id}/contact", post(acts::contact))
        .route("/users/{id}/start", post(acts::start))
        .route("/users/{id}/block", post(acts::block))
        .route("/users/{id}/unblock", post(acts::unblock))
        .route("/users/{id}/read", post(acts::read))
        .route("/users/{id}/delete", post(acts::delete))
        .route("/users/{id}/press", post(acts::press))
        .route("/users/{id}/pick", post(acts::pick))
        .route("/users/{id}/open", post(phone::open))
        .route("/users/{id}/init-data", get(phone::init_data))
        .route("/users/{id}/inline", post(inline::typed))
        .route("/users/{id}/choose", post(inline::choose))
        .route("/users/{id}/device", get(device::connect))
        .route("/users/{id}/telegram", get(telegram::see).post(telegram::change))
        .route("/users/{id}/chats", get(see::chats))
        .route("/users/{id}/chats/{chat}", get(see::chat))
        .route("/users/{id}/events", get(see::events))
        .route("/files/{file}", get(see::file))
        .route("/mtproto", get(mtproto::see))
        .route("/mtproto/keys", post(mtproto::add_key))
        .route("/fault", get(testing::faults).post(testing::arm).delete(testing::disarm))
        .route("/clock", get(testing::clock))
        .route("/clock/advance", post(testing::advance))
        .route("/settings", get(testing::settings).post(testing::change_settings))
        .route("/calls", get(testing::calls))
        .route("/violations", get(testing::violations))
        .route("/traffic", get(testing::traffic))
        .route("/pending", get(testing::pending))
}

/// A refusal as the HTTP API says it: a status and a sentence.
#[derive(Debug)]
pub(crate) struct Refusal(StatusCode, String);

impl From<ActError> for Refusal {
    fn from(error: ActError) -> Self {
        let code = match error {
            ActError::Missing(_) => StatusCode::NOT_FOUND,
            ActError::Refused(_) => StatusCode::BAD_REQUEST,
            ActError::Closed(_) => StatusCode::CONFLICT,
        };
        Self(code, error.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// A JSON body; a bad one is refused as everything else is.
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let read: Result<Json<T>, JsonRejection> = Json::from_request(request, state).await;
        read.map(|Json(body)| Self(body)).map_err(|why| Refusal(StatusCode::BAD_REQUEST, why.body_text()))
    }
}

/// A person, bot or chat by number or name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum Who {
    Id(i64),
    Name(String),
}

impl Who {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Id(id) => id.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

/// How a message is named to people.
pub(crate) fn sent(message: i64) -> Json<Value> {
    Json(json!({"message": format!("m{message}")}))
}
