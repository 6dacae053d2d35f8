//! How a call begins, either way: what `call_board`, `call_history` and a call's card all take from its first event.

use domain::call::{Direction, Event, Gateway};
use domain::ids::{AccountNumber, UserId};
use domain::sealed::Sealed;

/// What the first event of a call says.
pub struct Beginning {
    /// The account.
    pub account: AccountNumber,
    /// Whose account it is, who pays.
    pub owner: UserId,
    /// Who calls or is called.
    pub user: UserId,
    /// Who calls whom.
    pub direction: Direction,
    /// The far end's number, sealed under the user's key: as it was typed, or as it came.
    pub number: Sealed,
    /// What the dial rules made of the number; none of a call that comes in.
    pub dialled: Option<Sealed>,
    /// The far end's name, sealed under the user's key.
    pub name: Option<Sealed>,
    /// Which gateway carries it; none of a call that was only asked for.
    pub gateway: Option<Gateway>,
}

impl Beginning {
    /// The beginning, if this is how a call begins.
    #[must_use]
    pub fn of(event: &Event) -> Option<Self> {
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
