//! A call that we make: INVITE, provisional answers, challenges, redirection, withdrawal (RFC 3261 sections 9 and 13.2).

use super::asks::{Ask, Purpose};
use super::{Session, Stage, dialog, reason, timer};
use crate::agent::{ALLOW, SUPPORTED};
use crate::auth::Verdict;
use crate::call::{Hop, Invite};
use crate::event::{CallEvent, EndedBy};
use crate::register::Line;
use crate::stack::{ANSWER_WITHIN, Failure, branch};
use crate::uri::Uri;
use crate::wire::{self, Method, Request, Response};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// INVITEs sent for one call: two challenges, a longer session interval, a redirection and further servers fit.
const TRIES: u8 = 8;

/// Our INVITE.
pub(super) struct Outgoing {
    invite: Invite,
    /// The one under way, for CANCEL.
    sent: Option<Request>,
    branch: String,
    number: u32,
    tries: u8,
    redirected: bool,
    /// Servers not tried yet.
    hops: VecDeque<Hop>,
    heard: bool,
    /// What was last told as progress.
    early: Option<String>,
    /// The last reliable provisional answer (RFC 3262): whose, and its number.
    reliable: Option<(String, u32)>,
    withdrawn: Option<Withdrawn>,
}

/// The application has hung up; only the messages that end it properly are still exchanged.
struct Withdrawn {
    cancelled: bool,
    until: Instant,
}

impl Outgoing {
    pub(super) fn new(invite: Invite, hops: VecDeque<Hop>) -> Self {
        Outgoing {
            invite,
            sent: None,
            branch: String::new(),
            number: 0,
            tries: 0,
            redirected: false,
            hops,
            heard: false,
            early: None,
            reliable: None,
            withdrawn: None,
        }
    }

    pub(super) fn wake(&self) -> Option<Instant> {
        self.withdrawn.as_ref().map(|w| w.until)
    }
}

impl Session {
    /// Sends the INVITE, or the next one of this call.
    pub(super) fn invite(&mut self) {
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        outgoing.tries += 1;
        outgoing.heard = false;
        let mut request = self.dialog.request(Method::Invite);
        let mut add = |name: &str, value: String| request.headers.push(wire::header(name, value));
        add("Allow", ALLOW.into());
        add("Supported", SUPPORTED.into());
        if let Some(seconds) = self.wanted_interval {
            add("Session-Expires", seconds.to_string());
            add("Min-SE", timer::MIN_SE.into());
        }
        if let Some(r) = &outgoing.invite.replaces {
            let early = if r.early_only { ";early-only" } else { "" };
            add("Replaces", format!("{};to-tag={};from-tag={}{early}", r.call_id, r.to_tag, r.from_tag));
        }
        for (name, value) in &outgoing.invite.headers {
            add(name, value.clone());
        }
        add("Content-Type", "application/sdp".into());
        request.body = outgoing.invite.offer.clone().into_bytes();
        self.offers.local = outgoing.invite.offer.clone();
        super::sign(self.line.as_deref(), &mut request);
        outgoing.branch = branch();
        outgoing.number = wire::cseq(&request.headers).unwrap_or(0);
        outgoing.sent = Some(request.clone());
        self.shared.stack.invite(request, self.flow.clone(), &outgoing.branch, self.ears.clone());
    }

    /// An answer to an INVITE of ours: the first one, or one that changes the session.
    pub(super) async fn invite_answered(&mut self, number: u32, response: Response) {
        let code = response.status_code.code();
        match &mut self.stage {
            Stage::Inviting(outgoing) if outgoing.number == number => {
                outgoing.heard = true;
                match code {
                    100 => self.withdraw_now(),
                    101..=199 => self.provisional(response).await,
                    200..=299 => self.answered(response).await,
                    _ => self.declined(code, response).await,
                }
            }
            Stage::Up => self.reoffer_answered(number, response).await,
            Stage::Inviting(_) | Stage::Ringing(_) | Stage::Over => (),
        }
    }

