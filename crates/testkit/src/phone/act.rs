//! What a script asks of a phone, and the frame that it becomes. Pure.

use super::state::State;
use serde::Deserialize;
use serde_json::{Value, json};

/// The body of `POST …/phone`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
pub(super) enum Action {
    Dial { number: String, account: Option<String> },
    Answer { call: Option<String> },
    Decline { call: Option<String> },
    Hangup { call: Option<String> },
    Hold { call: Option<String> },
    Resume { call: Option<String> },
    Switch {},
    Transfer { to: String, call: Option<String> },
    Digits { digits: String, call: Option<String> },
    Record { on: bool, call: Option<String> },
    Disconnect {},
}

/// What is to be done for an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Deed {
    /// This frame goes to the gateway.
    Send(Value),
    /// The same, but first there has to be sound.
    SendWithSound(Value),
    /// The phone leaves.
    Leave,
}

impl Action {
    /// Finds the call that is meant, and makes the frame.
    ///
    /// # Errors
    ///
    /// A sentence: there is no such call.
    pub(super) fn deed(self, state: &mut State) -> Result<Deed, String> {
        state.begin();
        Ok(match self {
            Self::Dial { number, account } => {
                state.dials();
                let mut frame = json!({"type": "dial", "number": number});
                if let Some(account) = account {
                    frame["account"] = account.into();
                }
                Deed::SendWithSound(frame)
            }
            Self::Answer { call } => {
                let call = meant(state, call, &["ringing"], "No call rings.")?;
                state.takes(&call);
                Deed::SendWithSound(json!({"type": "answer", "call": call}))
            }
            Self::Decline { call } => plain("decline", meant(state, call, &["ringing"], "No call rings.")?),
            Self::Hangup { call } => {
                let states = ["talking", "alerting", "calling", "held"];
                plain("hangup", meant(state, call, &states, "There is no call to end.")?)
            }
            Self::Hold { call } => plain("hold", meant(state, call, &["talking"], "Nobody is talked with.")?),
            Self::Resume { call } => plain("resume", meant(state, call, &["held"], "No call is on hold.")?),
            Self::Switch {} => {
                if let Some(ringing) = state.call_in(&["ringing"]).map(str::to_owned) {
                    state.takes(&ringing);
                }
                Deed::SendWithSound(json!({"type": "switch"}))
            }
            Self::Transfer { to, call } => {
                let call = meant(state, call, &["talking", "held"], "There is no call to transfer.")?;
                Deed::Send(json!({"type": "transfer", "call": call, "to": to}))
            }
            Self::Digits { digits, call } => {
                let call = meant(state, call, &["talking", "alerting"], "Nobody hears keys now.")?;
                Deed::Send(json!({"type": "digits", "call": call, "digits": digits}))
            }
            Self::Record { on, call } => {
                let call = meant(state, call, &["talking"], "Nobody is talked with.")?;
                Deed::Send(json!({"type": "record", "call": call, "on": on}))
            }
            Self::Disconnect {} => Deed::Leave,
        })
    }
}

fn plain(kind: &str, call: String) -> Deed {
    Deed::Send(json!({"type": kind, "call": call}))
}

fn meant(state: &State, named: Option<String>, states: &[&str], none: &str) -> Result<String, String> {
    match named {
        Some(call) if state.has_call(&call) => Ok(call),
        Some(call) => Err(format!("There is no call {call}.")),
        None => state.call_in(states).map(str::to_owned).ok_or_else(|| none.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(id: &str, call_state: &str) -> State {
        let mut state = State::default();
        state.hear(&json!({"type": "call", "call": id, "state": call_state, "number": "600"}), 0);
        state
    }

    fn action(body: Value) -> Action {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn the_ringing_call_is_answered_unless_another_is_named() {
        let deed = action(json!({"action": "answer"})).deed(&mut with("a", "ringing"));
        assert_eq!(deed, Ok(Deed::SendWithSound(json!({"type": "answer", "call": "a"}))));
        let other = action(json!({"action": "answer", "call": "b"})).deed(&mut with("a", "ringing"));
        assert_eq!(other, Err("There is no call b.".to_owned()));
        assert_eq!(
            action(json!({"action": "answer"})).deed(&mut with("a", "talking")),
            Err("No call rings.".to_owned())
        );
    }

    #[test]
    fn keys_go_to_whoever_can_hear_them() {
        let deed = action(json!({"action": "digits", "digits": "1#"})).deed(&mut with("a", "alerting"));
        assert_eq!(deed, Ok(Deed::Send(json!({"type": "digits", "call": "a", "digits": "1#"}))));
        assert!(action(json!({"action": "digits", "digits": "1"})).deed(&mut with("a", "held")).is_err());
    }

    #[test]
    fn an_action_that_does_not_exist_is_not_read() {
        assert!(serde_json::from_value::<Action>(json!({"action": "shout"})).is_err());
        assert!(serde_json::from_value::<Action>(json!({"action": "switch", "call": "a"})).is_err());
    }
}
