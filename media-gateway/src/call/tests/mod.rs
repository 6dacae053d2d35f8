//! Stories of one person's calls. Ivan is the user; Olga owns the account.
#![expect(clippy::wildcard_enum_match_arm, reason = "a story looks for one output among all kinds")]

mod incoming;
mod outgoing;
mod phones;
mod recording;
mod second_line;
mod simulation;
mod summons;
mod transfer;

use super::finish::Outcome;
use super::ids::{CallId, LegId, Moment, PhoneId};
use super::line::Account;
use super::*;
use domain::call::RecordingPolicy;
use domain::ids::{AccountNumber, UserId};
use domain::settings::DtmfMethod;
use std::time::Duration;

const OLGA: UserId = UserId(1);
const IVAN: UserId = UserId(2);
const PHONE: PhoneId = PhoneId(1);
const TABLET: PhoneId = PhoneId(2);

/// A call by its number.
fn call(number: u128) -> CallId {
    CallId::from_bits(number)
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn account() -> Account {
    Account {
        number: AccountNumber::MIN,
        owner: OLGA,
        recording: RecordingPolicy { automatic: false, locked: false, limit: None },
        dtmf: vec![DtmfMethod::Rfc2833, DtmfMethod::Info],
    }
}

fn second_account() -> Account {
    Account { number: AccountNumber::MAX, ..account() }
}

fn order(number: u128) -> Order {
    Order { call: call(number), account: account(), number: "8 900".into(), dialled: "7900".into() }
}

/// Ivan's calls, and everything that they have said.
struct Scene {
    calls: UserCalls,
    now: Moment,
    said: Vec<Output>,
    from: usize,
}

impl Scene {
    /// Ivan has one phone, with sound.
    fn with_phone() -> Self {
        let mut scene = Self::with(Limits::default());
        scene.input(Input::PhoneOpened { phone: PHONE, sound: true });
        scene
    }

    fn with(limits: Limits) -> Self {
        Self { calls: UserCalls::new(IVAN, limits), now: seconds(1), said: Vec::new(), from: 0 }
    }

    /// Something happens; what was said before is no longer looked at.
    fn input(&mut self, input: Input) -> &mut Self {
        self.from = self.said.len();
        self.calls.handle_input(input, self.now);
        self.drain();
        self
    }

    fn wait(&mut self, time: Duration) -> &mut Self {
        self.from = self.said.len();
        let end = self.now + time;
        while let Some(next) = self.calls.poll_timeout().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.calls.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
        self
    }

    fn drain(&mut self) {
        while let Some(output) = self.calls.poll_output() {
            self.said.push(output);
        }
    }

    fn asks(&mut self, number: u128, verb: Verb) -> &mut Self {
        self.input(Input::Asked { phone: Some(PHONE), call: Some(call(number)), verb })
    }

    fn sip(&mut self, leg: LegId, event: SipEvent) -> &mut Self {
        self.input(Input::Sip { leg, event })
    }

    /// Somebody calls Ivan; the dialog's name.
    fn is_called(&mut self, number: u128, at: Account) -> LegId {
        let leg = self.calls.new_leg();
        let (number, name) = (call(number), Some("Petr".to_owned()));
        let invitation = Invitation { call: number, account: at, number: "100".into(), name };
        self.input(Input::Invited { invitation, leg });
        leg
    }

    /// Ivan dials at his phone and the far end answers; the dialog's name.
    fn talks(&mut self, number: u128) -> LegId {
        self.talks_through(number, account())
    }

    fn talks_through(&mut self, number: u128, account: Account) -> LegId {
        self.input(Input::Dialled { phone: PHONE, order: Order { account, ..order(number) } });
        let leg = self.dialled_leg();
        self.sip(leg, SipEvent::Answered { telephone_event: true });
        leg
    }

    /// The dialog that was just dialled.
    fn dialled_leg(&self) -> LegId {
        let dialled = self.recent().find_map(|output| match output {
            Output::Sip { leg, command: SipCommand::Dial { .. } } => Some(*leg),
            _ => None,
        });
        dialled.expect("something was dialled")
    }

    fn recent(&self) -> impl Iterator<Item = &Output> {
        self.said[self.from..].iter()
    }

    fn said_in_sip(&self, leg: LegId) -> Vec<SipCommand> {
        let of = |output: &Output| match output {
            Output::Sip { leg: of, command } if *of == leg => Some(command.clone()),
            _ => None,
        };
        self.recent().filter_map(of).collect()
    }

    fn reports(&self, number: u128) -> Vec<Report> {
        let of = |output: &Output| match output {
            Output::Report { call: of, report, .. } if *of == call(number) => Some(report.clone()),
            _ => None,
        };
        self.recent().filter_map(of).collect()
    }

    /// How the log was told that a call ended; none if it was not, in the last step.
    fn ended(&self, number: u128) -> Option<(Outcome, Option<Duration>)> {
        self.reports(number).into_iter().find_map(|report| match report {
            Report::Ended { outcome, talked } => Some((outcome, talked)),
            _ => None,
        })
    }

    /// What a phone shows of a call since the last step.
    fn shows(&self, phone: PhoneId, number: u128) -> Option<Shown> {
        let of = |output: &Output| match output {
            Output::Show { phone: at, view } if *at == phone && view.call == call(number) => {
                Some(view.state.clone())
            }
            _ => None,
        };
        self.recent().filter_map(of).last()
    }

    fn refused(&self) -> Option<Refusal> {
        self.recent().find_map(|output| match output {
            Output::Refuse { why, .. } => Some(*why),
            _ => None,
        })
    }

    fn hears(&self, party: Party) -> Sound {
        self.calls.wanted_sound().get(&party).copied().unwrap_or(Sound::Nothing)
    }

    /// Whether Ivan, at his phone, and this far end hear each other.
    fn hear_each_other(&self, leg: LegId) -> bool {
        self.hears(Party::Phone(PHONE)) == Sound::With(Party::Leg(leg))
            && self.hears(Party::Leg(leg)) == Sound::With(Party::Phone(PHONE))
    }
}

fn bye() -> SipEvent {
    SipEvent::Ended(SipEnd { code: 200, reason: String::new(), q850: None, timeout: false })
}

fn fails(code: u16) -> SipEvent {
    SipEvent::Ended(SipEnd { code, reason: String::new(), q850: None, timeout: false })
}