    pub(super) async fn invite_failed(&mut self, number: u32, failure: Failure) {
        let (code, words) = match failure {
            Failure::Silent => (408, "no answer from the server".to_owned()),
            Failure::Unreachable(words) => (503, words),
        };
        match &mut self.stage {
            Stage::Inviting(outgoing) if outgoing.number == number => {
                if outgoing.withdrawn.is_some() {
                    self.stage = Stage::Over;
                } else if !self.next_server().await {
                    self.end(code, words, None, EndedBy::Timer).await;
                }
            }
            Stage::Up => self.reoffer_failed(number, code, words).await,
            Stage::Inviting(_) | Stage::Ringing(_) | Stage::Over => (),
        }
    }

    async fn provisional(&mut self, response: Response) {
        self.withdraw_now();
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        if outgoing.withdrawn.is_some() {
            return;
        }
        let tag = wire::tag(&response.headers, "To").unwrap_or_default();
        let reliable = wire::lists(&response.headers, "Require", "100rel");
        if let (true, Some(rseq)) = (reliable, wire::number::<u32>(&response.headers, "RSeq")) {
            let last = outgoing.reliable.as_ref().filter(|(t, _)| *t == tag).map(|(_, n)| *n);
            // Section 4: a repetition is dropped, and so is one that leaves a gap.
            if last.is_some_and(|last| rseq != last.wrapping_add(1)) {
                return;
            }
            outgoing.reliable = Some((tag, rseq));
            let rack = format!("{rseq} {} INVITE", outgoing.number);
            self.dialog.learn(&response);
            self.note_abilities(&response.headers);
            self.ask(Ask::new(Purpose::Prack, Method::PRack).with("RAck", rack));
        } else if !tag.is_empty() {
            self.dialog.learn(&response);
            self.note_abilities(&response.headers);
        }
        self.tell_progress(&response).await;
    }

    async fn tell_progress(&mut self, response: &Response) {
        let sdp = wire::sdp_of(&response.headers, &response.body);
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        let news = sdp.filter(|sdp| outgoing.early.as_ref() != Some(sdp));
        if let Some(sdp) = &news {
            outgoing.early = Some(sdp.clone());
        }
        if response.status_code.code() == 180 {
            self.tell(CallEvent::Ringing).await;
        }
        if let Some(sdp) = news {
            self.tell(CallEvent::Progress { sdp }).await;
        }
    }

    async fn answered(&mut self, response: Response) {
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        let withdrawn = outgoing.withdrawn.is_some();
        let number = outgoing.number;
        let early = outgoing.early.take();
        let credentials = outgoing.sent.take().map(|r| r.headers);
        self.dialog.learn(&response);
        self.note_abilities(&response.headers);
        if !withdrawn {
            // Before the ACK, so that a second phone's answer to the same INVITE is told from the first one's.
            let tag = self.dialog.remote_tag.clone().unwrap_or_default();
            self.shared.calls.answered(&self.dialog.key(), &tag);
        }
        self.acknowledge(number, credentials.as_ref()).await;
        if withdrawn {
            self.say_bye("", None);
            self.stage = Stage::Over;
            return;
        }
        self.stage = Stage::Up;
        self.agree_interval(timer::from_answer(&response.headers));
        match wire::sdp_of(&response.headers, &response.body).or(early) {
            Some(sdp) => {
                self.tell(CallEvent::Answered { sdp }).await;
                self.reoffer_if_wanted().await;
            }
            None => {
                self.say_bye("no session description", None);
                self.end(488, "the answer has no session description".into(), None, EndedBy::Us).await;
            }
        }
    }

    /// Sends ACK for a 2xx; it carries the credentials of its INVITE.
    pub(super) async fn acknowledge(&mut self, number: u32, invite: Option<&wire::Headers>) {
        let mut ack = self.dialog.ack(number);
        for name in ["Authorization", "Proxy-Authorization"] {
            for value in invite.into_iter().flat_map(|h| wire::all(h, name)) {
                ack.headers.push(wire::header(name, value));
            }
        }
        let way = self.way().await;
        self.shared.stack.acknowledge(ack, &way).await;
    }

