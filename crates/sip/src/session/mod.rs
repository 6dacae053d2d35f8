//! One call: a task that hears verbs of the application, messages of the far end and the clock, in one order.
//!
//! Each file beside this one is the part of it that one RFC describes.

mod asks;
mod begin;
mod dialog;
mod digits;
mod incoming;
mod offers;
mod outgoing;
mod over;
mod reason;
mod referrals;
mod reliable;
pub(crate) mod timer;
mod timers;
mod way;

pub(crate) use begin::{Origin, outgoing};
pub(crate) use incoming::incoming;
pub(crate) use over::decline_fork;

use crate::agent::Shared;
use crate::auth::{Memory, Verdict};
use crate::call::{Call, Named, Replaces, Verb};
use crate::digest::Login;
use crate::event::{CallEvent, EndedBy, Event};
use crate::register::Line;
use crate::stack::Heard;
use crate::transport::Flow;
use crate::wire::{self, Headers, Request, Response};
use asks::{Asks, Done};
use dialog::Dialog;
use incoming::Incoming;
use offers::Offers;
use outgoing::Outgoing;
use referrals::Referral;
use std::sync::Arc;
use timer::Agreed;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Messages waiting for one call. A peer has two or three under way; a flood is answered 500 before it gets here.
const EARS: usize = 64;

/// A call that runs.
pub(crate) struct Session {
    shared: Arc<Shared>,
    call: Call,
    line: Option<Arc<Line>>,
    verbs: mpsc::Receiver<Verb>,
    heard: mpsc::Receiver<Heard>,
    ears: mpsc::Sender<Heard>,
    dialog: Dialog,
    flow: Flow,
    stage: Stage,
    asks: Asks,
    offers: Offers,
    referral: Referral,
    /// The session timer and when it is due.
    interval: Option<(Agreed, Instant)>,
    /// The interval asked for, raised by 422.
    wanted_interval: Option<u32>,
    /// Whether the far side takes UPDATE.
    peer_updates: bool,
    /// Whether we made the call: it decides who waits longer after a collision (RFC 3261 section 14.1).
    caller: bool,
    /// Whether the end was told: nothing follows it, though a few messages still go between the two sides.
    ended: bool,
}

/// How far a call has come.
enum Stage {
    /// Our INVITE is under way.
    Inviting(Box<Outgoing>),
    /// Theirs is, or our answer to it has not been acknowledged.
    Ringing(Box<Incoming>),
    /// Answered and acknowledged.
    Up,
    /// Told as ended; nothing more is.
    Over,
}

/// What a session is made of besides what it talks about.
struct Parts {
    shared: Arc<Shared>,
    call: Call,
    line: Option<Arc<Line>>,
    verbs: mpsc::Receiver<Verb>,
    heard: mpsc::Receiver<Heard>,
    ears: mpsc::Sender<Heard>,
}

impl Session {
    fn new(parts: Parts, dialog: Dialog, flow: Flow, stage: Stage, caller: bool) -> Self {
        let wanted = parts.shared.session_interval.and_then(|i| u32::try_from(i.as_secs()).ok());
        Session {
            shared: parts.shared,
            call: parts.call,
            line: parts.line,
            verbs: parts.verbs,
            heard: parts.heard,
            ears: parts.ears,
            dialog,
            flow,
            stage,
            asks: Asks::default(),
            offers: Offers::default(),
            referral: Referral::default(),
            interval: None,
            wanted_interval: wanted.map(|w| w.max(timer::SHORTEST)),
            peer_updates: false,
            caller,
            ended: false,
        }
    }

    async fn run(mut self) {
        let (done, mut dones) = mpsc::channel(4);
        self.asks.answers_to(done);
        while !matches!(self.stage, Stage::Over) {
            let wake = self.wake();
            tokio::select! {
                biased;
                Some(heard) = self.heard.recv() => self.hear(heard).await,
                Some(done) = dones.recv() => self.done(done).await,
                Some(verb) = self.verbs.recv() => self.verb(verb).await,
                () = tokio::time::sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => self.tick(Instant::now()).await,
            }
        }
        self.shared.calls.leave(&self.dialog.key());
    }

