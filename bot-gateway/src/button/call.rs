//! The buttons under a call's card: what they say behind `v1:call:<call>:`.

use super::{StaleButton, is_on, on_off};
use domain::call::Digit;
use std::fmt;
use std::str::FromStr;

/// What a button under a call's card does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCall {
    /// Send a digit to the far end.
    Key(Digit),
    /// The same, read from the inbox: the digit itself is never stored, so nothing is sent.
    LostKey,
    /// Put the far end on hold.
    Hold,
    /// Talk with the far end again.
    Resume,
    /// End the call, or give it up before the answer.
    HangUp,
    /// Refuse a call that rings.
    Decline,
    /// Talk on this line, and hold the other one.
    Switch,
    /// End the call on the other line, and talk on this one.
    EndOther,
    /// Connect the two lines, and leave.
    Connect,
    /// Ask for a number to connect the far end with.
    Transfer,
    /// Begin to record, or end it.
    Record(bool),
    /// Say why the recording can't be stopped.
    RecordingLocked,
    /// Dial the same number through the same account.
    Redial,
}

impl OnCall {
    /// Every button of the card, with each kind of value.
    #[cfg(test)]
    pub(super) fn all() -> Vec<Self> {
        let keys = Digit::KEYPAD.into_iter().map(Self::Key);
        let rest = [
            Self::LostKey,
            Self::Hold,
            Self::Resume,
            Self::HangUp,
            Self::Decline,
            Self::Switch,
            Self::EndOther,
            Self::Connect,
            Self::Transfer,
            Self::Record(true),
            Self::Record(false),
            Self::RecordingLocked,
            Self::Redial,
        ];
        keys.chain(rest).collect()
    }
}

impl fmt::Display for OnCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(digit) => write!(f, "key:{}", digit.get()),
            Self::LostKey => write!(f, "key"),
            Self::Hold => write!(f, "hold"),
            Self::Resume => write!(f, "resume"),
            Self::HangUp => write!(f, "end"),
            Self::Decline => write!(f, "decline"),
            Self::Switch => write!(f, "switch"),
            Self::EndOther => write!(f, "end-other"),
            Self::Connect => write!(f, "connect"),
            Self::Transfer => write!(f, "transfer"),
            Self::Record(on) => write!(f, "record:{}", on_off(*on)),
            Self::RecordingLocked => write!(f, "locked"),
            Self::Redial => write!(f, "redial"),
        }
    }
}

impl FromStr for OnCall {
    type Err = StaleButton;

    fn from_str(text: &str) -> Result<Self, StaleButton> {
        Ok(match text.split_once(':') {
            Some(("key", digit)) => {
                let mut characters = digit.chars();
                let (Some(digit), None) = (characters.next(), characters.next()) else {
                    return Err(StaleButton);
                };
                let key = Digit::try_from(digit).ok().filter(|key| key.get() == digit);
                Self::Key(key.ok_or(StaleButton)?)
            }
            Some(("record", on)) => Self::Record(is_on(on)?),
            Some(_) => return Err(StaleButton),
            None => match text {
                "key" => Self::LostKey,
                "hold" => Self::Hold,
                "resume" => Self::Resume,
                "end" => Self::HangUp,
                "decline" => Self::Decline,
                "switch" => Self::Switch,
                "end-other" => Self::EndOther,
                "connect" => Self::Connect,
                "transfer" => Self::Transfer,
                "locked" => Self::RecordingLocked,
                "redial" => Self::Redial,
                _ => return Err(StaleButton),
            },
        })
    }
}
