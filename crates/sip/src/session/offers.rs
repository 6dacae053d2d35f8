//! Changes of a session that runs: re-INVITE and UPDATE both ways, and what happens when both sides want one
//! (RFC 3261 section 14, RFC 3311).

use super::incoming::dress;
use super::{Session, Stage, timer};
use crate::agent::{ALLOW, SUPPORTED};
use crate::auth::Verdict;
use crate::event::{CallEvent, EndedBy};
use crate::stack::{Answering, branch};
use crate::transport::Flow;
use crate::wire::{self, Headers, Method, Request, Response};
use rand::Rng as _;
use rsipstack::transaction::transaction::Transaction;
use std::time::Duration;
use tokio::time::Instant;

/// How long the application may take to answer an offer before it is refused for it.
const DECIDE: Duration = Duration::from_secs(20);
/// INVITEs sent for one offer.
const TRIES: u8 = 4;

/// Offers under way.
#[derive(Default)]
pub(super) struct Offers {
    /// Our last description.
    pub(super) local: String,
    ours: Option<Ours>,
    theirs: Option<Theirs>,
    /// The offer to make when nothing else is under way; only the newest counts.
    wanted: Option<Wanted>,
}

struct Ours {
    number: u32,
    sent: Headers,
    offer: Wanted,
}

#[derive(Debug, Clone)]
struct Wanted {
    sdp: String,
    /// Only to refresh the session: nobody is told.
    quiet: bool,
    tries: u8,
    /// After a collision: not before.
    at: Option<Instant>,
}

struct Theirs {
    by: Asked,
    /// They asked for our offer; their answer comes with ACK.
    empty: bool,
    answered: bool,
    until: Instant,
}

/// How an offer came.
enum Asked {
    Invite(Box<Answering>),
    Update(Box<Transaction>),
}

impl Offers {
    pub(super) fn wake(&self) -> Option<Instant> {
        let theirs = self.theirs.as_ref().filter(|t| !t.answered).map(|t| t.until);
        let again = self.wanted.as_ref().and_then(|w| w.at);
        [theirs, again].into_iter().flatten().min()
    }
}

/// How long to wait after a collision: whoever made the call waits longer (RFC 3261 section 14.1).
fn glare_pause(caller: bool, random: u64) -> Duration {
    let (least, steps) = if caller { (2100, 190) } else { (0, 200) };
    Duration::from_millis(least + 10 * (random % (steps + 1)))
}

/// The few seconds that a far side wants which has another offer of ours to decide about (RFC 3261 section 14.2).
fn asks_to_wait(response: &Response) -> Option<Duration> {
    wire::number::<u64>(&response.headers, "Retry-After").filter(|s| *s <= 10).map(Duration::from_secs)
}

impl Session {
    pub(super) async fn reoffer(&mut self, sdp: String) {
        self.offers.wanted = Some(Wanted { sdp, quiet: false, tries: 0, at: None });
        self.reoffer_if_wanted().await;
    }

    pub(super) async fn refresh_by_invite(&mut self) {
        if self.offers.wanted.is_none() {
            let sdp = self.offers.local.clone();
            self.offers.wanted = Some(Wanted { sdp, quiet: true, tries: 0, at: None });
        }
        self.reoffer_if_wanted().await;
    }

    /// Makes the offer that waits, where nothing else is under way.
    pub(super) async fn reoffer_if_wanted(&mut self) {
        let free = self.offers.ours.is_none() && self.offers.theirs.is_none();
        let due = self.offers.wanted.as_ref().is_some_and(|w| w.at.is_none_or(|at| at <= Instant::now()));
        if !free || !due || !matches!(self.stage, Stage::Up) {
            return;
        }
        let Some(mut offer) = self.offers.wanted.take() else { return };
        offer.tries += 1;
        offer.at = None;
        let mut request = self.dialog.request(Method::Invite);
        let mut add = |name: &str, value: String| request.headers.push(wire::header(name, value));
        add("Allow", ALLOW.into());
        add("Supported", SUPPORTED.into());
        if let Some((agreed, _)) = &self.interval {
            add("Session-Expires", agreed.as_client());
            add("Min-SE", timer::MIN_SE.into());
        }
        add("Content-Type", "application/sdp".into());
        request.body = offer.sdp.clone().into_bytes();
        self.sign(&mut request);
        let number = wire::cseq(&request.headers).unwrap_or(0);
        let way = self.way().await;
        self.offers.ours = Some(Ours { number, sent: request.headers.clone(), offer });
        self.shared.stack.invite(request, way, &branch(), self.ears.clone());
    }

