//! What follows from every step: SIP events find their line, deadlines pass, what is over is taken away, and what
//! changed is told.

use super::UserCalls;
use super::finish::{EndCause, Outcome, Side};
use super::ids::{CallId, LegId, Moment};
use super::input::{SipEnd, SipEvent};
use super::line::{Line, Stage, Transfer};
use super::output::{Output, Report, SipCommand};
use super::phones::UserLeg;
use super::recording::Recording;

impl UserCalls {
    /// Something happened in a dialog.
    pub(super) fn sip(&mut self, leg: LegId, event: SipEvent, now: Moment) {
        if let Some(index) = self.pair_of(leg) {
            return self.sip_of_pair(index, leg, event, now);
        }
        let found = self.lines.iter().find(|line| line.ended.is_none() && line.legs().any(|it| it == leg));
        let Some(line) = found else { return };
        let call = line.call;
        if line.leg == Some(leg) {
            self.sip_of_line(call, leg, event, now);
        } else {
            self.sip_of_target(call, event, now);
        }
    }

    fn sip_of_line(&mut self, call: CallId, leg: LegId, event: SipEvent, now: Moment) {
        match event {
            SipEvent::Ringing => self.far_end_rings(call, false, now),
            SipEvent::EarlyMedia => self.far_end_rings(call, true, now),
            SipEvent::Answered { telephone_event } => self.far_end_answered(call, telephone_event, now),
            SipEvent::FarHold { on } => {
                if let Some(line) = self.line_mut(call) {
                    line.they_hold = on;
                }
            }
            SipEvent::HoldAnswered { done } => self.hold_answered(call, done),
            SipEvent::TransferAsked { to } => self.transfer_asked(call, leg, to, now),
            SipEvent::TransferProgress { code } => self.transfer_goes(call, code, now),
            SipEvent::Ended(end) => self.far_end_gone(call, &end, now),
        }
    }

    /// The dialog that is made for a transfer.
    fn sip_of_target(&mut self, call: CallId, event: SipEvent, now: Moment) {
        match event {
            SipEvent::Answered { telephone_event } => {
                match self.line(call).and_then(|line| line.transfer.clone()) {
                    Some(Transfer::Dialling { .. }) => self.target_answered(call, now),
                    Some(Transfer::Theirs { .. }) => self.new_far_end(call, telephone_event, now),
                    Some(Transfer::Asked { .. } | Transfer::AskedToJoin { .. }) | None => {}
                }
            }
            SipEvent::Ended(end) => self.target_failed(call, &end, now),
            SipEvent::Ringing
            | SipEvent::EarlyMedia
            | SipEvent::FarHold { .. }
            | SipEvent::HoldAnswered { .. }
            | SipEvent::TransferAsked { .. }
            | SipEvent::TransferProgress { .. } => {}
        }
    }

    fn sip_of_pair(&mut self, index: usize, leg: LegId, event: SipEvent, now: Moment) {
        match event {
            SipEvent::Ended(_) => {
                self.pair_ended(index, Some(leg), EndCause::Hangup { by: Side::FarEnd }, now)
            }
            SipEvent::TransferAsked { .. } => self.command(leg, SipCommand::RefuseTransfer { code: 603 }),
            SipEvent::Ringing
            | SipEvent::EarlyMedia
            | SipEvent::Answered { .. }
            | SipEvent::FarHold { .. }
            | SipEvent::HoldAnswered { .. }
            | SipEvent::TransferProgress { .. } => {}
        }
    }

    fn hold_answered(&mut self, call: CallId, done: bool) {
        let Some(line) = self.line_mut(call) else { return };
        match line.offered.asking.take() {
            Some(hold) if done => line.offered.hold = hold,
            // It plays no part: held callers hear music in any case. Asking again would be refused again.
            Some(_) => line.offered.refused = true,
            None => {}
        }
    }

    /// Nothing came from a far end for long: it is taken for gone. One that holds us, or is held, may be silent.
    pub(super) fn silent(&mut self, leg: LegId, now: Moment) {
        if let Some(index) = self.pair_of(leg) {
            return self.pair_ended(index, None, EndCause::Failed, now);
        }
        let gone = |line: &&Line| {
            line.leg == Some(leg)
                && line.talks()
                && !line.they_hold
                && !line.offered.hold
                && line.transfer.is_none()
        };
        if let Some(call) = self.lines.iter().find(gone).map(|line| line.call) {
            self.end(call, Outcome::because(EndCause::Failed, 408, "No sound from the far end"), now);
        }
    }

