//! Transfers: the far end is handed to somebody else, and the person leaves.
//!
//! The PBX is asked first (REFER, RFC 3515; with Replaces, RFC 3891). Where it does not do it, the two far ends are joined
//! here, and stay joined after the person has left: a [`Pair`].

use super::UserCalls;
use super::finish::{EndCause, Outcome, Side};
use super::ids::{CallId, LegId, Moment};
use super::input::{SipEnd, TransferTo};
use super::limits::{PAIRS, TRANSFER};
use super::line::{Line, Stage, Transfer};
use super::output::{Handed, Output, Refusal, Report, SipCommand};
use domain::ids::AccountNumber;

/// Two far ends that are joined without the person.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) a: Half,
    pub(super) b: Half,
    pub(super) until: Option<Moment>,
}

/// One far end of a pair.
#[derive(Debug, Clone)]
pub(super) struct Half {
    /// The call in the log; the same for both where a number was called for a transfer.
    pub(super) call: CallId,
    pub(super) account: AccountNumber,
    pub(super) leg: LegId,
    pub(super) answered: Moment,
    /// It believes to be held, and has to be told otherwise.
    held: bool,
}

impl UserCalls {
    /// The person hands a far end to a number or to the other line.
    pub(super) fn transfer(&mut self, call: CallId, to: TransferTo, now: Moment) -> Result<(), Refusal> {
        let until = now + TRANSFER;
        let other = self.other_line(call);
        let room = self.pairs.len() < PAIRS;
        let line = self.talking_line(call)?;
        let leg = line.leg.filter(|_| line.transfer.is_none() && room).ok_or(Refusal::NotNow)?;
        match to {
            TransferTo::Number(to) => {
                line.transfer = Some(Transfer::Asked { to: to.clone(), until });
                line.since = now;
                self.command(leg, SipCommand::Refer { to });
                Ok(())
            }
            TransferTo::Line => {
                let account = line.account.number;
                let (other, second) = other.ok_or(Refusal::NotNow)?;
                if self.line(other).is_some_and(|line| line.account.number == account) {
                    if let Some(line) = self.line_mut(call) {
                        line.transfer = Some(Transfer::AskedToJoin { other, until });
                        line.since = now;
                    }
                    self.command(leg, SipCommand::ReferTo { leg: second });
                } else {
                    self.join_lines(call, other, now);
                }
                Ok(())
            }
        }
    }

    /// The other line, where both talk on it.
    fn other_line(&self, call: CallId) -> Option<(CallId, LegId)> {
        let fits = |line: &&Line| {
            line.call != call && line.ended.is_none() && line.talks() && line.transfer.is_none()
        };
        self.lines.iter().find(fits).and_then(|line| Some((line.call, line.leg?)))
    }

    /// The far end, or its PBX, says how a transfer goes that we asked it for.
    pub(super) fn transfer_goes(&mut self, call: CallId, code: u16, now: Moment) {
        let Some(transfer) = self.line(call).and_then(|line| line.transfer.clone()) else { return };
        match (code, transfer) {
            (0..200, _) => self.transfer_moves(call, now),
            (200..300, Transfer::Asked { to, .. }) => self.handed_over(call, to, now),
            (200..300, Transfer::AskedToJoin { other, .. }) => self.lines_handed_over(call, other, now),
            (_, Transfer::Asked { to, .. }) => self.call_instead(call, to, now),
            (_, Transfer::AskedToJoin { other, .. }) => self.join_lines(call, other, now),
            (_, Transfer::Dialling { .. } | Transfer::Theirs { .. }) => {}
        }
    }

    /// The PBX has taken the request and is at it, so it gets as long as a phone may ring.
    fn transfer_moves(&mut self, call: CallId, now: Moment) {
        let limit = now + self.limits.ring;
        if let Some(Transfer::Asked { until, .. } | Transfer::AskedToJoin { until, .. }) =
            self.line_mut(call).and_then(|line| line.transfer.as_mut())
        {
            *until = limit;
        }
    }

    /// The far end talks to somebody else now.
    pub(super) fn handed_over(&mut self, call: CallId, to: String, now: Moment) {
        self.report(call, Report::Transferred { to: Handed::Number(to) });
        self.end(call, Outcome::because(EndCause::Replaced, 200, "Transferred"), now);
    }

    pub(super) fn lines_handed_over(&mut self, call: CallId, other: CallId, now: Moment) {
        self.report(other, Report::Transferred { to: Handed::Call(call) });
        self.report(call, Report::Transferred { to: Handed::Call(other) });
        self.end(call, Outcome::because(EndCause::Replaced, 200, "Transferred"), now);
        self.end(other, Outcome::because(EndCause::Replaced, 200, "Transferred"), now);
    }

