//! Phones as the calls' loop knows them: whose they are, their sound, and what they were told last.

use crate::call::ids::{CallId, Moment};
use crate::call::line::Direction;
use crate::call::{CallView, Shown, ShownRecording};
use crate::directory::{Directory, Line};
use crate::media::{PortId, Statistics};
use crate::phone::PhoneLink;
use crate::phone::frames::{AccountFrame, ByeReason, CallFrame, QualityFrame, ServerFrame};
use crate::phone::words::{self, Trouble};
use crate::registrations::{Standing, States};
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// A phone.
pub(super) struct Phone {
    pub(super) link: PhoneLink,
    pub(super) port: Option<PortId>,
    /// Told `ready`; what it is to be told before goes into it.
    pub(super) ready: bool,
    pub(super) calls: BTreeMap<CallId, CallFrame>,
    accounts: Vec<AccountFrame>,
}

impl Phone {
    pub(super) fn new(link: PhoneLink) -> Self {
        Self { link, port: None, ready: false, calls: BTreeMap::new(), accounts: Vec::new() }
    }

    /// Writes a frame. A phone that does not read is let go: it comes back and is told everything anew.
    pub(super) fn tell(&self, frame: ServerFrame) {
        if self.link.frames.try_send(frame).is_err() {
            tracing::debug!(phone = %self.link.phone, "a phone does not read");
        }
    }

    pub(super) fn refuse(&self, of: &'static str, call: Option<CallId>, trouble: Trouble) {
        let words = trouble.words(self.link.language).to_owned();
        let call = call.map(|call| call.to_string());
        self.tell(ServerFrame::Error { of, call, code: Some(trouble.code()), words });
    }

    pub(super) fn bye(&self, reason: ByeReason, url: Option<String>) {
        self.tell(ServerFrame::Bye { reason, url });
    }

    /// Shows a call, whole.
    pub(super) fn show(&mut self, view: &CallView, wall: Wall) {
        let mut frame = self.frame(view, wall);
        if let Some(last) = self.calls.get(&view.call).filter(|_| view.state == Shown::Talking) {
            frame.quality = last.quality;
        }
        if let Shown::Ended(_) = view.state {
            self.calls.remove(&view.call);
        } else {
            self.calls.insert(view.call, frame.clone());
        }
        if self.ready {
            self.tell(ServerFrame::Call(Box::new(frame)));
        }
    }

    /// Tells how well a call is heard.
    pub(super) fn show_quality(&mut self, call: CallId, statistics: &Statistics) {
        let Some(frame) = self.calls.get_mut(&call).filter(|frame| frame.state == "talking") else { return };
        frame.quality = Some(quality(statistics));
        let frame = frame.clone();
        self.tell(ServerFrame::Call(Box::new(frame)));
    }

    /// Tells of the person's accounts where they are not as they were.
    pub(super) fn show_accounts(&mut self, accounts: Vec<AccountFrame>) {
        if self.accounts != accounts {
            self.accounts.clone_from(&accounts);
            if self.ready {
                self.tell(ServerFrame::Accounts { accounts });
            }
        }
    }

    fn frame(&self, view: &CallView, wall: Wall) -> CallFrame {
        let (state, outcome) = match &view.state {
            Shown::Ringing => ("ringing", None),
            Shown::Calling => ("calling", None),
            Shown::Alerting => ("alerting", None),
            Shown::Talking => ("talking", None),
            Shown::Held => ("held", None),
            Shown::Ended(outcome) => ("ended", Some(outcome)),
        };
        CallFrame {
            call: view.call.to_string(),
            line: view.line,
            direction: match view.direction {
                Direction::In => "in",
                Direction::Out => "out",
            },
            state,
            account: view.account.to_string(),
            number: view.number.clone(),
            name: view.name.clone(),
            since: wall.at(view.since),
            answered: view.answered.map(|answered| wall.at(answered)),
            they_hold: view.they_hold,
            recording: match view.recording {
                ShownRecording::Off => "off",
                ShownRecording::On => "on",
                ShownRecording::Locked => "locked",
                ShownRecording::Failed => "failed",
            },
            quality: None,
            code: outcome.map(|outcome| outcome.code),
            reason: outcome.map(|outcome| words::ended(outcome, self.link.language)),
        }
    }
}

/// Both clocks at one moment: the process's own, and the world's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wall {
    pub(super) moment: Moment,
    pub(super) time: DateTime<Utc>,
}

impl Wall {
    /// A moment of ours in Unix milliseconds.
    fn at(self, moment: Moment) -> i64 {
        let ago = TimeDelta::from_std(self.moment.saturating_sub(moment)).unwrap_or_default();
        (self.time - ago).timestamp_millis()
    }
}

fn quality(statistics: &Statistics) -> QualityFrame {
    let milliseconds = |time: std::time::Duration| u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    let tenth = |value: f32| (value * 10.0).round() / 10.0;
    QualityFrame {
        loss: tenth(statistics.loss * 100.0),
        jitter_ms: milliseconds(statistics.jitter),
        delay_ms: milliseconds(statistics.delay),
        mos: tenth(statistics.mos),
    }
}

/// The accounts of a person as phones show them.
pub(super) fn accounts<'a>(lines: impl Iterator<Item = &'a Line>, states: &States) -> Vec<AccountFrame> {
    let frame = |line: &Line| {
        let standing = states.of(line.number);
        AccountFrame {
            number: line.number.to_string(),
            name: line.settings.label().unwrap_or_else(|| line.number.to_string()),
            login: line.settings.login.as_ref().map(ToString::to_string).unwrap_or_default(),
            registered: standing == Some(Standing::Registered),
            trouble: match standing {
                Some(Standing::Failed { code, reason }) => Some(format!("{code} {reason}")),
                Some(Standing::Registered) | None => None,
            },
        }
    };
    lines.map(frame).collect()
}

/// The person's accounts out of the directory.
pub(super) fn accounts_of(
    directory: &Directory,
    user: domain::ids::UserId,
    states: &States,
) -> Vec<AccountFrame> {
    accounts(directory.of(user), states)
}
