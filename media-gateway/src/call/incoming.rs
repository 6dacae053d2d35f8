//! Calls that come in, up to the person's answer.

use super::UserCalls;
use super::finish::{EndCause, Outcome};
use super::ids::{CallId, LegId, Moment, PhoneId};
use super::input::Invitation;
use super::limits::LINES;
use super::line::{Direction, Line, Stage};
use super::output::{Refusal, Report, SipCommand};

impl UserCalls {
    /// Somebody calls: every phone of the person rings, or the caller is told why not.
    pub(super) fn invited(&mut self, invitation: Invitation, leg: LegId, now: Moment) {
        let open = self.open_lines();
        let busy = open >= LINES || (open > 0 && !self.limits.parallel_calls);
        let until = now + self.limits.ring;
        let alone_until = if self.is_reachable() { until } else { now + self.limits.wait_for_phone };
        let Invitation { call, account, number, name } = invitation;
        let stage = Stage::Ringing { until, alone_until };
        let mut line = Line::new(call, self.free_slot(), Direction::In, account, stage);
        (line.number, line.name, line.leg, line.since) = (number, name, Some(leg), now);
        let report = Report::Offered { from: line.number.clone(), name: line.name.clone() };
        self.lines.push(line);
        self.report(call, report);
        if busy {
            self.end(call, Outcome::new(EndCause::Busy, 486), now);
        } else if alone_until <= now {
            self.end(call, Outcome::new(EndCause::Missed, 480), now);
        } else {
            self.command(leg, SipCommand::Ring);
        }
    }

    /// The person answers a call that rings, or picks up for one that they asked for.
    pub(super) fn answer(
        &mut self,
        phone: Option<PhoneId>,
        call: CallId,
        now: Moment,
    ) -> Result<(), Refusal> {
        let line = self.line(call).ok_or(Refusal::NoSuchCall)?;
        if !line.waits_for_person() {
            // Somebody who comes back after their phone was lost may say so by answering.
            return if line.talks() { self.resume(phone, call) } else { Err(Refusal::NotNow) };
        }
        let (rings, leg) = (matches!(line.stage, Stage::Ringing { .. }), line.leg);
        match phone.or(self.at_phone()) {
            Some(phone) if self.has_sound(phone) => {
                self.answered_elsewhere(call, phone);
                self.attach(phone);
            }
            Some(_) => return Err(Refusal::NoSound),
            None => return Err(Refusal::NotNow),
        }
        match leg.filter(|_| rings) {
            Some(leg) => {
                self.put_aside_all_but(call);
                self.active = Some(call);
                self.command(leg, SipCommand::Answer);
                self.joined(call, now);
            }
            None => self.dial(call, now),
        }
        Ok(())
    }

    /// The person refuses a call that rings (product reference 3.5: 486; 603 where it is the second line).
    pub(super) fn decline(&mut self, call: CallId, now: Moment) -> Result<(), Refusal> {
        let line = self.line(call).ok_or(Refusal::NoSuchCall)?;
        let outcome = match line.stage {
            Stage::Ringing { .. } if self.open_lines() > 1 => Outcome::new(EndCause::Declined, 603),
            Stage::Ringing { .. } => Outcome::new(EndCause::Declined, 486),
            Stage::Wanted { .. } => Outcome::new(EndCause::Cancelled, 487),
            Stage::Dialling { .. } | Stage::Talking { .. } => return Err(Refusal::NotNow),
        };
        self.end(call, outcome, now);
        Ok(())
    }
}
