//! The calls of one person: a state machine without I/O, clock or randomness.
//!
//! [`UserCalls`] has at most two lines, and pairs of far ends that the person joined and left. It is told what happened
//! ([`Input`]) and when, and says what is to be done ([`Output`]). The four verbs are those of every state machine here:
//! `handle_input`, `handle_timeout`, `poll_output` (drain it to none after each of the former), `poll_timeout`.
//!
//! | file | concern |
//! |---|---|
//! | `outgoing` | calls from the chat and from phones, up to the far end's answer |
//! | `incoming` | calls that come in, up to the person's answer |
//! | `summons` | the person is called by Telegram |
//! | `phones` | the person's own side: phones come, answer, are lost |
//! | `second_line` | hold, resume, switch |
//! | `transfer` | blind, attended, joined here, and asked for by the far end |
//! | `replaced` | somebody takes a far end's place |
//! | `recording` | automatic, by hand, locked, failed |
//! | `keypad` | keys, in order and unseen |
//! | `finish` | causes, codes and words |
//! | `sound` | who hears what |
//! | `view` | what phones and cards show |
//! | `caller` | names and numbers from the network, made fit to be shown |
//! | `choose` | which accounts fit a number |

pub mod caller;
pub mod choose;
pub mod finish;
pub mod ids;
mod incoming;
mod input;
pub mod keypad;
pub mod limits;
pub mod line;
mod outgoing;
mod output;
mod phones;
mod recording;
mod replaced;
mod second_line;
mod settle;
mod sound;
mod summons;
#[cfg(test)]
mod tests;
mod transfer;
mod view;

pub use input::{Input, Invitation, Order, SipEnd, SipEvent, Successor, TransferTo, Verb};
pub use limits::Limits;
pub use output::{Handed, Output, Refusal, Report, SipCommand};
pub use sound::{Party, Sound};
pub use summons::SummonsFailure;
pub use view::{CallView, Shown, ShownRecording};

use domain::ids::UserId;
use finish::{EndCause, Outcome, Side};
use ids::{CallId, LegId, Moment, PhoneId};
use line::{Line, Stage};
use phones::{Phone, UserLeg};
use std::collections::{BTreeMap, VecDeque};
use summons::Summons;
use transfer::Pair;

/// The calls of one person.
#[derive(Debug)]
pub struct UserCalls {
    user: UserId,
    limits: Limits,
    phones: BTreeMap<PhoneId, Phone>,
    leg: UserLeg,
    /// Telegram calls can be made.
    can_summon: bool,
    summons: Summons,
    /// The person's Telegram call broke off, and they are to be called back.
    calls_back: bool,
    lines: Vec<Line>,
    pairs: Vec<Pair>,
    /// The line that the person is on.
    active: Option<CallId>,
    heard: BTreeMap<Party, Sound>,
    outputs: VecDeque<Output>,
    next_leg: u64,
}

impl UserCalls {
    /// A person without calls.
    #[must_use]
    pub fn new(user: UserId, limits: Limits) -> Self {
        Self {
            user,
            limits,
            phones: BTreeMap::new(),
            leg: UserLeg::Idle,
            can_summon: false,
            summons: Summons::None,
            calls_back: false,
            lines: Vec::new(),
            pairs: Vec::new(),
            active: None,
            heard: BTreeMap::new(),
            outputs: VecDeque::new(),
            next_leg: 1,
        }
    }

    /// A name for a dialog: asked for by whoever hands in [`Input::Invited`].
    pub fn new_leg(&mut self) -> LegId {
        let leg = LegId(self.next_leg);
        self.next_leg += 1;
        leg
    }

