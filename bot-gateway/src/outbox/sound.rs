//! Recordings on their way out: read from the store, posted, and taken out of it.

use super::lanes::Waiting;
use super::say::{Outcome, later, say_sound};
use super::sender::chain;
use crate::outgoing::{Outgoing, Posted};
use crate::telegram::Client;
use chrono::{DateTime, Utc};
use event_store::blobs::{BlobId, Blobs, ReadError};
use tracing::warn;

/// The largest file that a bot may send, in bytes (Bot API, "Sending files").
const LONGEST: u64 = 50 * 1024 * 1024;

/// Posts a recording once.
pub(super) async fn attempt(
    client: &Client,
    store: &Blobs,
    waiting: &Waiting,
    reference: &str,
    now: DateTime<Utc>,
) -> Outcome {
    let dropped = |why: String| Outcome::Dropped { why, unreachable: None };
    let Ok(id) = reference.parse::<BlobId>() else {
        return dropped("there is no recording of this name".to_owned());
    };
    let blob = match store.open(id).await {
        Ok(Some(blob)) => blob,
        // It was posted, and the process died before it was noted.
        Ok(None) => return Outcome::Said(Vec::new()),
        Err(fault) => return later(&fault, now),
    };
    match blob.whole(LONGEST).await {
        Ok(sound) => say_sound(client, waiting, &sound, now).await,
        Err(ReadError::Fault(fault)) => later(&fault, now),
        Err(other @ (ReadError::Forgotten | ReadError::Broken | ReadError::TooLong)) => {
            dropped(other.to_string())
        }
    }
}

/// A recording that was posted leaves the store. If that fails, the operator's own limit takes it away.
pub(super) async fn forget(store: &Blobs, waiting: &Waiting, outcome: &Outcome) {
    let Outgoing::Post { post: Posted::Sound { reference, .. }, .. } = &waiting.says else { return };
    let (Outcome::Said(_), Ok(id)) = (outcome, reference.parse::<BlobId>()) else { return };
    if let Err(fault) = store.delete(id).await {
        warn!(outbox.key = waiting.key, fault = chain(&fault), "a recording that was posted stays stored");
    }
}
