//! What may be asked of a call.

use super::{Awaited, EndCause, Gateway, TransferTo};
use crate::ids::{AccountNumber, UserId};
use crate::sealed::Sealed;
use chrono::{DateTime, Utc};

/// A command. Who gives it, and when, is in the context. Any of them may be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Call a number. Given by the person, or by a gateway for the person at its phone; that the person uses the account
    /// is for the asker to look at.
    Request {
        /// Who calls.
        by: UserId,
        /// Through which account.
        account: AccountNumber,
        /// Whose account it is, who pays.
        owner: UserId,
        /// What the person typed, sealed under the person's key.
        number: Sealed,
        /// What the dial rules made of it, sealed under the person's key.
        dialled: Sealed,
    },
    /// A gateway has a call that comes in, and rings the user.
    Offer {
        /// The account that is called.
        account: AccountNumber,
        /// Whose account it is, who pays.
        owner: UserId,
        /// Who is rung.
        user: UserId,
        /// Which gateway carries it.
        gateway: Gateway,
        /// The caller's number, sealed under the user's key.
        from: Sealed,
        /// The caller's name, sealed under the user's key.
        name: Option<Sealed>,
    },
    /// A gateway takes a call that was asked for, and rings the user.
    Take {
        /// Which gateway.
        gateway: Gateway,
    },
    /// A gateway waits for the user to call.
    AwaitUser {
        /// Until when.
        until: DateTime<Utc>,
        /// Why it does not ring the user.
        why: Awaited,
        /// In how many seconds Telegram lets calls go out again, where it limits them.
        retry_after: Option<u32>,
    },
    /// The user is there, and the far end is dialled.
    Dial,
    /// The far end rings.
    Ring,
    /// They talk: the far end answered, or the user did.
    Answer,
    /// The far end waits.
    Hold,
    /// The far end waits no more.
    Resume,
    /// The far end is connected with another one.
    Transfer {
        /// With whom.
        to: TransferTo,
    },
    /// Sound is being recorded.
    StartRecording {
        /// Whether by itself rather than by hand.
        automatic: bool,
        /// Whether the user can't stop it.
        locked: bool,
    },
    /// Recording ends. Refused to the user where it is locked.
    StopRecording,
    /// The recording is stored. Also after the call.
    SaveRecording {
        /// What it is stored under.
        reference: String,
        /// How long it is, in whole seconds.
        seconds: u32,
    },
    /// The recording is lost, or could not begin. Also after the call.
    FailRecording {
        /// Why, in words.
        reason: String,
    },
    /// The call is over. The first end stands.
    End {
        /// Why.
        cause: EndCause,
        /// The SIP status or its like, 100 to 699, where there is one.
        code: Option<u16>,
        /// The reason phrase.
        reason: Option<String>,
        /// How long they talked, in whole seconds. Nothing where nobody answered.
        answered_for: u32,
    },
}