    /// The PBX does not transfer: the number is called from here.
    fn call_instead(&mut self, call: CallId, to: String, now: Moment) {
        let leg = self.new_leg();
        let until = now + self.limits.ring;
        let Some(line) = self.line_mut(call) else { return };
        line.transfer = Some(Transfer::Dialling { leg, to: to.clone(), until });
        let account = line.account.number;
        self.command(leg, SipCommand::Dial { call, account, to, referred_by: None });
    }

    /// The number that was called for a transfer has answered.
    pub(super) fn target_answered(&mut self, call: CallId, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        let Some(Transfer::Dialling { leg, to, .. }) = line.transfer.take() else { return };
        let Some(first) = line.leg.take() else { return };
        let account = line.account.number;
        let answered = line.answered.unwrap_or(now);
        let held = line.offered.believes_held();
        self.report(call, Report::Transferred { to: Handed::Number(to) });
        self.stop_recording(call);
        self.leave(call, now);
        let half = |leg, held| Half { call, account, leg, answered, held };
        self.pair(half(first, held), half(leg, false), now);
    }

    /// Joins the far ends of both lines here, and lets the person go.
    fn join_lines(&mut self, call: CallId, other: CallId, now: Moment) {
        if let Some(line) = self.line_mut(call) {
            line.transfer = None;
        }
        let half = |line: &Line| {
            let leg = line.leg.filter(|_| line.talks())?;
            let answered = line.answered.unwrap_or(now);
            let (account, held) = (line.account.number, line.offered.believes_held());
            Some(Half { call: line.call, account, leg, answered, held })
        };
        let first = self.line(call).and_then(half);
        let second = self.line(other).and_then(half);
        let (Some(a), Some(b)) = (first, second) else {
            return self.tell_transfer_failed(call);
        };
        self.report(call, Report::Transferred { to: Handed::Call(other) });
        self.report(other, Report::Transferred { to: Handed::Call(call) });
        for call in [call, other] {
            self.stop_recording(call);
            if let Some(line) = self.line_mut(call) {
                line.leg = None;
            }
            self.leave(call, now);
        }
        self.pair(a, b, now);
    }

    /// Somebody takes the place of one of two far ends that are joined here.
    pub(super) fn replaced_in_pair(&mut self, index: usize, old: LegId, new: LegId) {
        let Some(pair) = self.pairs.get_mut(index) else { return };
        for half in [&mut pair.a, &mut pair.b].into_iter().filter(|half| half.leg == old) {
            (half.leg, half.held) = (new, false);
        }
    }

    fn pair(&mut self, a: Half, b: Half, now: Moment) {
        let until = self.limits.max_length.map(|length| a.answered.min(b.answered).max(now) + length);
        for half in [&a, &b].into_iter().filter(|half| half.held) {
            self.outputs.push_back(Output::Sip { leg: half.leg, command: SipCommand::Hold(false) });
        }
        self.pairs.push(Pair { a, b, until });
    }

    /// The person is no longer in this call, which goes on without them.
    fn leave(&mut self, call: CallId, now: Moment) {
        if let Some(line) = self.line_mut(call) {
            line.ended = Some(Outcome::because(EndCause::Replaced, 200, "Transferred"));
            line.since = now;
        }
        self.step_off(call);
    }

    /// A transfer came to nothing: the person has the far end back.
    pub(super) fn transfer_failed(&mut self, call: CallId) {
        let Some(line) = self.line_mut(call) else { return };
        if let Some(Transfer::Dialling { leg, .. } | Transfer::Theirs { leg, .. }) = line.transfer.take() {
            self.command(leg, SipCommand::HangUp);
        }
        self.tell_transfer_failed(call);
    }

    pub(super) fn tell_transfer_failed(&mut self, call: CallId) {
        if let Some(phone) = self.at_phone() {
            let why = Refusal::TransferFailed;
            self.outputs.push_back(Output::Refuse { phone, of: "transfer", call: Some(call), why });
        }
    }

    /// The far end wants us to call somebody in its place. Only in a talk, and only one at a time.
    pub(super) fn transfer_asked(&mut self, call: CallId, by: LegId, to: String, now: Moment) {
        let until = now + self.limits.ring;
        let leg = self.new_leg();
        let fits = self.line_mut(call).filter(|line| line.talks() && line.transfer.is_none());
        let Some(line) = fits else {
            return self.command(by, SipCommand::RefuseTransfer { code: 603 });
        };
        line.transfer = Some(Transfer::Theirs { leg, to: to.clone(), until });
        let account = line.account.number;
        self.command(by, SipCommand::AcceptTransfer);
        self.command(leg, SipCommand::Dial { call, account, to, referred_by: Some(by) });
    }

