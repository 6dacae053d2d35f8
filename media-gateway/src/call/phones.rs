//! The person's own side: which phones there are, and which of them is the leg that talks.

use super::UserCalls;
use super::finish::{EndCause, Outcome, Side};
use super::ids::{CallId, Moment, PhoneId};
use super::limits::LOST_PHONE;
use super::line::{Line, Stage};
use super::summons::Summons;
use super::view::CallView;
use std::collections::{BTreeMap, BTreeSet};

/// The person's leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserLeg {
    /// The person is in no call.
    Idle,
    /// The person is at this phone.
    Up {
        /// Which.
        phone: PhoneId,
    },
    /// The phone is gone in the middle of a call.
    Lost {
        /// When the calls are given up.
        until: Moment,
    },
}

/// What a phone has, and what it was told.
#[derive(Debug, Clone, Default)]
pub(super) struct Phone {
    pub(super) sound: bool,
    /// A Telegram call: as soon as it sounds it answers what waits, and it is gone once it is let go.
    pub(super) picks_up: bool,
    pub(super) told: BTreeMap<CallId, CallView>,
    /// Calls that another phone has taken.
    pub(super) dismissed: BTreeSet<CallId>,
}

impl UserCalls {
    pub(super) fn phone_opened(&mut self, phone: PhoneId, sound: bool) {
        self.phones.entry(phone).or_default().sound |= sound;
        for line in &mut self.lines {
            // Nobody waits for a phone any longer.
            if let Stage::Ringing { until, alone_until } = &mut line.stage {
                *alone_until = *until;
            }
        }
    }

    /// The sound of a phone is there: calls that wait for their person go on with it.
    pub(super) fn phone_sound(&mut self, phone: PhoneId, now: Moment) {
        let Some(known) = self.phones.get_mut(&phone) else { return };
        let first = !std::mem::replace(&mut known.sound, true);
        if known.picks_up && first {
            return self.summons_sounds(phone, now);
        }
        if let UserLeg::Lost { .. } = self.leg {
            self.attach(phone);
        }
    }

    pub(super) fn phone_silent(&mut self, phone: PhoneId, now: Moment) {
        if let Some(known) = self.phones.get_mut(&phone) {
            known.sound = false;
        }
        self.lose(phone, now);
    }

    pub(super) fn phone_closed(&mut self, phone: PhoneId, now: Moment) {
        let picks_up = self.phones.remove(&phone).is_some_and(|known| known.picks_up);
        self.lose(phone, now);
        if picks_up || self.summons == Summons::Answered(phone) {
            self.calls_back_after(phone, now);
        }
        self.wait_if_alone(now);
    }

    /// Where nobody can be reached any longer, whoever calls waits only a little.
    pub(super) fn wait_if_alone(&mut self, now: Moment) {
        if self.is_reachable() {
            return;
        }
        let wait = now + self.limits.wait_for_phone;
        for line in &mut self.lines {
            if let Stage::Ringing { alone_until, .. } = &mut line.stage {
                *alone_until = (*alone_until).min(wait);
            }
        }
    }

    fn lose(&mut self, phone: PhoneId, now: Moment) {
        if self.leg == (UserLeg::Up { phone }) {
            self.leg = UserLeg::Lost { until: now + LOST_PHONE };
            // Whoever was at a browser comes back by themselves.
            self.calls_back = false;
            for knows in self.phones.values_mut() {
                knows.dismissed.clear();
            }
        }
    }

    /// From now on the person is at this phone.
    pub(super) fn attach(&mut self, phone: PhoneId) {
        self.leg = UserLeg::Up { phone };
        if let Some(knows) = self.phones.get_mut(&phone) {
            knows.dismissed.clear();
        }
    }

    /// Whether a phone can be talked through.
    pub(super) fn has_sound(&self, phone: PhoneId) -> bool {
        self.phones.get(&phone).is_some_and(|known| known.sound)
    }

    /// Whether the person could be reached at this moment.
    pub(super) fn is_reachable(&self) -> bool {
        !self.phones.is_empty() || self.can_summon
    }

    /// Whether they could be reached for this call.
    pub(super) fn is_reachable_for(&self, line: &Line) -> bool {
        !self.phones.is_empty() || (self.can_summon && line.unreachable.is_none())
    }

    /// The person did not come back in time.
    pub(super) fn give_up_lost(&mut self, now: Moment) {
        let UserLeg::Lost { until } = self.leg else { return };
        if until > now {
            return;
        }
        self.leg = UserLeg::Idle;
        let joined = self.lines.iter().filter(|line| line.is_joined_by_person()).map(|line| line.call);
        for call in joined.collect::<Vec<_>>() {
            let outcome = Outcome::because(EndCause::Hangup { by: Side::User }, 480, "The phone was lost");
            self.end(call, outcome, now);
        }
    }

    /// Lets the person's phone go once it has no call left.
    pub(super) fn settle_leg(&mut self, now: Moment) {
        if self.lines.iter().any(|line| line.ended.is_none() && line.is_joined_by_person()) {
            return;
        }
        if let UserLeg::Up { phone } = self.leg {
            if self.phones.get(&phone).is_some_and(|known| known.picks_up) {
                self.pause_summons(phone, now);
            }
            self.let_go(phone);
        }
        self.leg = UserLeg::Idle;
    }
}