    pub(super) async fn reoffer_answered(&mut self, number: u32, response: Response) {
        let code = response.status_code.code();
        if code < 200 || self.offers.ours.as_ref().is_none_or(|o| o.number != number) {
            return;
        }
        let Some(ours) = self.offers.ours.take() else { return };
        match code {
            200..=299 => self.reoffer_taken(ours, response).await,
            401 | 407 if ours.offer.tries < TRIES && self.learn(&response, &ours.sent) == Verdict::Again => {
                self.offers.wanted.get_or_insert(ours.offer);
            }
            491 | 500 if ours.offer.tries < TRIES && (code == 491 || asks_to_wait(&response).is_some()) => {
                let pause = match code {
                    491 => glare_pause(self.caller, rand::rng().random()),
                    _ => asks_to_wait(&response).unwrap_or_default(),
                };
                let again = Wanted { at: Some(Instant::now() + pause), ..ours.offer };
                self.offers.wanted.get_or_insert(again);
            }
            408 | 481 => {
                self.say_bye("the far side does not know the call any more", None);
                return self.end(code, wire::reason_of(&response), None, EndedBy::Timer).await;
            }
            _ if ours.offer.quiet => (),
            _ => self.tell(CallEvent::ReofferRefused { code, reason: wire::reason_of(&response) }).await,
        }
        self.reoffer_if_wanted().await;
    }

    async fn reoffer_taken(&mut self, ours: Ours, response: Response) {
        self.dialog.retarget(&response.headers);
        self.note_abilities(&response.headers);
        self.acknowledge(ours.number, Some(&ours.sent)).await;
        let agreed = timer::from_answer(&response.headers);
        if agreed.is_some() || self.interval.is_none() {
            self.agree_interval(agreed);
        }
        self.offers.local = ours.offer.sdp;
        if let (Some(sdp), false) = (wire::sdp_of(&response.headers, &response.body), ours.offer.quiet) {
            self.tell(CallEvent::ReofferAnswered { sdp }).await;
        }
    }

    pub(super) async fn reoffer_failed(&mut self, number: u32, code: u16, words: String) {
        if self.offers.ours.as_ref().is_none_or(|o| o.number != number) {
            return;
        }
        let Some(ours) = self.offers.ours.take() else { return };
        if ours.offer.quiet {
            return;
        }
        self.tell(CallEvent::ReofferRefused { code, reason: words }).await;
    }

    /// A re-INVITE or UPDATE.
    pub(super) async fn offered(&mut self, transaction: Box<Transaction>, flow: Flow) {
        let request = transaction.original.clone();
        if let Some(code) = self.collides(&request) {
            let mut response = self.shared.stack.response(&request, code, "", &self.dialog.local_tag);
            if code == 500 {
                let pause: u8 = rand::rng().random_range(0..=10);
                response.headers.push(wire::header("Retry-After", pause.to_string()));
            }
            return self.shared.stack.reply(transaction, response);
        }
        if wire::number::<u32>(&request.headers, "Session-Expires").is_some_and(|s| s < timer::SHORTEST) {
            let mut response = self.shared.stack.response(&request, 422, "", &self.dialog.local_tag);
            response.headers.push(wire::header("Min-SE", timer::MIN_SE));
            return self.shared.stack.reply(transaction, response);
        }
        self.dialog.retarget(&request.headers);
        self.note_abilities(&request.headers);
        self.flow = flow;
        let sdp = wire::sdp_of(&request.headers, &request.body);
        let by = if request.method != Method::Update {
            Asked::Invite(Box::new(self.shared.stack.answering(*transaction, self.ears.clone())))
        } else if sdp.is_some() {
            Asked::Update(transaction)
        } else {
            let response = self.agreement(&request, None);
            return self.shared.stack.reply(transaction, response);
        };
        let until = Instant::now() + DECIDE;
        self.offers.theirs = Some(Theirs { by, empty: sdp.is_none(), answered: false, until });
        self.tell(CallEvent::Reoffered { sdp }).await;
    }

