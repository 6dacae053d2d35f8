//! ACKs kept for answers that come again: a peer that missed ours repeats its 2xx (RFC 3261 section 13.2.2.4).

use crate::transport::Flow;
use crate::wire::{self, Headers, Request};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long an answer may be repeated (64 T1).
const KEPT: Duration = Duration::from_secs(32);

/// Names a 2xx answer: Call-ID, CSeq number and the answering side's tag.
type Key = (String, u32, String);

/// The ACKs of the last half minute.
#[derive(Default)]
pub(crate) struct Acks(Mutex<HashMap<Key, Kept>>);

struct Kept {
    ack: Request,
    flow: Flow,
    until: Instant,
}

impl Acks {
    pub(crate) fn keep(&self, ack: &Request, flow: &Flow, now: Instant) {
        if let Some(key) = key(&ack.headers) {
            let kept = Kept { ack: ack.clone(), flow: flow.clone(), until: now + KEPT };
            self.kept().insert(key, kept);
        }
    }

    /// The ACK for an answer that was acknowledged before.
    pub(crate) fn find(&self, answer: &Headers) -> Option<(Request, Flow)> {
        let key = key(answer)?;
        self.kept().get(&key).map(|k| (k.ack.clone(), k.flow.clone()))
    }

    pub(crate) fn sweep(&self, now: Instant) {
        self.kept().retain(|_, k| k.until > now);
    }

    fn kept(&self) -> MutexGuard<'_, HashMap<Key, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(headers: &Headers) -> Option<Key> {
    let call_id = wire::text(headers, "Call-ID")?.to_owned();
    Some((call_id, wire::cseq(headers)?, wire::tag(headers, "To")?))
}
