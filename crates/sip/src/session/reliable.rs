//! Provisional answers that are repeated until acknowledged by PRACK (RFC 3262), from the answering side.

use super::{Session, Stage};
use crate::event::EndedBy;
use crate::stack::Answering;
use crate::wire::{self, Headers, Request, Response};
use rand::Rng as _;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// The first repetition comes after T1, each further one after twice as long, and the call fails after 64 T1.
const T1: Duration = Duration::from_millis(500);
const GIVE_UP: Duration = Duration::from_secs(32);

/// What is sent reliably for one INVITE.
pub(super) struct Reliable {
    required: bool,
    supported: bool,
    rseq: u32,
    unacknowledged: Option<Unacknowledged>,
    /// Provisional answers that wait for the one before them.
    waiting: VecDeque<Response>,
    /// The final answer that waits for them all.
    pub(super) after: Option<String>,
}

struct Unacknowledged {
    rseq: u32,
    response: Response,
    again: Instant,
    pause: Duration,
    until: Instant,
}

impl Reliable {
    pub(super) fn new(headers: &Headers) -> Self {
        Reliable {
            required: wire::lists(headers, "Require", "100rel"),
            supported: wire::lists(headers, "Supported", "100rel"),
            // Section 3: somewhere in the lower half, so that it cannot wrap.
            rseq: rand::rng().random_range(1..1_000_000),
            unacknowledged: None,
            waiting: VecDeque::new(),
            after: None,
        }
    }

    /// Whether a provisional answer goes out reliably: where it must, or where a description rides on it and it can.
    pub(super) fn wants(&self, described: bool) -> bool {
        self.required || (self.supported && described)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.unacknowledged.is_some()
    }

    pub(super) fn due(&self) -> Option<Instant> {
        self.unacknowledged.as_ref().map(|u| u.again)
    }

    pub(super) fn send(&mut self, mut response: Response, answering: &Answering, now: Instant) {
        if self.unacknowledged.is_some() {
            self.waiting.push_back(response);
            return;
        }
        self.rseq += 1;
        wire::set(&mut response.headers, "Require", "100rel");
        wire::set(&mut response.headers, "RSeq", self.rseq.to_string());
        answering.respond(response.clone());
        let (again, until) = (now + T1, now + GIVE_UP);
        self.unacknowledged = Some(Unacknowledged { rseq: self.rseq, response, again, pause: T1, until });
    }

    /// Takes in a PRACK; `false` where it acknowledges nothing that waits.
    fn acknowledge(&mut self, prack: &Request, invite: u32) -> bool {
        let Some(rack) = wire::text(&prack.headers, "RAck") else { return false };
        let mut parts = rack.split_ascii_whitespace();
        let rseq = parts.next().and_then(|n| n.parse::<u32>().ok());
        let number = parts.next().and_then(|n| n.parse::<u32>().ok());
        let ours = self.unacknowledged.as_ref().map(|u| u.rseq);
        let same = ours.is_some() && rseq == ours && number == Some(invite) && parts.next() == Some("INVITE");
        if same {
            self.unacknowledged = None;
        }
        same
    }
}

impl Session {
    /// Answers PRACK: 200 where it fits, 481 where it does not (section 3).
    pub(super) fn pracked(&mut self, prack: &Request) -> u16 {
        let Stage::Ringing(incoming) = &mut self.stage else { return 481 };
        if !incoming.reliable.acknowledge(prack, incoming.answering.number) {
            return 481;
        }
        if let Some(next) = incoming.reliable.waiting.pop_front() {
            incoming.reliable.send(next, &incoming.answering, Instant::now());
        } else if let Some(sdp) = incoming.reliable.after.take() {
            self.answer(sdp);
        }
        200
    }

    /// Repeats what was not acknowledged, or gives the call up.
    pub(super) async fn provisionals_due(&mut self, now: Instant) {
        let Stage::Ringing(incoming) = &mut self.stage else { return };
        let Some(waiting) = incoming.reliable.unacknowledged.as_mut().filter(|u| u.again <= now) else {
            return;
        };
        if waiting.until <= now {
            let response =
                self.shared.stack.response(&incoming.answering.request, 504, "", &self.dialog.local_tag);
            incoming.answering.respond(response);
            return self
                .end(504, "a provisional answer was not acknowledged".into(), None, EndedBy::Timer)
                .await;
        }
        incoming.answering.respond(waiting.response.clone());
        waiting.pause *= 2;
        waiting.again = now + waiting.pause;
    }
}