    /// The refusal where another offer is under way (RFC 3261 section 14.2, RFC 3311 section 5.2).
    fn collides(&self, request: &Request) -> Option<u16> {
        let offers = request.method == Method::Invite || !request.body.is_empty();
        if !offers {
            return None;
        }
        match &self.offers.theirs {
            Some(theirs) if !theirs.answered => return Some(500),
            // Their answer to the offer that they asked for is still to come with the ACK.
            Some(theirs) if theirs.empty => return Some(491),
            Some(_) | None => (),
        }
        let early = !matches!(self.stage, Stage::Up) && request.method == Method::Invite;
        (self.offers.ours.is_some() || early).then_some(491)
    }

    pub(super) fn answer_offer(&mut self, sdp: String) {
        let Some(mut theirs) = self.offers.theirs.take() else { return };
        if theirs.answered {
            self.offers.theirs = Some(theirs);
            return;
        }
        self.offers.local = sdp.clone();
        match theirs.by {
            Asked::Update(transaction) => {
                let response = self.agreement(&transaction.original, Some(sdp));
                self.shared.stack.reply(transaction, response);
            }
            Asked::Invite(answering) => {
                let response = self.agreement(&answering.request, Some(sdp));
                answering.respond(response);
                theirs.answered = true;
                theirs.by = Asked::Invite(answering);
                self.offers.theirs = Some(theirs);
            }
        }
    }

    pub(super) fn refuse_offer(&mut self, code: u16) {
        let Some(theirs) = self.offers.theirs.take_if(|t| !t.answered) else { return };
        match theirs.by {
            Asked::Update(transaction) => {
                let response =
                    self.shared.stack.response(&transaction.original, code, "", &self.dialog.local_tag);
                self.shared.stack.reply(transaction, response);
            }
            Asked::Invite(answering) => {
                let response =
                    self.shared.stack.response(&answering.request, code, "", &self.dialog.local_tag);
                answering.respond(response);
            }
        }
    }

    /// 200 to a re-INVITE or UPDATE.
    fn agreement(&mut self, request: &Request, sdp: Option<String>) -> Response {
        let mut response = self.shared.stack.response(request, 200, "", &self.dialog.local_tag);
        dress(&mut response, request, &self.dialog.contact.to_string());
        response.headers.push(wire::header("Allow", ALLOW));
        response.headers.push(wire::header("Supported", SUPPORTED));
        let wanted = self.interval.and(self.shared.session_interval);
        if let Some((agreed, header)) = timer::answer(&request.headers, wanted) {
            response.headers.push(wire::header("Session-Expires", header));
            if !agreed.we_refresh {
                response.headers.push(wire::header("Require", "timer"));
            }
            self.agree_interval(Some(agreed));
        }
        if let Some(sdp) = sdp {
            response.headers.push(wire::header("Content-Type", "application/sdp"));
            response.body = sdp.into_bytes();
            wire::set(&mut response.headers, "Content-Length", response.body.len().to_string());
        }
        response
    }

    pub(super) async fn offer_acknowledged(&mut self, number: u32, sdp: Option<String>) {
        let its = |t: &Theirs| matches!(&t.by, Asked::Invite(a) if a.number == number);
        let Some(theirs) = self.offers.theirs.take_if(|t| t.answered && its(t)) else { return };
        if let (true, Some(sdp)) = (theirs.empty, sdp) {
            self.tell(CallEvent::ReofferAnswered { sdp }).await;
        }
        self.reoffer_if_wanted().await;
    }

    pub(super) async fn offers_due(&mut self, now: Instant) {
        if self.offers.theirs.as_ref().is_some_and(|t| !t.answered && t.until <= now) {
            self.refuse_offer(488);
        }
        self.reoffer_if_wanted().await;
    }

    /// The transaction of a re-INVITE is over, acknowledged or not.
    pub(super) fn offer_over(&mut self, number: u32) {
        let its = |t: &mut Theirs| matches!(&t.by, Asked::Invite(a) if a.number == number);
        self.offers.theirs.take_if(its);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_made_the_call_waits_longer_after_a_collision() {
        for random in [0, 7, 190, 12_345_678_901] {
            let caller = glare_pause(true, random).as_millis();
            let called = glare_pause(false, random).as_millis();
            assert!((2100..=4000).contains(&caller) && called <= 2000, "{caller} {called}");
            assert_eq!(caller % 10, 0);
        }
    }
}