    async fn declined(&mut self, code: u16, response: Response) {
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        if outgoing.withdrawn.is_some() {
            self.stage = Stage::Over;
            return;
        }
        if outgoing.tries < TRIES && self.once_more(code, &response).await {
            return;
        }
        let why = reason::read(&response.headers);
        let words = why.text.unwrap_or_else(|| wire::reason_of(&response));
        self.end(code, words, why.cause, EndedBy::Them).await;
    }

    /// Whether a refusal is one that another INVITE may get around; it is sent then.
    async fn once_more(&mut self, code: u16, response: &Response) -> bool {
        let Stage::Inviting(outgoing) = &mut self.stage else { return false };
        match code {
            401 | 407 => {
                let sent = outgoing.sent.take().map(|r| r.headers).unwrap_or_default();
                if self.learn(response, &sent) == Verdict::Refused {
                    return false;
                }
            }
            422 => {
                let least = wire::number::<u32>(&response.headers, "Min-SE").filter(|s| *s <= 86_400);
                let (Some(least), Some(asked)) = (least, self.wanted_interval) else { return false };
                if least <= asked {
                    return false;
                }
                self.wanted_interval = Some(least);
            }
            300..=302 if !outgoing.redirected => {
                let targets = wire::all(&response.headers, "Contact").flat_map(wire::split_list);
                let target = targets.filter_map(wire::NameAddr::parse).map(|a| a.uri).next();
                let Some(target) = target else { return false };
                outgoing.redirected = true;
                self.dialog.target = Uri { headers: Vec::new(), ..target };
            }
            503 => return self.next_server().await,
            _ => return false,
        }
        self.dialog.remote_tag = None;
        self.invite();
        true
    }

    /// Tries the next server of the account's domain, where the last one said nothing or is in trouble.
    async fn next_server(&mut self) -> bool {
        let tls = self.line.as_deref().map(Line::tls);
        loop {
            let Stage::Inviting(outgoing) = &mut self.stage else { return false };
            let Some(hop) = outgoing.hops.pop_front() else { return false };
            if let Ok(flow) = self.shared.stack.transports.flow(hop, tls.as_ref()).await {
                self.flow = flow;
                self.dialog.remote_tag = None;
                self.invite();
                return true;
            }
        }
    }

    /// Hangs up a call that was not answered.
    pub(super) async fn withdraw(&mut self, words: &str) {
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        let until = Instant::now() + ANSWER_WITHIN;
        outgoing.withdrawn = Some(Withdrawn { cancelled: false, until });
        let heard = outgoing.heard;
        let reason = if words.is_empty() { "Request Terminated" } else { words };
        self.tell(CallEvent::Ended { code: 487, reason: reason.into(), cause: None, by: EndedBy::Us }).await;
        if heard {
            self.withdraw_now();
        }
    }

    /// Sends CANCEL once something was heard; before that it may not be sent (RFC 3261 section 9.1).
    fn withdraw_now(&mut self) {
        let Stage::Inviting(outgoing) = &mut self.stage else { return };
        let (Some(withdrawn), Some(sent)) = (&mut outgoing.withdrawn, &outgoing.sent) else { return };
        if withdrawn.cancelled {
            return;
        }
        withdrawn.cancelled = true;
        let (cancel, branch) = (dialog::cancel(sent), outgoing.branch.clone());
        let (shared, flow) = (Arc::clone(&self.shared), self.flow.clone());
        self.shared.stack.spawn(async move {
            // Whatever comes of it, the INVITE's own answer ends the call.
            let _ = shared.stack.request_on(cancel, &flow, Duration::from_secs(32), &branch).await;
        });
    }

    pub(super) fn withdrawal_due(&mut self, now: Instant) {
        let Stage::Inviting(outgoing) = &self.stage else { return };
        if outgoing.withdrawn.as_ref().is_some_and(|w| w.until <= now) {
            self.stage = Stage::Over;
        }
    }

    /// Whether the application has hung up already and is told nothing any more.
    pub(super) fn is_withdrawn(&self) -> bool {
        matches!(&self.stage, Stage::Inviting(outgoing) if outgoing.withdrawn.is_some())
    }
}
