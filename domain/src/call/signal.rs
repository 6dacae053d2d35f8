//! What must reach the gateway of a call at once, may be lost, and must never be in the log.

use super::{Digit, Number};
use crate::ids::{AccountNumber, CallId, UserId};
use serde::{Deserialize, Serialize};

/// What somebody pressed during a call. What came of it returns as events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The call; none where the signal is of no call ([`Action::Reconnect`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<CallId>,
    /// Who pressed. Whether they may is for the gateway to look at.
    pub by: UserId,
    /// What is to be done.
    pub action: Action,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Send a digit to the far end.
    Digit(Digit),
    /// End the call.
    HangUp,
    /// Refuse a call that is offered.
    Decline,
    /// Put the far end on hold.
    Hold,
    /// Take the far end off hold.
    Resume,
    /// Talk on the other line and hold this one.
    Switch,
    /// Connect the far end with another one, and leave.
    Transfer {
        /// The number to connect it with; none means the far end of the user's other line.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<Number>,
    },
    /// Begin to record, or end it.
    Record(bool),
    /// Register an account anew.
    Reconnect {
        /// The account.
        account: AccountNumber,
    },
}

impl Signal {
    /// A signal about a call.
    #[must_use]
    pub fn on(call: CallId, by: UserId, action: Action) -> Self {
        Self { call: Some(call), by, action }
    }

    /// Register an account anew.
    #[must_use]
    pub fn reconnect(account: AccountNumber, by: UserId) -> Self {
        Self { call: None, by, action: Action::Reconnect { account } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::IVAN;

    #[test]
    fn a_signal_travels_as_json_and_shows_neither_digits_nor_numbers() {
        let call = CallId::from_bits(1);
        let number: Number = "+74950000000".parse().expect("a number");
        let actions = [
            Action::Digit(Digit::KEYPAD[6]),
            Action::HangUp,
            Action::Decline,
            Action::Hold,
            Action::Resume,
            Action::Switch,
            Action::Transfer { to: Some(number) },
            Action::Transfer { to: None },
            Action::Record(true),
        ];
        let reconnect = Signal::reconnect(AccountNumber::MIN, IVAN);
        for signal in actions.map(|action| Signal::on(call, IVAN, action)).into_iter().chain([reconnect]) {
            let json = serde_json::to_string(&signal).expect("JSON");
            assert_eq!(serde_json::from_str::<Signal>(&json).expect("a signal"), signal);
            let shown = format!("{signal:?}");
            assert!(!shown.contains('7') && !shown.contains("4950"), "{shown}");
        }
    }
}
