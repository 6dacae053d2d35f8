//! What is true of a call.

use super::{Direction, Event, Gateway, RecordingState};
use crate::ids::{AccountNumber, UserId};
use serde::{Deserialize, Serialize};

/// A call.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Nothing has happened under this id.
    #[default]
    Absent,
    /// The user wants to talk with a number.
    Requested(Open),
    /// Somebody wants to talk with the user.
    Offered(Open),
    /// They talk, or one of them is on hold.
    Talking(Open),
    /// It is over.
    Ended(Ended),
}

/// A call that is not over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Who called whom.
    pub direction: Direction,
    /// The account.
    pub account: AccountNumber,
    /// Whose account it was when the call began.
    pub owner: UserId,
    /// Who calls or is called.
    pub user: UserId,
    /// The media process that carries it; none while a call that was asked for waits for one.
    pub gateway: Option<Gateway>,
    /// How far it has come.
    pub phase: Phase,
    /// Whether it is being recorded.
    pub recording: RecordingState,
    /// What was recorded so far: the references of the recordings that are stored.
    pub recordings: Vec<String>,
    /// Whether it was transferred, and is about to end.
    pub transferred: bool,
}

/// What is still known of a call that is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Who talked.
    pub user: UserId,
    /// Whether a recording is on its way.
    pub recording: RecordingState,
    /// The references of the recordings that are stored.
    pub recordings: Vec<String>,
}

/// How far a call has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It was asked for, and no gateway has it yet.
    Requested,
    /// A gateway rings the user, to dial then.
    CallingUser,
    /// A gateway waits for the user to call.
    AwaitingUser,
    /// The far end is dialled.
    Dialling,
    /// The far end rings.
    Ringing,
    /// It comes in, and the user rings.
    Offered,
    /// They talk.
    Talking,
    /// The far end is on hold.
    Held,
}

impl Call {
    /// The call, if it is not over.
    #[must_use]
    pub fn open(&self) -> Option<&Open> {
        match self {
            Self::Requested(open) | Self::Offered(open) | Self::Talking(open) => Some(open),
            Self::Absent | Self::Ended(_) => None,
        }
    }

    /// Who calls or is called.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::Absent => None,
            Self::Requested(open) | Self::Offered(open) | Self::Talking(open) => Some(open.user),
            Self::Ended(ended) => Some(ended.user),
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        let before = std::mem::take(self);
        *self = before.after(event);
    }

    fn after(self, event: &Event) -> Self {
        match self {
            Self::Absent => begun(event),
            Self::Requested(mut open) | Self::Offered(mut open) | Self::Talking(mut open) => {
                if let Event::CallEnded { .. } = event {
                    return Self::Ended(open.ended());
                }
                open.apply(event);
                Self::of(open)
            }
            Self::Ended(mut ended) => {
                note_recording(event, &mut ended.recording, &mut ended.recordings);
                Self::Ended(ended)
            }
        }
    }

    fn of(open: Open) -> Self {
        match open.phase {
            Phase::Talking | Phase::Held => Self::Talking(open),
            Phase::Offered => Self::Offered(open),
            Phase::Requested
            | Phase::CallingUser
            | Phase::AwaitingUser
            | Phase::Dialling
            | Phase::Ringing => Self::Requested(open),
        }
    }
}

/// What the first event of a stream makes; nothing if it is not how a call begins.
fn begun(event: &Event) -> Call {
    let open = |direction, account, owner, user, gateway, phase| Open {
        direction,
        account,
        owner,
        user,
        gateway,
        phase,
        recording: RecordingState::Off,
        recordings: Vec::new(),
        transferred: false,
    };
    match event {
        Event::CallRequested { by, account, owner, .. } => {
            Call::Requested(open(Direction::Out, *account, *owner, *by, None, Phase::Requested))
        }
        Event::CallOffered { account, owner, user, gateway, .. } => {
            let gateway = Some(gateway.clone());
            Call::Offered(open(Direction::In, *account, *owner, *user, gateway, Phase::Offered))
        }
        Event::CallTaken { .. }
        | Event::UserAwaited { .. }
        | Event::CallDialled
        | Event::CallRang
        | Event::CallAnswered
        | Event::CallHeld
        | Event::CallResumed
        | Event::CallTransferred { .. }
        | Event::RecordingStarted { .. }
        | Event::RecordingStopped
        | Event::RecordingSaved { .. }
        | Event::RecordingFailed { .. }
        | Event::CallEnded { .. } => Call::Absent,
    }
}

