//! A call made to us: ringing, early media, answer, refusal, withdrawal (RFC 3261 section 13.3).

use super::dialog::Dialog;
use super::reliable::Reliable;
use super::{Session, Stage, open, reason, timer};
use crate::agent::{ALLOW, SUPPORTED, Shared};
use crate::call::{Call, Verb};
use crate::event::{CallEvent, EndedBy, Event};
use crate::inbound::Guest;
use crate::register::contact;
use crate::stack::Answering;
use crate::transport::Flow;
use crate::wire::{self, Request, Response};
use rsipstack::transaction::transaction::Transaction;
use std::sync::Arc;
use tokio::time::Instant;

/// Their INVITE.
pub(super) struct Incoming {
    pub(super) answering: Answering,
    pub(super) offered: bool,
    pub(super) reliable: Reliable,
    replaced: Option<Call>,
    /// Our 2xx is out and waits for its ACK.
    answered: bool,
    /// The application hung up before the ACK: BYE follows it (RFC 3261 section 15).
    leaving: Option<String>,
}

impl Incoming {
    pub(super) fn wake(&self) -> Option<Instant> {
        self.reliable.due()
    }
}

/// Begins a call that was let in.
pub(crate) fn incoming(shared: &Arc<Shared>, transaction: Transaction, flow: Flow, guest: Guest) {
    let request = &transaction.original;
    let own = match &guest.line {
        Some(line) => line.contact(&flow),
        None => contact(&wire::uri_user(&guest.invitation.to), &flow, None),
    };
    let Some(dialog) = Dialog::incoming(request, own) else { return };
    let parts = open(shared, guest.line.clone());
    let caller = dialog.remote_tag.clone();
    shared.calls.enter(dialog.key(), parts.call.clone(), parts.ears.clone(), caller);
    let reliable = Reliable::new(&request.headers);
    let headers = request.headers.clone();
    let answering = shared.stack.answering(transaction, parts.ears.clone());
    let incoming = Incoming {
        answering,
        offered: guest.invitation.offer.is_some(),
        reliable,
        replaced: guest.replaced,
        answered: false,
        leaving: None,
    };
    let account = guest.line.as_ref().map(|l| l.key);
    let mut session = Session::new(parts, dialog, flow, Stage::Ringing(Box::new(incoming)), false);
    session.note_abilities(&headers);
    let event = Event::Incoming { call: session.call.clone(), account, invitation: guest.invitation };
    shared.stack.spawn(async move {
        session.respond(100, "", None);
        session.shared.emit(event).await;
        session.run().await;
    });
}

impl Session {
    /// Answers the INVITE that began the call.
    fn respond(&mut self, code: u16, words: &str, sdp: Option<String>) {
        let Stage::Ringing(incoming) = &mut self.stage else { return };
        let mut response =
            self.shared.stack.response(&incoming.answering.request, code, words, &self.dialog.local_tag);
        if code > 100 && code < 300 {
            let contact = self.dialog.contact.to_string();
            dress(&mut response, &incoming.answering.request, &contact);
        }
        if let Some(sdp) = sdp {
            wire::set(&mut response.headers, "Content-Type", "application/sdp");
            response.body = sdp.into_bytes();
            wire::set(&mut response.headers, "Content-Length", response.body.len().to_string());
        }
        if (101..200).contains(&code) && incoming.reliable.wants(!response.body.is_empty()) {
            incoming.reliable.send(response, &incoming.answering, Instant::now());
        } else {
            incoming.answering.respond(response);
        }
    }

    pub(super) fn ring(&mut self) {
        if self.rings() {
            self.respond(180, "", None);
        }
    }

    pub(super) fn progress(&mut self, sdp: String) {
        if self.rings() {
            self.offers.local = sdp.clone();
            self.respond(183, "", Some(sdp));
        }
    }

    /// Whether an INVITE of theirs waits for a final answer.
    pub(super) fn rings(&self) -> bool {
        matches!(&self.stage, Stage::Ringing(incoming) if !incoming.answered)
    }

