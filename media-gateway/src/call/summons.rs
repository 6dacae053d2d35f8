//! The person is called by Telegram: whenever a call waits for them, and no longer than that.
//!
//! A Telegram call is a phone that picks up by itself: as soon as it sounds it answers what waits, or goes on with what
//! the person was in, and it is let go when nothing is left. What is told here in one place is when to begin one, when to
//! give it up, and what becomes of the calls that waited if it fails.

use super::UserCalls;
use super::finish::{EndCause, Outcome, Side};
use super::ids::{CallId, Moment, PhoneId};
use super::limits::SUMMONS_PAUSE;
use super::line::Stage;
use super::output::{Output, Report};
use super::phones::UserLeg;
use domain::call::{Awaited, codes};

/// The Telegram call to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Summons {
    /// There is none.
    #[default]
    None,
    /// It was begun.
    Calling,
    /// The person has answered; their sound is about to be there.
    Answered(PhoneId),
    /// The last one is over only just, and the person's app may not have noticed: not before this moment.
    Paused(Moment),
}

/// Why the person could not be called, or did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SummonsFailure {
    /// They refused.
    Declined,
    /// They did not answer.
    Missed,
    /// Telegram lets nobody of ours call them for a while; they may call.
    Flood {
        /// In how many seconds one of ours may call again.
        retry_after: u32,
    },
    /// They can't be called: privacy, nobody of ours knows them, Telegram is away.
    Unreachable {
        /// SIP code for people and the log.
        code: u16,
        /// Words beside it.
        reason: String,
    },
}

impl UserCalls {
    /// Whether Telegram calls can be made at all has changed.
    pub(super) fn summonable(&mut self, on: bool, now: Moment) {
        self.can_summon = on;
        if !on && self.summons == Summons::Calling {
            self.summons = Summons::None;
        }
        self.wait_if_alone(now);
    }

    /// A Telegram call with the person was answered, by either side.
    pub(super) fn summons_answered(&mut self, phone: PhoneId) {
        self.phone_opened(phone, false);
        if let Some(known) = self.phones.get_mut(&phone) {
            known.picks_up = true;
        }
        self.summons = Summons::Answered(phone);
    }

    /// The person's Telegram call sounds: it does what a person wants who picks up.
    pub(super) fn summons_sounds(&mut self, phone: PhoneId, now: Moment) {
        if self.summons == Summons::Calling {
            // They are here already, by another Telegram call.
            self.outputs.push_back(Output::Dismiss);
        }
        self.summons = Summons::None;
        let rings = |line: &&super::line::Line| line.ended.is_none() && line.waits_for_person();
        let waiting = self.lines.iter().find(rings).map(|line| line.call);
        if self.lines.iter().any(|line| line.ended.is_none() && line.is_joined_by_person()) {
            let left = self.at_phone();
            self.attach(phone);
            left.into_iter().filter(|left| *left != phone).for_each(|left| self.let_go(left));
        } else if let Some(call) = waiting {
            // It waits and there is sound, so nothing is left to refuse.
            _ = self.answer(Some(phone), call, now);
        } else {
            self.let_go(phone);
        }
    }

    /// The person calls the service account. They are let in if anything waits for them.
    pub(super) fn called_by_person(&mut self, phone: PhoneId) {
        let wanted = self.open_lines() > 0;
        if !wanted {
            self.outputs.push_back(Output::TurnAway { phone });
            return;
        }
        if self.summons == Summons::Calling {
            self.outputs.push_back(Output::Dismiss);
        }
        self.summons = Summons::Answered(phone);
        self.outputs.push_back(Output::LetIn { phone });
    }

    /// The person hung up their Telegram call.
    pub(super) fn hung_up_by_person(&mut self, phone: PhoneId, now: Moment) {
        if self.summons == Summons::Answered(phone) {
            self.summons = Summons::None;
            // They answered, and left before there was sound.
            self.refuse_what_waits(now);
        }
        self.phones.remove(&phone);
        if self.leg != (UserLeg::Up { phone }) {
            return;
        }
        self.pause_summons(phone, now);
        let joined = self.lines.iter().filter(|line| line.is_joined_by_person());
        for (call, talks) in joined.map(|line| (line.call, line.talks())).collect::<Vec<_>>() {
            let outcome = if talks {
                Outcome::new(EndCause::Hangup { by: Side::User }, 200)
            } else {
                Outcome::new(EndCause::Cancelled, 487)
            };
            self.end(call, outcome, now);
        }
        self.leg = UserLeg::Idle;
    }

