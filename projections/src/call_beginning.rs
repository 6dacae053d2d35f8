//! How a call begins, either way: what `call_board` and `call_history` both take from its first event.

use domain::call::{Direction, Event, Gateway};
use domain::ids::{AccountNumber, UserId};
use domain::sealed::Sealed;

/// What the first event of a call says.
pub(crate) struct Beginning {
    pub(crate) account: AccountNumber,
    pub(crate) owner: UserId,
    pub(crate) user: UserId,
    pub(crate) direction: Direction,
    pub(crate) number: Sealed,
    pub(crate) dialled: Option<Sealed>,
    pub(crate) name: Option<Sealed>,
    pub(crate) gateway: Option<Gateway>,
}

impl Beginning {
    /// The beginning, if this is how a call begins.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::CallRequested { by, account, owner, number, dialled } => Some(Self {
                account: *account,
                owner: *owner,
                user: *by,
                direction: Direction::Out,
                number: number.clone(),
                dialled: Some(dialled.clone()),
                name: None,
                gateway: None,
            }),
            Event::CallOffered { account, owner, user, gateway, from, name } => Some(Self {
                account: *account,
                owner: *owner,
                user: *user,
                direction: Direction::In,
                number: from.clone(),
                dialled: None,
                name: name.clone(),
                gateway: Some(gateway.clone()),
            }),
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
            | Event::CallEnded { .. } => None,
        }
    }
}
