//! Calls that the person makes: asked for in the chat or dialled at a phone, up to the far end's answer.

use super::UserCalls;
use super::finish::{EndCause, Outcome};
use super::ids::{CallId, Moment, PhoneId};
use super::input::{Order, SipEnd};
use super::limits::LINES;
use super::line::{Direction, Line, Stage};
use super::output::{Output, Refusal, Report, SipCommand};
use super::phones::UserLeg;
use domain::call::Awaited;

impl UserCalls {
    /// A phone dials. The call begins at once; the log learns of it as soon as it can.
    pub(super) fn dialled(&mut self, phone: PhoneId, order: Order, now: Moment) {
        let call = Some(order.call);
        let refusal = if self.knows(order.call) {
            Some(Refusal::NotNow)
        } else if self.open_lines() >= LINES {
            Some(Refusal::BothLinesTaken)
        } else if !self.has_sound(phone) {
            Some(Refusal::NoSound)
        } else {
            None
        };
        if let Some(why) = refusal {
            self.outputs.push_back(Output::Refuse { phone, of: "dial", call, why });
            return;
        }
        let report = Report::Requested { number: order.number.clone(), dialled: order.dialled.clone() };
        let call = self.take_order(order, Stage::Wanted { rings: false, until: now }, now);
        self.report(call, report);
        self.attach(phone);
        self.dial(call, now);
    }

    /// The chat asked for a call.
    pub(super) fn requested(&mut self, order: Order, callback: bool, now: Moment) {
        if self.knows(order.call) {
            return;
        }
        let room = self.open_lines() < LINES;
        let window = self.limits.call_window;
        let limit = if callback { self.limits.ring } else { window };
        let call = self.take_order(order, Stage::Wanted { rings: callback, until: now + limit }, now);
        self.report(call, Report::Taken);
        if !callback {
            let why = Awaited::CallbackOff;
            self.report(call, Report::Awaited { within: window, why, retry_after: None });
        }
        if !room {
            self.end(call, Outcome::because(EndCause::Busy, 486, "Both lines are taken"), now);
            return;
        }
        // Whoever talks already need not be rung.
        if let UserLeg::Up { .. } = self.leg {
            self.dial(call, now);
        }
    }

    /// The person calls, or opens a phone for the call that waits.
    pub(super) fn picked_up(&mut self, phone: PhoneId, now: Moment) {
        let waiting = self.lines.iter().find(|line| line.waits_for_person()).map(|line| line.call);
        let done = match waiting {
            Some(call) => self.answer(Some(phone), call, now),
            None => Err(Refusal::NoSuchCall),
        };
        if let Err(why) = done {
            self.outputs.push_back(Output::Refuse { phone, of: "dial", call: waiting, why });
        }
    }

    fn take_order(&mut self, order: Order, stage: Stage, now: Moment) -> CallId {
        let mut line = Line::new(order.call, self.free_slot(), Direction::Out, order.account, stage);
        line.number = super::caller::number(&order.number);
        line.dialled = order.dialled;
        line.since = now;
        self.lines.push(line);
        order.call
    }

    /// Calls the far end of a line whose person is there.
    pub(super) fn dial(&mut self, call: CallId, now: Moment) {
        let leg = self.new_leg();
        let until = now + self.limits.ring;
        self.put_aside_all_but(call);
        self.active = Some(call);
        let Some(line) = self.line_mut(call) else { return };
        line.stage = Stage::Dialling { alerting: false, early: false, until };
        line.since = now;
        line.leg = Some(leg);
        let (account, to) = (line.account.number, line.dialled.clone());
        self.report(call, Report::Dialled);
        self.command(leg, SipCommand::Dial { call, account, to, referred_by: None });
    }

    pub(super) fn far_end_rings(&mut self, call: CallId, sound: bool, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        let Stage::Dialling { alerting, early, .. } = &mut line.stage else { return };
        *early |= sound;
        if !*alerting {
            *alerting = true;
            line.since = now;
            self.report(call, Report::Rang);
        }
    }

    pub(super) fn far_end_answered(&mut self, call: CallId, telephone_event: bool, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        line.telephone_event = telephone_event;
        if let Stage::Dialling { .. } = line.stage {
            self.joined(call, now);
        }
    }

    /// Both sides have answered.
    pub(super) fn joined(&mut self, call: CallId, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        line.stage = Stage::Talking { since: now };
        line.since = now;
        if line.answered.is_none() {
            line.answered = Some(now);
            self.report(call, Report::Answered);
            self.record_automatically(call, now);
        }
    }

    /// The far end of a call that was never answered is gone.
    pub(super) fn dial_failed(&mut self, call: CallId, end: &SipEnd, now: Moment) {
        self.end(call, Outcome::of_unanswered(end), now);
    }
}