    async fn verb(&mut self, verb: Verb) {
        match verb {
            Verb::Ring => self.ring(),
            Verb::Progress(sdp) => self.progress(sdp),
            Verb::Answer(sdp) => self.answer(sdp),
            Verb::Reject(code, words) => self.reject(code.clamp(400, 699), &words).await,
            Verb::HangUp(words) => self.hang_up(&words).await,
            Verb::Reoffer(sdp) => self.reoffer(sdp).await,
            Verb::AnswerOffer(sdp) => self.answer_offer(sdp),
            Verb::RefuseOffer(code) => self.refuse_offer(code.clamp(400, 699)),
            Verb::Digit(digit) => self.send_digit(digit),
            Verb::Transfer(to) => self.refer(&to, None),
            Verb::TransferTo(other) => self.refer_to_call(other),
            Verb::Refer(named) => self.refer(&named.remote, Some(&named.replaces)),
            Verb::AcceptTransfer => self.accept_referral(),
            Verb::RefuseTransfer(code) => self.refuse_referral(code.clamp(400, 699)),
            Verb::TransferStands(code, words) => self.referral_stands(code, &words),
            Verb::Replaced => self.replaced().await,
            Verb::Name(asker) => drop(asker.send(self.named())),
            // Whoever asked may be gone.
            Verb::Farewell(asker) => drop(asker.send(self.farewell().await)),
        }
    }

    async fn hear(&mut self, heard: Heard) {
        match heard {
            Heard::Response(number, response) => self.invite_answered(number, *response).await,
            Heard::Failed(number, failure) => self.invite_failed(number, failure).await,
            Heard::Cancel(reason) => self.cancelled(reason.as_deref()).await,
            Heard::Ack(number, ack) => self.acknowledged(number, &ack).await,
            Heard::Over(number) => self.invite_over(number).await,
            Heard::Request(transaction, flow) => self.asked(transaction, flow).await,
        }
    }

    /// When something is due next.
    fn wake(&self) -> Option<Instant> {
        let stage = match &self.stage {
            Stage::Inviting(outgoing) => outgoing.wake(),
            Stage::Ringing(incoming) => incoming.wake(),
            Stage::Up | Stage::Over => None,
        };
        let interval = self.interval.map(|(_, at)| at);
        [stage, interval, self.offers.wake()].into_iter().flatten().min()
    }

    async fn tick(&mut self, now: Instant) {
        match &self.stage {
            Stage::Ringing(_) => self.provisionals_due(now).await,
            Stage::Inviting(_) => self.withdrawal_due(now),
            Stage::Up | Stage::Over => (),
        }
        self.offers_due(now).await;
        self.interval_due(now).await;
    }

    async fn tell(&mut self, event: CallEvent) {
        if self.ended {
            return;
        }
        self.ended = matches!(event, CallEvent::Ended { .. });
        self.shared.emit(Event::Call { id: self.call.id(), event }).await;
    }

    /// Tells that the call is over, and makes it so.
    async fn end(&mut self, code: u16, reason: String, cause: Option<u16>, by: EndedBy) {
        self.stage = Stage::Over;
        self.tell(CallEvent::Ended { code, reason, cause, by }).await;
    }

    fn named(&self) -> Named {
        let replaces = Replaces {
            call_id: self.dialog.call_id.clone(),
            to_tag: self.dialog.remote_tag.clone().unwrap_or_default(),
            from_tag: self.dialog.local_tag.clone(),
            early_only: false,
        };
        Named { remote: self.dialog.remote_uri.clone(), replaces }
    }

    /// Takes in what the far side can do.
    fn note_abilities(&mut self, headers: &Headers) {
        if wire::text(headers, "Allow").is_some() {
            self.peer_updates = wire::lists(headers, "Allow", "update");
        }
    }

    fn sign(&self, request: &mut Request) {
        sign(self.line.as_deref(), request);
    }

    fn learn(&self, response: &Response, sent: &Headers) -> Verdict {
        learn(self.line.as_deref(), response, sent)
    }

    async fn done(&mut self, done: Done) {
        self.asks.finished();
        self.ask_answered(done).await;
        self.ask_next();
    }
}

/// Answers the challenges that an account has met, where a call belongs to one.
pub(crate) fn sign(line: Option<&Line>, request: &mut Request) {
    let Some(line) = line else { return };
    let (method, uri) = (request.method.to_string(), request.uri.to_string());
    let login: Login = line.login();
    let memory: &mut Memory = &mut line.state().calls;
    memory.sign(&mut request.headers, &method, &uri, &request.body, &login);
}

pub(crate) fn learn(line: Option<&Line>, response: &Response, sent: &Headers) -> Verdict {
    line.map_or(Verdict::Refused, |line| line.state().calls.learn(response, sent))
}

/// A call and its session's mouth and ears.
fn open(shared: &Arc<Shared>, line: Option<Arc<Line>>) -> Parts {
    let (mailbox, verbs) = mpsc::channel(crate::call::MAILBOX);
    let (ears, heard) = mpsc::channel(EARS);
    let call = Call::new(shared.calls.number(), mailbox);
    Parts { shared: Arc::clone(shared), call, line, verbs, heard, ears }
}
