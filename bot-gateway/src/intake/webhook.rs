//! The route that Telegram calls. An update is stored, and only then answered with 200; any process may take it.

use super::Intake;
use crate::outbox::sender::chain;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use metrics::counter;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tracing::error;

/// The header that proves that Telegram calls.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Telegram's updates are far smaller.
const LARGEST_BODY: usize = 1024 * 1024;

/// What only Telegram and the bot's processes know. Both parts are made of the token, so that every process knows them
/// without being told, and a new token brings new ones.
pub(crate) struct Secrets {
    /// The last part of the address.
    pub(crate) path: String,
    /// What stands in the header.
    pub(crate) header: SecretString,
}

impl Secrets {
    pub(crate) fn of(token: &SecretString) -> Self {
        Self { path: derive(token, "path"), header: derive(token, "header").into() }
    }
}

fn derive(token: &SecretString, what: &str) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.expose_secret().as_bytes()) else {
        return String::new();
    };
    mac.update(b"tandem webhook ");
    mac.update(what.as_bytes());
    URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

struct Route {
    intake: Arc<Intake>,
    secret: SecretString,
}

/// The route, under its secret path.
pub(crate) fn router(intake: Arc<Intake>, secrets: Secrets) -> Router {
    let route = Arc::new(Route { intake, secret: secrets.header });
    Router::new()
        .route(&format!("/telegram/{}", secrets.path), post(receive))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(route)
}

async fn receive(State(route): State<Arc<Route>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let given = headers.get(SECRET_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
    if !bool::from(given.ct_eq(route.secret.expose_secret().as_bytes())) {
        counter!("bot_webhook_refused_total").increment(1);
        return StatusCode::FORBIDDEN;
    }
    let Ok(raw) = String::from_utf8(body.into()) else { return StatusCode::BAD_REQUEST };
    match route.intake.take(&[raw]).await {
        Ok(()) => StatusCode::OK,
        Err(fault) => {
            error!(fault = chain(&fault), "can't store an update; Telegram will bring it again");
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_follow_from_the_token_and_are_of_telegrams_alphabet() {
        let secrets = |token: &str| Secrets::of(&token.to_owned().into());
        let (one, again, other) = (secrets("7:A"), secrets("7:A"), secrets("7:B"));
        assert_eq!(one.path, again.path);
        assert_ne!(one.path, other.path);
        assert_ne!(one.path, one.header.expose_secret());
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        assert!(one.header.expose_secret().bytes().all(allowed));
    }
}
