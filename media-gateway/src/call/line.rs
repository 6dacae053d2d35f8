//! One line of a person: a call and how far it has come.

use super::finish::Outcome;
use super::ids::{CallId, LegId, Moment};
use super::keypad::Keys;
use super::recording::Recording;
use domain::call::RecordingPolicy;
use domain::ids::{AccountNumber, UserId};
use domain::settings::DtmfMethod;

/// What a call has to know of the account that it goes through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub number: AccountNumber,
    /// To whom it belongs.
    pub owner: UserId,
    /// Whether, and how long, its calls are recorded.
    pub recording: RecordingPolicy,
    /// How keys are sent, in order.
    pub dtmf: Vec<DtmfMethod>,
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Somebody calls the person.
    In,
    /// The person calls.
    Out,
}

/// How far a call has come. What is over has no line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// The person asked for it in the chat and has to pick up before it is dialled.
    Wanted {
        /// Whether the person's phones ring; if not, they are to call.
        rings: bool,
        /// When it is given up.
        until: Moment,
    },
    /// Somebody calls, and the person has not answered.
    Ringing {
        /// When it is given up.
        until: Moment,
        /// When it is given up if no phone turns up.
        alone_until: Moment,
    },
    /// The far end was called and has not answered.
    Dialling {
        /// It rings there.
        alerting: bool,
        /// It sends sound already.
        early: bool,
        /// When it is given up.
        until: Moment,
    },
    /// Both sides have answered.
    Talking {
        /// Since when.
        since: Moment,
    },
}

/// Whether the person holds the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// No.
    No,
    /// Because they said so: only they can say otherwise.
    ByHand,
    /// Because they talk on the other line: they go on when that one ends.
    Aside,
}

/// A transfer that is under way. The line is silent for the person, and the far end hears what held callers hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transfer {
    /// The far end was asked to call a number.
    Asked {
        /// Which.
        to: String,
        /// When it is taken for refused.
        until: Moment,
    },
    /// The far end was asked to take our place on the other line.
    AskedToJoin {
        /// That line.
        other: CallId,
        /// When it is taken for refused.
        until: Moment,
    },
    /// The PBX does not do it, so we call the number and join the two.
    Dialling {
        /// The dialog with the number.
        leg: LegId,
        /// Which number.
        to: String,
        /// When it is given up.
        until: Moment,
    },
    /// The far end asked us to call somebody in its place.
    Theirs {
        /// The dialog with that somebody.
        leg: LegId,
        /// Who.
        to: String,
        /// When it is given up.
        until: Moment,
    },
}

/// What was offered to the far end by re-INVITE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Offered {
    /// The far end believes to be held.
    pub(super) hold: bool,
    /// An offer is on its way, for this.
    pub(super) asking: Option<bool>,
    /// The far end does not take such offers.
    pub(super) refused: bool,
}

impl Offered {
    /// It was told to hold, or is being told.
    pub(super) fn believes_held(self) -> bool {
        self.asking.unwrap_or(self.hold)
    }
}

/// A line.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) call: CallId,
    pub(super) slot: u8,
    pub(super) direction: Direction,
    pub(super) account: Account,
    pub(super) number: String,
    pub(super) name: Option<String>,
    pub(super) dialled: String,
    pub(super) leg: Option<LegId>,
    pub(super) stage: Stage,
    /// Since when what a person sees of it is so.
    pub(super) since: Moment,
    pub(super) answered: Option<Moment>,
    pub(super) held: Held,
    pub(super) they_hold: bool,
    pub(super) telephone_event: bool,
    pub(super) offered: Offered,
    pub(super) reported_held: bool,
    pub(super) recording: Recording,
    pub(super) keys: Keys,
    pub(super) transfer: Option<Transfer>,
    /// Why the person could not be called; no further attempt is made for this call.
    pub(super) unreachable: Option<Outcome>,
    /// Set when it is over and about to be taken away.
    pub(super) ended: Option<Outcome>,
}

impl Line {
    pub(super) fn new(call: CallId, slot: u8, direction: Direction, account: Account, stage: Stage) -> Self {
        Self {
            call,
            slot,
            direction,
            account,
            number: String::new(),
            name: None,
            dialled: String::new(),
            leg: None,
            stage,
            since: Moment::ZERO,
            answered: None,
            held: Held::No,
            they_hold: false,
            telephone_event: false,
            offered: Offered::default(),
            reported_held: false,
            recording: Recording::Off,
            keys: Keys::default(),
            transfer: None,
            unreachable: None,
            ended: None,
        }
    }

    /// Both sides have answered.
    pub(super) fn talks(&self) -> bool {
        matches!(self.stage, Stage::Talking { .. })
    }

    /// The person takes part: the far end is being called, or both talk.
    pub(super) fn is_joined_by_person(&self) -> bool {
        matches!(self.stage, Stage::Talking { .. } | Stage::Dialling { .. })
    }

    /// The person has to answer it.
    pub(super) fn waits_for_person(&self) -> bool {
        matches!(self.stage, Stage::Wanted { .. } | Stage::Ringing { .. })
    }

    /// The person is to be called for it.
    pub(super) fn wants_summons(&self) -> bool {
        self.ended.is_none()
            && self.unreachable.is_none()
            && matches!(self.stage, Stage::Wanted { rings: true, .. } | Stage::Ringing { .. })
    }

    /// The dialogs that it has.
    pub(super) fn legs(&self) -> impl Iterator<Item = LegId> + use<> {
        let second = match &self.transfer {
            Some(Transfer::Dialling { leg, .. } | Transfer::Theirs { leg, .. }) => Some(*leg),
            Some(Transfer::Asked { .. } | Transfer::AskedToJoin { .. }) | None => None,
        };
        self.leg.into_iter().chain(second)
    }

    /// When something is to happen to it by itself.
    pub(super) fn deadlines(&self) -> impl Iterator<Item = Moment> + use<> {
        let stage = match self.stage {
            Stage::Wanted { until, .. } | Stage::Dialling { until, .. } => [Some(until), None],
            Stage::Ringing { until, alone_until } => [Some(until), Some(alone_until)],
            Stage::Talking { .. } => [None, None],
        };
        let transfer = self.transfer.as_ref().map(|transfer| match transfer {
            Transfer::Asked { until, .. }
            | Transfer::AskedToJoin { until, .. }
            | Transfer::Dialling { until, .. }
            | Transfer::Theirs { until, .. } => *until,
        });
        stage.into_iter().flatten().chain(transfer).chain(self.keys.due()).chain(self.recording.until())
    }
}
