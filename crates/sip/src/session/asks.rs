//! Requests inside a call other than INVITE and BYE: one after another, so that their numbers arrive in order.

use super::digits;
use super::{Session, Stage};
use crate::auth::Verdict;
use crate::call::Digit;
use crate::event::{CallEvent, EndedBy};
use crate::stack::{ANSWER_WITHIN, Failure};
use crate::wire::{self, Headers, Method, Response};
use std::collections::VecDeque;
use tokio::sync::mpsc;

/// Requests waiting for their turn. Digits come ten a second at most; past this the far side has stopped answering.
const WAITING: usize = 64;
/// How often one request is sent again for a challenge.
const TRIES: u8 = 3;

/// A request to make.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) purpose: Purpose,
    pub(super) method: Method,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
    tries: u8,
}

/// What an answer will mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Prack,
    Digit,
    Refer,
    Notify,
    Refresh,
}

/// A request that was answered, or was not.
pub(super) struct Done {
    ask: Ask,
    sent: Headers,
    result: Result<Response, Failure>,
}

/// The queue.
#[derive(Default)]
pub(super) struct Asks {
    waiting: VecDeque<Ask>,
    busy: bool,
    answers: Option<mpsc::Sender<Done>>,
}

impl Asks {
    pub(super) fn answers_to(&mut self, answers: mpsc::Sender<Done>) {
        self.answers = Some(answers);
    }

    pub(super) fn finished(&mut self) {
        self.busy = false;
    }
}

impl Ask {
    pub(super) fn new(purpose: Purpose, method: Method) -> Self {
        Ask { purpose, method, headers: Vec::new(), body: Vec::new(), tries: 0 }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(super) fn body(mut self, kind: &'static str, body: Vec<u8>) -> Self {
        self.headers.push(("Content-Type", kind.into()));
        self.body = body;
        self
    }
}

impl Session {
    pub(super) fn ask(&mut self, ask: Ask) {
        if self.asks.waiting.len() < WAITING {
            self.asks.waiting.push_back(ask);
            self.ask_next();
        }
    }

    pub(super) fn ask_next(&mut self) {
        if self.asks.busy || matches!(self.stage, Stage::Over) {
            return;
        }
        let Some(answers) = self.asks.answers.clone() else { return };
        let Some(ask) = self.asks.waiting.pop_front() else { return };
        self.asks.busy = true;
        let mut request = self.dialog.request(ask.method);
        for (name, value) in &ask.headers {
            request.headers.push(wire::header(name, value.clone()));
        }
        request.body = ask.body.clone();
        self.sign(&mut request);
        let (shared, line, flow) = (self.shared.clone(), self.line.clone(), self.flow.clone());
        let next = self.dialog.next_hop();
        self.shared.stack.spawn(async move {
            let flow = super::way::way(&shared, line.as_deref(), &next, &flow).await;
            let sent = request.headers.clone();
            let result = shared.stack.request(request, &flow, ANSWER_WITHIN).await;
            // The call may have ended meanwhile.
            let _ = answers.send(Done { ask, sent, result }).await;
        });
    }

    pub(super) async fn ask_answered(&mut self, done: Done) {
        let Done { mut ask, sent, result } = done;
        let (code, words) = match &result {
            Ok(response) => (response.status_code.code(), wire::reason_of(response)),
            Err(Failure::Silent) => (408, "no answer".to_owned()),
            Err(Failure::Unreachable(words)) => (503, words.clone()),
        };
        if let (401 | 407, Ok(response)) = (code, &result) {
            ask.tries += 1;
            if ask.tries < TRIES && self.learn(response, &sent) == Verdict::Again {
                self.asks.waiting.push_front(ask);
                return;
            }
        }
        // The far side knows no such call any more (RFC 5057 section 5.1); of a referral only that is gone.
        if code == 481 && ask.purpose == Purpose::Digit {
            return self.end(481, words, None, EndedBy::Timer).await;
        }
        match ask.purpose {
            Purpose::Refer if code >= 300 => {
                self.tell(CallEvent::TransferProgress { code, reason: words }).await
            }
            Purpose::Refresh => self.refreshed(code, result.ok()).await,
            Purpose::Notify | Purpose::Prack | Purpose::Digit | Purpose::Refer => (),
        }
    }

    pub(super) fn send_digit(&mut self, digit: Digit) {
        if matches!(self.stage, Stage::Up) {
            self.ask(Ask::new(Purpose::Digit, Method::Info).body(digits::RELAY, digits::body(digit)));
        }
    }
}
