//! A call as phones and cards show it: whole each time, told when it has changed.

use super::UserCalls;
use super::finish::Outcome;
use super::ids::{CallId, Moment, PhoneId};
use super::line::{Direction, Line, Stage};
use super::output::Output;
use super::phones::UserLeg;
use super::recording::Recording;
use domain::ids::{AccountNumber, UserId};

/// A call, fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// Its name.
    pub call: CallId,
    /// 1 or 2.
    pub line: u8,
    /// Who called whom.
    pub direction: Direction,
    /// Through which account.
    pub account: AccountNumber,
    /// The far end's number.
    pub number: String,
    /// The far end's name.
    pub name: Option<String>,
    /// How far it has come.
    pub state: Shown,
    /// Since when it is so.
    pub since: Moment,
    /// When both were joined first.
    pub answered: Option<Moment>,
    /// The far end holds the person.
    pub they_hold: bool,
    /// Whether it is recorded.
    pub recording: ShownRecording,
}

/// How far a call has come, as a person sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// This phone rings.
    Ringing,
    /// The far end is being reached.
    Calling,
    /// The far end rings.
    Alerting,
    /// Both are joined.
    Talking,
    /// The person holds the far end.
    Held,
    /// It is over.
    Ended(Outcome),
}

/// The recording, as a person sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShownRecording {
    /// Not recorded.
    Off,
    /// Recorded.
    On,
    /// Recorded, and the person can't stop it.
    Locked,
    /// It was to be recorded, and could not be.
    Failed,
}

impl UserCalls {
    /// Tells every phone what it does not know yet.
    pub(super) fn settle_views(&mut self) {
        let phones: Vec<PhoneId> = self.phones.keys().copied().collect();
        for phone in phones {
            for index in 0..self.lines.len() {
                self.show(phone, index);
            }
        }
    }

    fn show(&mut self, phone: PhoneId, index: usize) {
        let Some(view) = self.lines.get(index).map(|line| self.view(line)) else { return };
        let Some(knows) = self.phones.get_mut(&phone) else { return };
        let told = knows.told.get(&view.call);
        if told == Some(&view) || knows.dismissed.contains(&view.call) {
            return;
        }
        let over = matches!(view.state, Shown::Ended(_));
        if over {
            let knew = knows.told.remove(&view.call).is_some();
            if !knew {
                return;
            }
        } else {
            knows.told.insert(view.call, view.clone());
        }
        self.outputs.push_back(Output::Show { phone, view });
    }

    fn view(&self, line: &Line) -> CallView {
        CallView {
            call: line.call,
            line: line.slot,
            direction: line.direction,
            account: line.account.number,
            number: line.number.clone(),
            name: line.name.clone(),
            state: self.shown(line),
            since: line.since,
            answered: line.answered,
            they_hold: line.they_hold,
            recording: line.recording.shown(),
        }
    }

    fn shown(&self, line: &Line) -> Shown {
        if let Some(outcome) = &line.ended {
            return Shown::Ended(outcome.clone());
        }
        match line.stage {
            Stage::Wanted { rings: true, .. } | Stage::Ringing { .. } => Shown::Ringing,
            Stage::Wanted { rings: false, .. } => Shown::Calling,
            Stage::Dialling { alerting: true, .. } => Shown::Alerting,
            Stage::Dialling { alerting: false, .. } => Shown::Calling,
            Stage::Talking { .. } if line.is_held() || line.waits_for_transfer() => Shown::Held,
            Stage::Talking { .. } => match self.leg {
                UserLeg::Lost { .. } => Shown::Held,
                UserLeg::Up { .. } | UserLeg::Idle => Shown::Talking,
            },
        }
    }

    /// Another phone has taken the call: the rest is told that it is over for them.
    pub(super) fn answered_elsewhere(&mut self, call: CallId, by: PhoneId) {
        let Some(line) = self.lines.iter().find(|line| line.call == call) else { return };
        let mut view = self.view(line);
        let outcome = Outcome::because(super::finish::EndCause::Cancelled, 200, "Answered elsewhere");
        view.state = Shown::Ended(outcome);
        for (phone, knows) in &mut self.phones {
            if *phone != by && knows.told.remove(&call).is_some() {
                knows.dismissed.insert(call);
                self.outputs.push_back(Output::Show { phone: *phone, view: view.clone() });
            }
        }
    }
}

impl Recording {
    fn shown(&self) -> ShownRecording {
        match self {
            Self::Off => ShownRecording::Off,
            Self::On { locked: true, .. } => ShownRecording::Locked,
            Self::On { .. } => ShownRecording::On,
            Self::Failed => ShownRecording::Failed,
        }
    }
}

/// The person whose calls these are; for places that only show.
impl UserCalls {
    /// Whose calls these are.
    #[must_use]
    pub fn user(&self) -> UserId {
        self.user
    }
}
