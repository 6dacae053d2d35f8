//! The end of a call, and the requests that come while it runs (RFC 3261 section 15).

use super::dialog::Dialog;
use super::{Session, Stage, digits, learn, reason, sign, way};
use crate::agent::{ALLOW, SUPPORTED, Shared};
use crate::auth::Verdict;
use crate::event::{CallEvent, EndedBy};
use crate::farewell::{AHEAD, Farewell};
use crate::stack::ANSWER_WITHIN;
use crate::transport::Flow;
use crate::wire::{self, Method, Response};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;

/// BYEs sent for one call, for challenges.
const TRIES: u8 = 3;

impl Session {
    /// Ends the call in whatever state it is.
    pub(super) async fn hang_up(&mut self, words: &str) {
        match &self.stage {
            Stage::Inviting(_) if !self.is_withdrawn() => self.withdraw(words).await,
            Stage::Ringing(_) if self.rings() => self.reject(480, words).await,
            Stage::Ringing(_) => self.leave_unacknowledged(words).await,
            Stage::Up => {
                self.say_bye(words, None);
                let words = if words.is_empty() { "hung up" } else { words };
                self.end(200, words.into(), None, EndedBy::Us).await;
            }
            Stage::Inviting(_) | Stage::Over => (),
        }
    }

    /// Another call took the place of this one.
    pub(super) async fn replaced(&mut self) {
        match &self.stage {
            Stage::Inviting(_) => self.withdraw("Replaced").await,
            Stage::Ringing(_) => self.leave_unacknowledged("Replaced").await,
            Stage::Up => {
                self.say_bye("Replaced", None);
                self.end(200, "Replaced".into(), None, EndedBy::Them).await;
            }
            Stage::Over => (),
        }
    }

    /// Sends BYE; the call need not wait for the answer.
    pub(super) fn say_bye(&mut self, words: &str, code: Option<u16>) {
        let (shared, flow) = (Arc::clone(&self.shared), self.flow.clone());
        let line = self.line.clone();
        let mut dialog = self.dialog.clone();
        let why = reason::write(code, words);
        self.shared.goodbyes.spawn(async move {
            let way = way::way(&shared, line.as_deref(), &dialog.next_hop(), &flow).await;
            for _ in 0..TRIES {
                let mut bye = dialog.request(Method::Bye);
                bye.headers.push(wire::header("Reason", why.clone()));
                sign(line.as_deref(), &mut bye);
                let sent = bye.headers.clone();
                match shared.stack.request(bye, &way, ANSWER_WITHIN).await {
                    Ok(r) if matches!(r.status_code.code(), 401 | 407) => {
                        if learn(line.as_deref(), &r, &sent) == Verdict::Refused {
                            return;
                        }
                    }
                    // Any other answer, or none, ends the call as well.
                    Ok(_) | Err(_) => return,
                }
            }
        });
    }

    /// The BYE that is sent should this process die.
    pub(super) async fn farewell(&self) -> Farewell {
        let mut dialog = self.dialog.clone();
        let mut bye = dialog.far_request(Method::Bye, AHEAD);
        bye.headers.push(wire::header("Reason", reason::write(Some(503), "The gateway was restarted")));
        Farewell { hop: self.way().await.hop(), bye: bye.to_string() }
    }

    /// A request inside the call.
    pub(super) async fn asked(&mut self, transaction: Box<Transaction>, flow: Flow) {
        let request = &transaction.original;
        if request.method != Method::Ack && !self.dialog.in_order(&request.headers) {
            return self.reply(transaction, 500);
        }
        match request.method {
            Method::Bye => self.bye(transaction).await,
            Method::Invite | Method::Update if !self.is_withdrawn() => self.offered(transaction, flow).await,
            Method::PRack => {
                let code = self.pracked(&transaction.original);
                self.reply(transaction, code);
            }
            Method::Info => self.informed(transaction).await,
            Method::Refer => self.referred(transaction).await,
            Method::Notify => self.notified(transaction).await,
            Method::Options => {
                let mut response = self.shared.stack.response(request, 200, "", &self.dialog.local_tag);
                response.headers.push(wire::header("Allow", ALLOW));
                response.headers.push(wire::header("Supported", SUPPORTED));
                self.shared.stack.reply(transaction, response);
            }
            Method::Invite | Method::Update => self.reply(transaction, 481),
            Method::Ack
            | Method::Cancel
            | Method::Message
            | Method::Publish
            | Method::Register
            | Method::Subscribe => {
                let mut response = self.shared.stack.response(request, 405, "", &self.dialog.local_tag);
                response.headers.push(wire::header("Allow", ALLOW));
                self.shared.stack.reply(transaction, response);
            }
        }
    }

    pub(super) fn reply(&self, transaction: Box<Transaction>, code: u16) {
        let response = self.shared.stack.response(&transaction.original, code, "", &self.dialog.local_tag);
        self.shared.stack.reply(transaction, response);
    }

    async fn bye(&mut self, transaction: Box<Transaction>) {
        let why = reason::read(&transaction.original.headers);
        self.reply(transaction, 200);
        if let Stage::Ringing(incoming) = &self.stage {
            // BYE before our answer ends the call as CANCEL would.
            let pending = &incoming.answering;
            if self.rings() {
                pending.respond(self.shared.stack.response(
                    &pending.request,
                    487,
                    "",
                    &self.dialog.local_tag,
                ));
            }
        }
        if self.is_withdrawn() {
            return;
        }
        let words = why.text.unwrap_or_else(|| "hung up".into());
        self.end(200, words, why.cause, EndedBy::Them).await;
    }

    async fn informed(&mut self, transaction: Box<Transaction>) {
        let request = &transaction.original;
        let kind = wire::text(&request.headers, "Content-Type").unwrap_or("").to_owned();
        let read = digits::read(&kind, &wire::body_text(&request.body));
        match read {
            Some((digit, duration)) => {
                self.reply(transaction, 200);
                self.tell(CallEvent::Digit { digit, duration }).await;
            }
            None if request.body.is_empty() => self.reply(transaction, 200),
            None => {
                let mut response = self.shared.stack.response(request, 415, "", &self.dialog.local_tag);
                response.headers.push(wire::header("Accept", "application/dtmf-relay, application/dtmf"));
                self.shared.stack.reply(transaction, response);
            }
        }
    }
}

/// Hangs up on a second phone that answered an INVITE of ours (RFC 3261 section 13.2.2.4).
pub(crate) fn decline_fork(shared: &Arc<Shared>, response: Response, flow: Flow) {
    let Some(mut dialog) = Dialog::forked(&response) else { return };
    let inner = Arc::clone(shared);
    shared.stack.spawn(async move {
        let number = wire::cseq(&response.headers).unwrap_or(1);
        inner.stack.acknowledge(dialog.ack(number), &flow).await;
        let mut bye = dialog.request(Method::Bye);
        bye.headers.push(wire::header("Reason", reason::write(None, "answered elsewhere")));
        // It hangs up by itself where this does not reach it.
        let _ = inner.stack.request(bye, &flow, ANSWER_WITHIN).await;
    });
}
