//! Feeds the traces of calls that somebody wants to look at: every message of theirs, both ways, redacted.

use crate::call::CallId;
use crate::trace::{Redaction, Trace, Way};
use crate::wire::{self, Headers, SipMessage};
use rsipstack::transaction::endpoint::MessageInspector;
use rsipstack::transport::SipAddr;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tokio::time::Instant;

/// Calls traced at one time. It is a tool for one trouble, not a recorder.
const AT_ONCE: usize = 64;

/// The traces of a user agent.
#[derive(Default)]
pub(crate) struct Taps {
    /// How many there are: without any, a message costs one look at this.
    open: AtomicUsize,
    by_call_id: Mutex<HashMap<String, Tap>>,
}

struct Tap {
    id: CallId,
    trace: Trace,
    /// What the wall clock said when it began, and our own clock then.
    began: (SystemTime, Instant),
}

impl Taps {
    /// Begins a trace; `false` where too many run.
    pub(crate) fn open(
        &self,
        id: CallId,
        call_id: String,
        most: usize,
        redaction: Redaction,
        now: SystemTime,
    ) -> bool {
        let mut taps = self.taps();
        if taps.len() >= AT_ONCE && !taps.contains_key(&call_id) {
            return false;
        }
        let tap = Tap { id, trace: Trace::new(most, redaction), began: (now, Instant::now()) };
        taps.insert(call_id, tap);
        self.open.store(taps.len(), Ordering::Relaxed);
        true
    }

    /// A copy of a trace as it stands.
    pub(crate) fn look(&self, id: CallId) -> Option<Trace> {
        self.taps().values().find(|t| t.id == id).map(|t| t.trace.clone())
    }

    /// Ends a trace and hands it over.
    pub(crate) fn close(&self, id: CallId) -> Option<Trace> {
        let mut taps = self.taps();
        let key = taps.iter().find(|(_, t)| t.id == id).map(|(key, _)| key.clone())?;
        let tap = taps.remove(&key);
        self.open.store(taps.len(), Ordering::Relaxed);
        tap.map(|t| t.trace)
    }

    /// Notes one message.
    pub(crate) fn note(&self, way: Way, peer: SocketAddr, message: &SipMessage) {
        if self.open.load(Ordering::Relaxed) == 0 {
            return;
        }
        let Some(call_id) = wire::text(headers(message), "Call-ID") else { return };
        if let Some(tap) = self.taps().get_mut(call_id) {
            let at = tap.began.0 + tap.began.1.elapsed();
            tap.trace.keep(way, peer, &message.to_bytes(), at);
        }
    }

    fn taps(&self) -> MutexGuard<'_, HashMap<String, Tap>> {
        self.by_call_id.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn headers(message: &SipMessage) -> &Headers {
    match message {
        SipMessage::Request(request) => &request.headers,
        SipMessage::Response(response) => &response.headers,
    }
}

/// Where the stack shows us its messages.
pub(crate) struct Inspector(pub(crate) Arc<Taps>);

impl MessageInspector for Inspector {
    fn before_send(&self, message: SipMessage, peer: Option<&SipAddr>) -> SipMessage {
        let peer = peer.and_then(|p| p.get_socketaddr().ok()).or_else(|| returns_to(&message));
        if let Some(peer) = peer {
            self.0.note(Way::Out, peer, &message);
        }
        message
    }

    fn after_received(&self, message: SipMessage, peer: Option<&SipAddr>) -> SipMessage {
        // Without a peer it is the stack's own word for a timeout.
        if let Some(peer) = peer.and_then(|p| p.get_socketaddr().ok()) {
            self.0.note(Way::In, peer, &message);
        }
        message
    }
}

/// Where an answer goes: the address stamped into its top Via.
fn returns_to(message: &SipMessage) -> Option<SocketAddr> {
    rsipstack::transport::SipConnection::get_destination(message).ok()
}
