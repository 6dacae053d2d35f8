//! Two lines: hold, resume, switch. The person is on one of them at most.

use super::UserCalls;
use super::ids::{CallId, Moment, PhoneId};
use super::line::{Held, Stage};
use super::output::Refusal;
use super::phones::UserLeg;

impl UserCalls {
    /// The person holds a far end.
    pub(super) fn hold(&mut self, call: CallId) -> Result<(), Refusal> {
        let line = self.talking_line(call)?;
        line.held = Held::ByHand;
        if self.active == Some(call) {
            self.active = None;
        }
        Ok(())
    }

    /// The person goes on with a far end; the other one is held.
    pub(super) fn resume(&mut self, phone: Option<PhoneId>, call: CallId) -> Result<(), Refusal> {
        if self.talking_line(call)?.waits_for_transfer() {
            return Err(Refusal::NotNow);
        }
        match (phone, self.leg) {
            (Some(phone), _) if !self.has_sound(phone) => return Err(Refusal::NoSound),
            (Some(phone), _) => self.attach(phone),
            (None, UserLeg::Up { .. }) => {}
            (None, UserLeg::Idle | UserLeg::Lost { .. }) => return Err(Refusal::NotNow),
        }
        self.put_aside_all_but(call);
        self.go_on(call);
        Ok(())
    }

    /// Holds the line that talks and goes on with the other, or answers it.
    pub(super) fn switch(&mut self, phone: Option<PhoneId>, now: Moment) -> Result<(), Refusal> {
        let other = self.lines.iter().find(|line| {
            line.ended.is_none()
                && Some(line.call) != self.active
                && (line.waits_for_person() || (line.talks() && !line.waits_for_transfer()))
        });
        let Some(other) = other else { return Err(Refusal::NotNow) };
        let call = other.call;
        if other.waits_for_person() { self.answer(phone, call, now) } else { self.resume(phone, call) }
    }

    /// Holds every line but this one, since the person goes there.
    pub(super) fn put_aside_all_but(&mut self, call: CallId) {
        for line in self.lines.iter_mut().filter(|line| line.call != call) {
            if line.held == Held::No && matches!(line.stage, Stage::Talking { .. } | Stage::Dialling { .. }) {
                line.held = Held::Aside;
            }
        }
    }

    fn go_on(&mut self, call: CallId) {
        if let Some(line) = self.line_mut(call) {
            line.held = Held::No;
        }
        self.active = Some(call);
    }

    /// The person is no longer on this line: they go on with the one that was put aside for it.
    pub(super) fn step_off(&mut self, call: CallId) {
        if self.active != Some(call) {
            return;
        }
        self.active = None;
        let aside = |line: &&super::line::Line| line.ended.is_none() && line.held == Held::Aside;
        if let Some(call) = self.lines.iter().find(aside).map(|line| line.call) {
            self.go_on(call);
        }
    }
}