    /// Nothing is left to be done for this person: no call and no phone.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let paused = matches!(self.summons, Summons::Paused(_));
        self.lines.is_empty() && self.pairs.is_empty() && self.phones.is_empty() && !paused
    }

    /// Calls that are not over.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lines.len() + 2 * self.pairs.len()
    }

    /// The dialogs that both sides have answered, and the phone that hears one: for statistics.
    pub fn talking(&self) -> impl Iterator<Item = (CallId, LegId)> + '_ {
        self.lines.iter().filter(|line| line.talks()).filter_map(|line| Some((line.call, line.leg?)))
    }

    /// The phone that the person is at.
    #[must_use]
    pub fn at_phone(&self) -> Option<PhoneId> {
        match self.leg {
            UserLeg::Up { phone } => Some(phone),
            UserLeg::Idle | UserLeg::Lost { .. } => None,
        }
    }

    /// Whether a call of this name is under way.
    #[must_use]
    pub fn knows(&self, call: CallId) -> bool {
        self.line(call).is_some() || self.pairs.iter().any(|pair| pair.a.call == call || pair.b.call == call)
    }

    /// Something happened.
    pub fn handle_input(&mut self, input: Input, now: Moment) {
        match input {
            Input::PhoneOpened { phone, sound } => {
                self.phone_opened(phone, sound);
                if sound {
                    self.phone_sound(phone, now);
                }
            }
            Input::PhoneSound { phone } => self.phone_sound(phone, now),
            Input::PhoneSilent { phone } => self.phone_silent(phone, now),
            Input::PhoneClosed { phone } => self.phone_closed(phone, now),
            Input::Dialled { phone, order } => self.dialled(phone, order, now),
            Input::Requested { order, callback } => self.requested(order, callback, now),
            Input::PickedUp { phone } => self.picked_up(phone, now),
            Input::Invited { invitation, leg } => self.invited(invitation, leg, now),
            Input::Replaced { old, new, successor } => self.replaced(old, new, successor, now),
            Input::Asked { phone, call, verb } => self.asked(phone, call, verb, now),
            Input::Sip { leg, event } => self.sip(leg, event, now),
            Input::Silent { leg } => self.silent(leg, now),
            Input::RecordingEnded { call, whole } => self.recording_ended(call, whole),
            Input::Summonable(on) => self.summonable(on, now),
            Input::SummonsAnswered { phone } => self.summons_answered(phone),
            Input::SummonsFailed(failure) => self.summons_failed(failure, now),
            Input::CalledByPerson { phone } => self.called_by_person(phone),
            Input::HungUpByPerson { phone } => self.hung_up_by_person(phone, now),
            Input::Closing => self.close(now),
        }
        self.settle(now);
    }

    /// What is next to be done; none when there is nothing more.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn asked(&mut self, phone: Option<PhoneId>, call: Option<CallId>, verb: Verb, now: Moment) {
        let of = verb.name();
        if let Err(why) = self.do_asked(phone, call, verb, now)
            && let Some(phone) = phone
        {
            self.outputs.push_back(Output::Refuse { phone, of, call, why });
        }
    }

    fn do_asked(
        &mut self,
        phone: Option<PhoneId>,
        call: Option<CallId>,
        verb: Verb,
        now: Moment,
    ) -> Result<(), Refusal> {
        if let Verb::Switch = verb {
            return self.switch(phone, now);
        }
        let call = call.filter(|call| self.line(*call).is_some()).ok_or(Refusal::NoSuchCall)?;
        match verb {
            Verb::Answer => self.answer(phone, call, now),
            Verb::Decline => self.decline(call, now),
            Verb::HangUp => {
                self.hang_up(call, now);
                Ok(())
            }
            Verb::Hold => self.hold(call),
            Verb::Resume => self.resume(phone, call),
            Verb::Switch => self.switch(phone, now),
            Verb::Transfer(to) => self.transfer(call, to, now),
            Verb::Press(keys) => {
                let line = self.line_mut(call).ok_or(Refusal::NoSuchCall)?;
                if !line.takes_keys() {
                    return Err(Refusal::NotNow);
                }
                if line.keys.press(keys) { Ok(()) } else { Err(Refusal::TooMuch) }
            }
            Verb::Record(on) => self.asked_to_record(phone, call, on, now),
        }
    }

    /// The person ends a call, in whatever state it is.
    fn hang_up(&mut self, call: CallId, now: Moment) {
        let Some(line) = self.line(call) else { return };
        match line.stage {
            Stage::Ringing { .. } => _ = self.decline(call, now),
            Stage::Wanted { .. } | Stage::Dialling { .. } => {
                self.end(call, Outcome::new(EndCause::Cancelled, 487), now);
            }
            Stage::Talking { .. } => {
                self.end(call, Outcome::new(EndCause::Hangup { by: Side::User }, 200), now)
            }
        }
    }

    fn line(&self, call: CallId) -> Option<&Line> {
        self.lines.iter().find(|line| line.call == call && line.ended.is_none())
    }

    fn line_mut(&mut self, call: CallId) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.call == call && line.ended.is_none())
    }

    /// A line on which both talk.
    fn talking_line(&mut self, call: CallId) -> Result<&mut Line, Refusal> {
        let line = self.line_mut(call).ok_or(Refusal::NoSuchCall)?;
        if line.talks() { Ok(line) } else { Err(Refusal::NotNow) }
    }

    /// The lines that are not over.
    fn open_lines(&self) -> usize {
        self.lines.iter().filter(|line| line.ended.is_none()).count()
    }

    /// The number of the free line, 1 or 2.
    fn free_slot(&self) -> u8 {
        let taken = |slot| self.lines.iter().any(|line| line.slot == slot && line.ended.is_none());
        if taken(1) { 2 } else { 1 }
    }

    fn report(&mut self, call: CallId, report: Report) {
        let Some(account) = self.lines.iter().find(|line| line.call == call).map(|it| it.account.number)
        else {
            return;
        };
        self.outputs.push_back(Output::Report { call, account, report });
    }

    fn command(&mut self, leg: LegId, command: SipCommand) {
        self.outputs.push_back(Output::Sip { leg, command });
    }
}
