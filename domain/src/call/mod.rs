//! A call: who talks with whom through which account, how far it has come, and how it ended.
//!
//! One stream holds one call. No packet, tone, digit or statistic is an event: digits can be card numbers, and travel as
//! [`Signal`]s that nobody keeps. Numbers and names of far ends are sealed under the user's own key, so that erasing a
//! person erases whom they talked with.

mod cause;
mod command;
mod decide;
mod event;
mod number;
mod recording;
mod refusal;
mod segment;
mod signal;
mod state;
mod typed;

pub use cause::{EndCause, NotAnEndCause, Party, codes};
pub use command::Command;
pub use event::{Awaited, Direction, Event, Gateway, TransferTo};
pub use number::{BadNumber, Digit, MAX_NUMBER, NotADigit, Number};
pub use recording::{MANUAL_LIMIT, RecordingPolicy, RecordingState};
pub use refusal::Refusal;
pub use segment::{SEGMENTS, Segment};
pub use signal::{Action, Signal};
pub use state::{Call, Ended, Open, Phase};
pub use typed::{dialled_in, without_separators};

use chrono::TimeDelta;

/// A call that was asked for and that no gateway took within this time has failed.
pub const TAKEN_WITHIN: TimeDelta = TimeDelta::seconds(30);

/// How long a user may take to call by themselves, where the platform does not or may not ring them (product reference
/// 3.3 step 4).
pub const USER_CALLS_WITHIN: TimeDelta = TimeDelta::seconds(60);

/// The longest reason phrase that is kept, in characters.
pub const MAX_REASON: usize = 128;

#[cfg(test)]
mod tests;