    pub(super) fn answer(&mut self, sdp: String) {
        let Stage::Ringing(incoming) = &mut self.stage else { return };
        if incoming.answered {
            return;
        }
        // Section 5 of RFC 3262: no final answer before a provisional one with a description was acknowledged.
        if incoming.reliable.is_waiting() {
            incoming.reliable.after = Some(sdp);
            return;
        }
        incoming.answered = true;
        self.offers.local = sdp.clone();
        let request = incoming.answering.request.clone();
        let mut response = self.shared.stack.response(&request, 200, "", &self.dialog.local_tag);
        dress(&mut response, &request, &self.dialog.contact.to_string());
        response.headers.push(wire::header("Allow", ALLOW));
        response.headers.push(wire::header("Supported", SUPPORTED));
        let interval = timer::answer(&request.headers, self.shared.session_interval);
        if let Some((agreed, header)) = &interval {
            response.headers.push(wire::header("Session-Expires", header.clone()));
            if !agreed.we_refresh {
                response.headers.push(wire::header("Require", "timer"));
            }
        }
        wire::set(&mut response.headers, "Content-Type", "application/sdp");
        response.body = sdp.into_bytes();
        wire::set(&mut response.headers, "Content-Length", response.body.len().to_string());
        incoming.answering.respond(response);
        if let Some(call) = incoming.replaced.take() {
            // It may have ended by itself in this moment, and then it is replaced all the same.
            let _ = call.send(Verb::Replaced);
        }
        self.agree_interval(interval.map(|(agreed, _)| agreed));
        let tag = self.dialog.remote_tag.clone().unwrap_or_default();
        self.shared.calls.answered(&self.dialog.key(), &tag);
    }

    /// Refuses a call that rings here.
    pub(super) async fn reject(&mut self, code: u16, words: &str) {
        let Stage::Ringing(incoming) = &mut self.stage else { return };
        if incoming.answered {
            return;
        }
        let mut response =
            self.shared.stack.response(&incoming.answering.request, code, words, &self.dialog.local_tag);
        response.headers.push(wire::header("Reason", reason::write(Some(code), words)));
        incoming.answering.respond(response);
        let words =
            if words.is_empty() { wire::status(code, "").text().to_owned() } else { words.to_owned() };
        self.end(code, words, None, EndedBy::Us).await;
    }

    /// Hangs up a call that we answered and that was not acknowledged yet.
    pub(super) async fn leave_unacknowledged(&mut self, words: &str) {
        let Stage::Ringing(incoming) = &mut self.stage else { return };
        if incoming.leaving.is_some() {
            return;
        }
        incoming.leaving = Some(words.to_owned());
        let words = if words.is_empty() { "hung up" } else { words };
        self.tell(CallEvent::Ended { code: 200, reason: words.into(), cause: None, by: EndedBy::Us }).await;
    }

    pub(super) async fn cancelled(&mut self, why: Option<&str>) {
        if !self.rings() {
            return;
        }
        let Stage::Ringing(incoming) = &self.stage else { return };
        let response =
            self.shared.stack.response(&incoming.answering.request, 487, "", &self.dialog.local_tag);
        incoming.answering.respond(response);
        let why = why.map(reason::read_value).unwrap_or_default();
        let words = why.text.unwrap_or_else(|| "Request Terminated".into());
        self.end(why.code.unwrap_or(487), words, why.cause, EndedBy::Them).await;
    }

    pub(super) async fn acknowledged(&mut self, number: u32, ack: &Request) {
        let sdp = wire::sdp_of(&ack.headers, &ack.body);
        match &mut self.stage {
            Stage::Ringing(incoming) if incoming.answered && incoming.answering.number == number => {
                let (leaving, offered) = (incoming.leaving.take(), incoming.offered);
                self.stage = Stage::Up;
                match leaving {
                    Some(words) => {
                        self.say_bye(&words, None);
                        self.stage = Stage::Over;
                    }
                    None => {
                        self.tell(CallEvent::Acknowledged { sdp: sdp.filter(|_| !offered) }).await;
                        self.reoffer_if_wanted().await;
                    }
                }
            }
            Stage::Up => self.offer_acknowledged(number, sdp).await,
            Stage::Inviting(_) | Stage::Ringing(_) | Stage::Over => (),
        }
    }

    /// A transaction of an INVITE is over: without an ACK the far side never got our answer (section 13.3.1.4).
    pub(super) async fn invite_over(&mut self, number: u32) {
        let Stage::Ringing(incoming) = &self.stage else { return self.offer_over(number) };
        if incoming.answering.number != number {
            return;
        }
        let told = incoming.leaving.is_some();
        if incoming.answered {
            self.say_bye("no ACK", None);
        }
        match told {
            true => self.stage = Stage::Over,
            false => self.end(408, "the answer was not acknowledged".into(), None, EndedBy::Timer).await,
        }
    }
}

/// Adds what makes a dialog: our address and the route that the request recorded (RFC 3261 section 12.1.1).
pub(super) fn dress(response: &mut Response, request: &Request, contact: &str) {
    for route in wire::all(&request.headers, "Record-Route") {
        response.headers.push(wire::header("Record-Route", route));
    }
    response.headers.push(wire::header("Contact", format!("<{contact}>")));
}