    /// Time went on.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.give_up_lost(now);
        for call in self.lines.iter().map(|line| line.call).collect::<Vec<_>>() {
            self.pass(call, now);
        }
        while let Some(index) =
            self.pairs.iter().position(|pair| pair.until.is_some_and(|until| until <= now))
        {
            self.pair_ended(index, None, EndCause::Failed, now);
        }
        self.settle(now);
    }

    /// When [`UserCalls::handle_timeout`] is wanted next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Moment> {
        let lost = match self.leg {
            UserLeg::Lost { until } => Some(until),
            UserLeg::Idle | UserLeg::Up { .. } => None,
        };
        let lines = self.lines.iter().flat_map(|line| line.deadlines().chain(self.longest(line)));
        let pairs = self.pairs.iter().filter_map(|pair| pair.until);
        lines.chain(pairs).chain(lost).chain(self.summons_due()).min()
    }

    fn longest(&self, line: &Line) -> Option<Moment> {
        Some(line.answered? + self.limits.max_length?)
    }

    /// The deadlines of one line.
    fn pass(&mut self, call: CallId, now: Moment) {
        let Some(line) = self.line(call) else { return };
        let reachable = self.is_reachable_for(line);
        let unreached = |else_: Outcome| line.unreachable.clone().unwrap_or(else_);
        let over = match line.stage {
            Stage::Wanted { until, .. } if until <= now => {
                Some(unreached(Outcome::because(EndCause::Missed, 480, "You did not pick up")))
            }
            Stage::Ringing { until, .. } if until <= now => Some(Outcome::new(EndCause::Missed, 480)),
            Stage::Ringing { alone_until, .. } if alone_until <= now && !reachable => {
                Some(unreached(Outcome::new(EndCause::Missed, 480)))
            }
            Stage::Dialling { until, .. } if until <= now => {
                Some(Outcome::because(EndCause::Missed, 408, "No answer"))
            }
            Stage::Talking { .. } if self.longest(line).is_some_and(|until| until <= now) => {
                Some(Outcome::because(EndCause::Failed, 402, "The call is as long as calls may be"))
            }
            Stage::Wanted { .. } | Stage::Ringing { .. } | Stage::Dialling { .. } | Stage::Talking { .. } => {
                None
            }
        };
        if let Some(outcome) = over {
            return self.end(call, outcome, now);
        }
        if matches!(&line.recording, Recording::On { until, .. } if *until <= now) {
            self.stop_recording(call);
        }
        self.nobody_is_alone(call, now);
        self.pass_transfer(call, now);
    }

    /// Somebody can be reached again before a caller was sent away for it.
    fn nobody_is_alone(&mut self, call: CallId, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        if let Stage::Ringing { until, alone_until } = &mut line.stage
            && *alone_until <= now
        {
            *alone_until = *until;
        }
    }

    fn pass_transfer(&mut self, call: CallId, now: Moment) {
        match self.line(call).and_then(|line| line.transfer.clone()) {
            Some(Transfer::Asked { until, .. } | Transfer::AskedToJoin { until, .. }) if until <= now => {
                self.transfer_goes(call, 408, now);
            }
            Some(Transfer::Dialling { until, .. }) if until <= now => self.transfer_failed(call),
            Some(Transfer::Theirs { until, leg, .. }) if until <= now => {
                self.command(leg, SipCommand::HangUp);
                let code = 408;
                self.target_failed(
                    call,
                    &SipEnd { code, reason: String::new(), q850: None, timeout: true },
                    now,
                );
            }
            Some(
                Transfer::Asked { .. }
                | Transfer::AskedToJoin { .. }
                | Transfer::Dialling { .. }
                | Transfer::Theirs { .. },
            )
            | None => {}
        }
    }

    /// A call is over for the person: its dialogs are ended, and the log is told, once.
    pub(super) fn end(&mut self, call: CallId, outcome: Outcome, now: Moment) {
        self.stop_recording(call);
        let Some(line) = self.line_mut(call) else { return };
        let unanswered = matches!(line.stage, Stage::Ringing { .. });
        // Why the person could not be called is their affair; to the caller they are not there.
        let code = if line.unreachable.as_ref() == Some(&outcome) { 480 } else { outcome.code };
        let legs: Vec<LegId> = line.legs().collect();
        line.ended = Some(outcome.clone());
        line.since = now;
        let talked = line.answered.map(|answered| now.saturating_sub(answered));
        for leg in legs {
            let reject = SipCommand::Reject { code };
            self.command(leg, if unanswered { reject } else { SipCommand::HangUp });
        }
        self.report(call, Report::Ended { outcome, talked });
        self.forget_transfers_to(call);
        self.step_off(call);
    }

    /// The process ends: everything is ended in good order.
    pub(super) fn close(&mut self, now: Moment) {
        for call in self.lines.iter().map(|line| line.call).collect::<Vec<_>>() {
            self.end(call, Outcome::because(EndCause::Failed, 503, "The gateway is closing"), now);
        }
        while !self.pairs.is_empty() {
            self.pair_ended(0, None, EndCause::Failed, now);
        }
    }

    /// Everything that follows from the state alone.
    pub(super) fn settle(&mut self, now: Moment) {
        self.settle_leg(now);
        self.settle_summons(now);
        self.settle_keys(now);
        self.settle_hold();
        self.settle_views();
        self.lines.retain(|line| line.ended.is_none());
        self.settle_sound();
    }

    fn settle_keys(&mut self, now: Moment) {
        let keys: Vec<Output> = self.lines.iter_mut().flat_map(|line| line.send_keys(now)).collect();
        self.outputs.extend(keys);
    }

    /// Tells far ends by re-INVITE, and the log, who is held.
    fn settle_hold(&mut self) {
        let lost = matches!(self.leg, UserLeg::Lost { .. });
        let mut outputs = Vec::new();
        for line in self.lines.iter_mut().filter(|line| line.ended.is_none() && line.talks()) {
            let held = line.is_held();
            let hold = held || line.waits_for_transfer() || lost;
            let free = line.offered.asking.is_none() && !line.offered.refused && line.transfer.is_none();
            if let Some(leg) = line.leg.filter(|_| free && line.offered.hold != hold) {
                line.offered.asking = Some(hold);
                outputs.push(Output::Sip { leg, command: SipCommand::Hold(hold) });
            }
            if line.reported_held != held {
                line.reported_held = held;
                let report = if held { Report::Held } else { Report::Resumed };
                let (call, account) = (line.call, line.account.number);
                outputs.push(Output::Report { call, account, report });
            }
        }
        self.outputs.extend(outputs);
    }
}
