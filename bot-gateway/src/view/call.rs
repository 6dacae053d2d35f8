//! What the screens about calls take.

use super::Health;
use chrono::{DateTime, Utc};
use domain::call::{Awaited, Direction, EndCause};
use domain::dial_rules::Outcome;
use domain::ids::{AccountNumber, CallId};

/// Where a person takes and makes their calls, as the operator has set it up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Phone {
    /// The web phone's address, which opens inside Telegram. By HTTPS.
    pub page: Option<String>,
    /// Whether people are rung in Telegram.
    pub telegram: bool,
    /// The user name of the Telegram account that rings this person, without the `@`.
    pub account: Option<String>,
}

/// All that a call's card shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallCard {
    /// The call.
    pub call: CallId,
    /// Who called whom.
    pub direction: Direction,
    /// The account's name, else `login@domain`; empty where it is gone.
    pub line: String,
    /// The far end's number; none where it is withheld, or forgotten with the person.
    pub number: Option<String>,
    /// The far end's name, as it calls itself.
    pub name: Option<String>,
    /// How far the call has come.
    pub stage: Stage,
    /// What the recording button says.
    pub recording: RecordingKey,
    /// The person's other line, if there is one.
    pub other: Option<OtherLine>,
    /// Where the person talks.
    pub phone: Phone,
}

/// The person has to call by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Awaiting {
    /// Until when.
    pub until: DateTime<Utc>,
    /// Why they are not rung.
    pub why: Awaited,
    /// In how many seconds Telegram lets calls go out again, where it limits them.
    pub retry_after: Option<u32>,
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// It was asked for, and is about to begin.
    Asked,
    /// The person is rung, to be connected then.
    CallingYou,
    /// The person has to call by themselves.
    AwaitingYou(Awaiting),
    /// The number is dialled.
    Dialling,
    /// The far end rings; of a call that comes in, the person does.
    Ringing,
    /// They talk.
    Talking {
        /// Since when.
        since: DateTime<Utc>,
    },
    /// The far end waits.
    Held {
        /// Since when they talked.
        since: DateTime<Utc>,
    },
    /// It is over.
    Ended(Ending),
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Why.
    pub cause: EndCause,
    /// The finish code: a SIP status or its like.
    pub code: Option<u16>,
    /// What the code's sender says of it.
    pub reason: Option<String>,
    /// How long they talked, in seconds.
    pub talked: u32,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether the far end was dialled; of a call that came in, always.
    pub dialled: bool,
    /// Whether it can be dialled again: its number and its account are still there.
    pub again: bool,
}

/// What the recording button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordingKey {
    /// Begin.
    Start,
    /// It was asked for.
    Starting,
    /// End.
    Stop,
    /// It is being stored.
    Saving,
    /// The owner records; nobody can stop it here.
    Locked,
    /// It failed; begin again.
    Failed,
}

/// The person's other line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLine {
    /// Its far end in words; empty where nothing is known.
    pub who: String,
    /// Whether somebody talks or waits there.
    pub answered: bool,
}

/// A number that several accounts may dial, or several numbers of one contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the numbers wait under.
    pub choice: u32,
    /// The numbers.
    pub numbers: Vec<String>,
}

/// One account that may dial a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The account.
    pub account: AccountNumber,
    /// Its name, else `login@domain`.
    pub title: String,
    /// What its rules make of the number.
    pub dials: String,
}

/// One account that may not, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoLine {
    /// The account.
    pub account: AccountNumber,
    /// Its name, else `login@domain`.
    pub title: String,
    /// Why.
    pub why: WhyNot,
}

/// Why an account does not dial a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WhyNot {
    /// It is not ready: not complete, switched off, refused by its provider.
    Health(Health),
    /// Somebody else uses it; the owner sees it in the list.
    UsedByAnother,
    /// Its dial rules make nothing of the number, or do not let it pass.
    Rules(Outcome),
}
