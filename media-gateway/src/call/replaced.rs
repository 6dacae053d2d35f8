//! Somebody takes a far end's place: its phone or PBX has handed the call on, and whoever has it now calls us with
//! `Replaces` (RFC 3891).

use super::UserCalls;
use super::ids::{LegId, Moment};
use super::input::Successor;
use super::line::Offered;
use super::output::{Handed, Report, SipCommand};

impl UserCalls {
    /// Whether another dialog may take the place of this one: the person has called, or talks, or has left two far ends
    /// to each other. Not while it is decided what becomes of a transfer.
    #[must_use]
    pub fn can_be_replaced(&self, leg: LegId) -> bool {
        let fits = |line: &super::line::Line| {
            line.ended.is_none()
                && line.leg == Some(leg)
                && line.is_joined_by_person()
                && line.transfer.is_none()
        };
        self.pair_of(leg).is_some() || self.lines.iter().any(fits)
    }

    /// A dialog that is answered already takes the place of another one, which ends.
    pub(super) fn replaced(&mut self, old: LegId, new: LegId, successor: Successor, now: Moment) {
        if !self.can_be_replaced(old) {
            return self.command(new, SipCommand::HangUp);
        }
        self.command(old, SipCommand::HangUp);
        if let Some(index) = self.pair_of(old) {
            return self.replaced_in_pair(index, old, new);
        }
        let Some(line) = self.lines.iter_mut().find(|line| line.ended.is_none() && line.leg == Some(old))
        else {
            return;
        };
        let Successor { number, name, telephone_event } = successor;
        let call = line.call;
        line.leg = Some(new);
        line.telephone_event = telephone_event;
        line.they_hold = false;
        line.offered = Offered::default();
        (line.number, line.name) = (number.clone(), name);
        self.joined(call, now);
        self.report(call, Report::Transferred { to: Handed::Number(number) });
    }
}
