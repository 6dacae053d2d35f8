//! What may have happened to a call.

use super::EndCause;
use crate::ids::{AccountNumber, CallId, UserId};
use crate::sealed::Sealed;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The far end called the user.
    In,
    /// The user called the far end.
    Out,
}

/// The media process that carries a call, by its lease on the user's segment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Gateway {
    /// The process, by a name that no other process ever has.
    pub process: String,
    /// The epoch of its lease: a later holder of the segment has a greater one.
    pub epoch: u64,
}

/// Why the user has to call by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Awaited {
    /// They switched callback mode off.
    CallbackOff,
    /// Telegram limits calls that go out.
    Flood,
}

/// With whom a far end is connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferTo {
    /// With a number, sealed under the user's key.
    Number(Sealed),
    /// With the far end of the user's other call.
    Call(CallId),
}

// NOTE: these names and fields ARE the stored format. See docs/events.md before touching them.
/// One fact about a call. Facts are added here, never changed or taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum Event {
    /// Somebody asked for a call to a number.
    CallRequested {
        /// Who calls.
        by: UserId,
        /// Through which account.
        account: AccountNumber,
        /// Whose account it was, who pays.
        owner: UserId,
        /// What the person typed, sealed under the person's key.
        number: Sealed,
        /// What the dial rules made of it, sealed under the person's key.
        dialled: Sealed,
    },
    /// A call comes in, and the user is rung.
    CallOffered {
        /// The account that is called.
        account: AccountNumber,
        /// Whose account it was, who pays.
        owner: UserId,
        /// Who is rung.
        user: UserId,
        /// The media process that carries it.
        gateway: Gateway,
        /// The caller's number, sealed under the user's key.
        from: Sealed,
        /// The caller's name, sealed under the user's key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Sealed>,
    },
    /// A media process carries the call that was asked for, and rings the user.
    CallTaken {
        /// Which one.
        gateway: Gateway,
    },
    /// The user has to call by themselves, to be connected with the number.
    UserAwaited {
        /// Until when.
        until: DateTime<Utc>,
        /// Why.
        why: Awaited,
        /// In how many seconds Telegram lets calls go out again, where it limits them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The user is there, and the far end is dialled.
    CallDialled,
    /// The far end rings.
    CallRang,
    /// They talk.
    CallAnswered,
    /// The far end waits.
    CallHeld,
    /// The far end waits no more.
    CallResumed,
    /// The far end was connected with another one.
    CallTransferred {
        /// With whom.
        to: TransferTo,
    },
    /// Sound is being recorded.
    RecordingStarted {
        /// Whether by itself rather than by hand.
        automatic: bool,
        /// Whether the user can't stop it.
        locked: bool,
    },
    /// Recording ended; the file follows.
    RecordingStopped,
    /// The recording is stored.
    RecordingSaved {
        /// What it is stored under.
        reference: String,
        /// How long it is, in whole seconds.
        seconds: u32,
    },
    /// The recording is lost, or could not begin.
    RecordingFailed {
        /// Why, as plain text of at most 128 characters.
        reason: String,
    },
    /// The call is over. What billing and support ask of it stands here once more.
    CallEnded {
        /// Why.
        cause: EndCause,
        /// The SIP status or its like, 100 to 699, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<u16>,
        /// The reason phrase, as plain text of at most 128 characters.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// How long they talked, in whole seconds.
        answered_for: u32,
        /// The account.
        account: AccountNumber,
        /// Whose account it was, who pays.
        owner: UserId,
        /// Who called or was called.
        user: UserId,
        /// Who called whom.
        direction: Direction,
    },
}

crate::event::fact! {
    Event: CallRequested, CallOffered, CallTaken, UserAwaited, CallDialled, CallRang, CallAnswered, CallHeld,
        CallResumed, CallTransferred, RecordingStarted, RecordingStopped, RecordingSaved, RecordingFailed, CallEnded
}