    /// The Telegram call to the person came to nothing.
    pub(super) fn summons_failed(&mut self, failure: SummonsFailure, now: Moment) {
        if self.summons != Summons::Calling {
            return;
        }
        self.summons = Summons::None;
        self.calls_back = false;
        match failure {
            SummonsFailure::Declined => self.refuse_what_waits(now),
            SummonsFailure::Missed => {
                for call in self.summoned() {
                    self.end(call, Outcome::new(EndCause::Missed, 480), now);
                }
            }
            SummonsFailure::Flood { retry_after } => {
                for call in self.summoned() {
                    self.await_person(call, retry_after, now);
                }
            }
            SummonsFailure::Unreachable { code, reason } => {
                for call in self.summoned() {
                    self.unreachable(call, code, &reason, now);
                }
            }
        }
    }

    /// The calls that a summons is for.
    fn summoned(&self) -> Vec<CallId> {
        self.lines.iter().filter(|line| line.wants_summons()).map(|line| line.call).collect()
    }

    fn refuse_what_waits(&mut self, now: Moment) {
        for call in self.summoned() {
            // Each of them waits, so each can be refused.
            _ = self.decline(call, now);
        }
    }

    /// For a while the person has to call (product reference 3.3, step 4).
    fn await_person(&mut self, call: CallId, retry_after: u32, now: Moment) {
        let (code, reason) = codes::too_many_requests(retry_after);
        let within = self.limits.call_window;
        let Some(line) = self.line_mut(call) else { return };
        let Stage::Wanted { rings, until } = &mut line.stage else {
            return self.unreachable(call, code, &reason, now);
        };
        (*rings, *until) = (false, now + within);
        line.unreachable = Some(Outcome::because(EndCause::Failed, code, &reason));
        let why = Awaited::Flood;
        self.report(call, Report::Awaited { within, why, retry_after: Some(retry_after) });
    }

    /// Other phones of the person go on ringing. Without any, a caller waits a little for one to be opened, and a call of
    /// the person's own ends: they are told why, and how else they can call.
    fn unreachable(&mut self, call: CallId, code: u16, reason: &str, now: Moment) {
        let alone = self.phones.is_empty();
        let wait = now + self.limits.wait_for_phone;
        let outcome = Outcome::because(EndCause::Failed, code, reason);
        let Some(line) = self.line_mut(call) else { return };
        line.unreachable = Some(outcome.clone());
        match &mut line.stage {
            Stage::Ringing { alone_until, .. } if alone => *alone_until = (*alone_until).min(wait),
            Stage::Wanted { .. } if alone => self.end(call, outcome, now),
            Stage::Ringing { .. } | Stage::Wanted { .. } | Stage::Dialling { .. } | Stage::Talking { .. } => {
            }
        }
    }

    /// The person's Telegram call broke off: if they are in a call, they are called back.
    pub(super) fn calls_back_after(&mut self, gone: PhoneId, now: Moment) {
        self.calls_back = matches!(self.leg, UserLeg::Lost { .. });
        self.pause_summons(gone, now);
    }

    /// This Telegram call is over only just. One that is on its way already is left alone.
    pub(super) fn pause_summons(&mut self, gone: PhoneId, now: Moment) {
        match self.summons {
            Summons::Calling => {}
            Summons::Answered(other) if other != gone => {}
            Summons::None | Summons::Answered(_) | Summons::Paused(_) => {
                self.summons = Summons::Paused(now + SUMMONS_PAUSE);
            }
        }
    }

    /// A phone is not needed any longer.
    pub(super) fn let_go(&mut self, phone: PhoneId) {
        self.outputs.push_back(Output::Release { phone });
        if self.phones.get(&phone).is_some_and(|known| known.picks_up) {
            self.phones.remove(&phone);
        }
    }

    /// Begins a Telegram call where one is wanted, and gives up one that is not.
    pub(super) fn settle_summons(&mut self, now: Moment) {
        let wanted = self.wants_summons();
        match self.summons {
            Summons::Paused(until) if until <= now => {
                self.summons = Summons::None;
                self.settle_summons(now);
            }
            Summons::None if wanted => {
                self.summons = Summons::Calling;
                self.outputs.push_back(Output::Summon);
            }
            Summons::Calling if !wanted => {
                self.summons = Summons::None;
                self.outputs.push_back(Output::Dismiss);
            }
            Summons::Answered(phone) if self.open_lines() == 0 => {
                self.summons = Summons::None;
                self.let_go(phone);
            }
            Summons::None | Summons::Calling | Summons::Answered(_) | Summons::Paused(_) => {}
        }
    }

    fn wants_summons(&self) -> bool {
        let waits = || self.lines.iter().any(super::line::Line::wants_summons);
        let left = || self.lines.iter().any(|line| line.ended.is_none() && line.is_joined_by_person());
        self.can_summon
            && match self.leg {
                UserLeg::Idle => waits(),
                UserLeg::Lost { .. } => left() && self.calls_back,
                UserLeg::Up { .. } => false,
            }
    }

    /// When a pause is over that a summons waits for.
    pub(super) fn summons_due(&self) -> Option<Moment> {
        match self.summons {
            Summons::Paused(until) => Some(until),
            Summons::None | Summons::Calling | Summons::Answered(_) => None,
        }
    }
}
