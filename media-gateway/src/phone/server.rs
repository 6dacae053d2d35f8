//! The HTTP server of phones: the page, the socket, and a sign of life for load balancers.

use super::socket::{self, Let};
use super::{PhoneEvent, assets};
use axum::Router;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use event_store::clock::Clock;
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The longest frame of a phone, in bytes (docs/phone.md).
const LONGEST_FRAME: usize = 64 * 1024;

/// Sockets that are open at a time, let in or not.
const SOCKETS: usize = 20_000;

/// What the server needs.
pub struct Door {
    /// The bot's token, which signs init data.
    pub token: SecretString,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Origins that may open the socket; empty for any.
    pub origins: Vec<String>,
    /// Where what phones say goes.
    pub events: mpsc::Sender<PhoneEvent>,
    /// Who sees to the sockets' tasks.
    pub tasks: TaskTracker,
    /// When it ends.
    pub stop: CancellationToken,
}

#[derive(Clone)]
struct Shared {
    door: Arc<Door>,
    next: Arc<AtomicU64>,
    open: Arc<AtomicUsize>,
}

/// Serves until `stop`.
///
/// # Errors
///
/// The listener broke.
pub async fn serve(listener: TcpListener, door: Door) -> std::io::Result<()> {
    let stop = door.stop.clone();
    let shared = Shared { door: Arc::new(door), next: Arc::new(AtomicU64::new(1)), open: Arc::default() };
    let routes = Router::new()
        .route("/health", get(async || "ok"))
        .route("/phone", get(async || Redirect::permanent("/phone/")))
        .route("/phone/", get(async || assets::serve("")))
        .route("/phone/socket", get(open))
        .route("/phone/{file}", get(async |Path(file): Path<String>| assets::serve(&file)))
        .with_state(shared);
    axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned()).await
}

async fn open(State(shared): State<Shared>, headers: HeaderMap, upgrade: WebSocketUpgrade) -> Response {
    if !is_welcome(&shared.door.origins, &headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    if shared.open.load(Ordering::Relaxed) >= SOCKETS || shared.door.stop.is_cancelled() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let number = shared.next.fetch_add(1, Ordering::Relaxed);
    upgrade.max_message_size(LONGEST_FRAME).max_frame_size(LONGEST_FRAME).on_upgrade(async move |socket| {
        shared.open.fetch_add(1, Ordering::Relaxed);
        metrics::gauge!("tandem_phone_sockets").increment(1.0);
        let door = Arc::clone(&shared.door);
        // On a tracker of ours, so that the end waits for the last frame.
        let done = shared.door.tasks.spawn(socket::run(socket, Let { door, number }));
        _ = done.await;
        shared.open.fetch_sub(1, Ordering::Relaxed);
        metrics::gauge!("tandem_phone_sockets").decrement(1.0);
    })
}

/// A program that is no browser sends no origin, and is let in by its init data like any other.
fn is_welcome(origins: &[String], headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    origins.is_empty() || origins.iter().any(|welcome| welcome.as_bytes() == origin.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn a_page_of_another_origin_is_turned_away_where_the_operator_names_origins() {
        let mut headers = HeaderMap::new();
        let ours = ["https://phone.example.org".to_owned()];
        assert!(is_welcome(&ours, &headers), "no browser");
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://evil.example"));
        assert!(!is_welcome(&ours, &headers));
        assert!(is_welcome(&[], &headers));
        headers.insert(header::ORIGIN, HeaderValue::from_static("https://phone.example.org"));
        assert!(is_welcome(&ours, &headers));
    }
}