    /// Somebody whom the far end sent us to has answered, and takes its place.
    pub(super) fn new_far_end(&mut self, call: CallId, telephone_event: bool, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        let Some(Transfer::Theirs { leg, to, .. }) = line.transfer.take() else { return };
        let old = line.leg.replace(leg);
        line.telephone_event = telephone_event;
        line.they_hold = false;
        line.offered = super::line::Offered::default();
        line.number = super::caller::number(&to);
        line.name = None;
        if let Some(old) = old {
            self.command(old, SipCommand::TransferDone { code: 200 });
            self.command(old, SipCommand::HangUp);
        }
        self.report(call, Report::Transferred { to: Handed::Number(to) });
        self.joined(call, now);
    }

    /// A dialog that was made for a transfer ended before it was answered.
    pub(super) fn target_failed(&mut self, call: CallId, end: &SipEnd, now: Moment) {
        let Some(line) = self.line_mut(call) else { return };
        let old = line.leg;
        match line.transfer.take() {
            Some(Transfer::Theirs { .. }) => match old {
                Some(old) => self.command(old, SipCommand::TransferDone { code: end.code.max(300) }),
                None => self.end(call, Outcome::of_unanswered(end), now),
            },
            Some(Transfer::Dialling { .. }) => self.tell_transfer_failed(call),
            Some(Transfer::Asked { .. } | Transfer::AskedToJoin { .. }) | None => {}
        }
    }

    /// The main dialog of a line ended. Where a transfer was under way, that may be what it led to.
    pub(super) fn far_end_gone(&mut self, call: CallId, end: &SipEnd, now: Moment) {
        // A far end that took our place on this line has hung up what it does not need any longer.
        let joining = |line: &&Line| matches!(line.transfer, Some(Transfer::AskedToJoin { other, .. }) if other == call);
        let first = self.lines.iter().find(joining).map(|line| line.call);
        self.stop_recording(call);
        let Some(line) = self.line_mut(call) else { return };
        line.leg = None;
        if let Some(first) = first.filter(|_| end.code < 300) {
            return self.lines_handed_over(first, call, now);
        }
        match (line.transfer.clone(), &line.stage) {
            (Some(Transfer::Asked { to, .. }), _) => self.handed_over(call, to, now),
            (Some(Transfer::AskedToJoin { other, .. }), _) => self.lines_handed_over(call, other, now),
            // It sent us on and left; the call goes on with whoever answers.
            (Some(Transfer::Theirs { .. }), _) => {}
            (Some(Transfer::Dialling { .. }) | None, Stage::Talking { .. }) => {
                self.end(call, Outcome::of_talk(end), now);
            }
            (_, Stage::Ringing { .. }) => self.end(call, Outcome::of_withdrawn(end), now),
            (_, Stage::Dialling { .. } | Stage::Wanted { .. }) => self.dial_failed(call, end, now),
        }
    }

    /// One far end of a pair is gone, so the other one is let go.
    pub(super) fn pair_ended(&mut self, index: usize, gone: Option<LegId>, cause: EndCause, now: Moment) {
        let pair = self.pairs.remove(index);
        let outcome = match cause {
            EndCause::Hangup { by: Side::FarEnd } => Outcome::new(cause, 200),
            EndCause::Hangup { by: Side::User }
            | EndCause::Declined
            | EndCause::Busy
            | EndCause::Missed
            | EndCause::Cancelled
            | EndCause::Failed
            | EndCause::Lost
            | EndCause::Replaced => Outcome::because(cause, 503, "The call was ended"),
        };
        let one_call = pair.a.call == pair.b.call;
        for (half, second) in [(pair.a, false), (pair.b, true)] {
            if gone != Some(half.leg) {
                self.command(half.leg, SipCommand::HangUp);
            }
            if !(second && one_call) {
                let talked = Some(now.saturating_sub(half.answered));
                let report = Report::Ended { outcome: outcome.clone(), talked };
                self.outputs.push_back(Output::Report { call: half.call, account: half.account, report });
            }
        }
    }

    /// Which pair a dialog belongs to.
    pub(super) fn pair_of(&self, leg: LegId) -> Option<usize> {
        self.pairs.iter().position(|pair| pair.a.leg == leg || pair.b.leg == leg)
    }

    /// What another line was to be joined with is over, so the transfer is.
    pub(super) fn forget_transfers_to(&mut self, over: CallId) {
        let of =
            |line: &Line| matches!(line.transfer, Some(Transfer::AskedToJoin { other, .. }) if other == over);
        for line in self.lines.iter_mut().filter(|line| of(line)) {
            line.transfer = None;
        }
    }
}