impl Open {
    fn apply(&mut self, event: &Event) {
        if let Some(phase) = Phase::after(event) {
            self.phase = phase;
        }
        match event {
            Event::CallTaken { gateway } => self.gateway = Some(gateway.clone()),
            Event::CallTransferred { .. } => self.transferred = true,
            Event::CallRequested { .. }
            | Event::CallOffered { .. }
            | Event::UserAwaited { .. }
            | Event::CallDialled
            | Event::CallRang
            | Event::CallAnswered
            | Event::CallHeld
            | Event::CallResumed
            | Event::RecordingStarted { .. }
            | Event::RecordingStopped
            | Event::RecordingSaved { .. }
            | Event::RecordingFailed { .. }
            | Event::CallEnded { .. } => {}
        }
        note_recording(event, &mut self.recording, &mut self.recordings);
    }

    fn ended(self) -> Ended {
        let recording = if self.recording.is_on() { RecordingState::Saving } else { self.recording };
        Ended { user: self.user, recording, recordings: self.recordings }
    }
}

impl Phase {
    /// The phase that an event leads to; none if it leads to no other.
    #[must_use]
    pub fn after(event: &Event) -> Option<Self> {
        match event {
            Event::CallRequested { .. } => Some(Self::Requested),
            Event::CallOffered { .. } => Some(Self::Offered),
            Event::CallTaken { .. } => Some(Self::CallingUser),
            Event::UserAwaited { .. } => Some(Self::AwaitingUser),
            Event::CallDialled => Some(Self::Dialling),
            Event::CallRang => Some(Self::Ringing),
            Event::CallAnswered | Event::CallResumed => Some(Self::Talking),
            Event::CallHeld => Some(Self::Held),
            Event::CallTransferred { .. }
            | Event::RecordingStarted { .. }
            | Event::RecordingStopped
            | Event::RecordingSaved { .. }
            | Event::RecordingFailed { .. }
            | Event::CallEnded { .. } => None,
        }
    }

    /// Whether somebody has answered.
    #[must_use]
    pub fn is_answered(self) -> bool {
        match self {
            Self::Talking | Self::Held => true,
            Self::Requested
            | Self::CallingUser
            | Self::AwaitingUser
            | Self::Dialling
            | Self::Ringing
            | Self::Offered => false,
        }
    }
}

fn note_recording(event: &Event, recording: &mut RecordingState, stored: &mut Vec<String>) {
    if let Event::RecordingSaved { reference, .. } = event {
        stored.push(reference.clone());
    }
    if let Some(next) = RecordingState::after(event) {
        *recording = next;
    }
}

impl RecordingState {
    /// What an event makes of the recording; none if it leaves it alone.
    #[must_use]
    pub fn after(event: &Event) -> Option<Self> {
        match event {
            Event::RecordingStarted { locked: true, .. } => Some(Self::Locked),
            Event::RecordingStarted { locked: false, .. } => Some(Self::On),
            Event::RecordingStopped => Some(Self::Saving),
            Event::RecordingSaved { .. } => Some(Self::Off),
            Event::RecordingFailed { .. } => Some(Self::Failed),
            Event::CallRequested { .. }
            | Event::CallOffered { .. }
            | Event::CallTaken { .. }
            | Event::UserAwaited { .. }
            | Event::CallDialled
            | Event::CallRang
            | Event::CallAnswered
            | Event::CallHeld
            | Event::CallResumed
            | Event::CallTransferred { .. }
            | Event::CallEnded { .. } => None,
        }
    }
}
