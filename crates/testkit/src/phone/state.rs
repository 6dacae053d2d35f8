//! What a phone knows: who it belongs to, its calls, and what happened. Pure.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How many things that happened are kept.
const TRANSCRIPT: usize = 100;

/// How the phone stands with the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Line {
    /// On its way.
    #[default]
    Connecting,
    /// Let in.
    Ready,
    /// Cut off; it tries again by itself.
    Lost,
    /// Not let in.
    Refused,
}

impl Line {
    fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Ready => "ready",
            Self::Lost => "lost",
            Self::Refused => "refused",
        }
    }
}

/// Everything that a script may look at, but what is heard.
#[derive(Debug, Default)]
pub(super) struct State {
    version: u64,
    line: Line,
    user: Option<i64>,
    accounts: Value,
    calls: BTreeMap<String, Value>,
    /// Calls whose sound is here.
    mine: BTreeSet<String>,
    /// A number was dialled, and its call has not shown itself yet.
    dialled: bool,
    last_ended: Option<Value>,
    choose: Option<Value>,
    trouble: Option<String>,
    transcript: VecDeque<Value>,
    connected: bool,
}

impl State {
    /// Counts every change.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    pub(super) fn line(&self) -> Line {
        self.line
    }

    /// The phone's connection changed; `why` is for people.
    pub(super) fn become_line(&mut self, line: Line, why: Option<&str>, now_ms: i64) {
        if self.line == line && why.is_none() {
            return;
        }
        self.line = line;
        if let Some(why) = why {
            self.trouble = Some(why.to_owned());
        }
        self.note(line.name(), why, now_ms);
    }

    /// The gateway can't be reached just now; the phone tries again by itself.
    pub(super) fn cannot_connect(&mut self, why: String) {
        self.trouble = Some(why);
    }

    /// Sound can flow, or cannot any more.
    pub(super) fn become_connected(&mut self, connected: bool, now_ms: i64) {
        if self.connected != connected {
            self.connected = connected;
            self.note(if connected { "sound is connected" } else { "sound is gone" }, None, now_ms);
        }
    }

    /// An action begins: what the last one left is cleared.
    pub(super) fn begin(&mut self) {
        self.choose = None;
        self.trouble = None;
        self.version += 1;
    }

    /// A number was dialled here.
    pub(super) fn dials(&mut self) {
        self.dialled = true;
    }

    /// This call's sound is here.
    pub(super) fn takes(&mut self, call: &str) {
        self.mine.insert(call.to_owned());
    }

    /// Something went wrong that the gateway did not say.
    pub(super) fn fails(&mut self, why: &str, now_ms: i64) {
        self.dialled = false;
        self.trouble = Some(why.to_owned());
        self.note("trouble", Some(why), now_ms);
    }

    /// The first call in one of these states, in the order of the states.
    pub(super) fn call_in(&self, states: &[&str]) -> Option<&str> {
        let in_state = |state: &&str| self.calls.values().find(|call| call["state"] == **state);
        states.iter().find_map(in_state).and_then(|call| call["call"].as_str())
    }

    pub(super) fn has_call(&self, call: &str) -> bool {
        self.calls.contains_key(call)
    }

    /// A call whose sound was here, to take up again after a lost connection.
    pub(super) fn interrupted(&self) -> Option<&str> {
        self.mine.iter().map(String::as_str).find(|call| self.calls.contains_key(*call))
    }

    /// Takes what the gateway said.
    pub(super) fn hear(&mut self, message: &Value, now_ms: i64) {
        match message["type"].as_str().unwrap_or_default() {
            "ready" => self.ready(message, now_ms),
            "accounts" => {
                self.accounts = message["accounts"].clone();
                self.version += 1;
            }
            "call" => self.told(message, now_ms),
            "choose" => {
                self.dialled = false;
                self.choose = Some(without_type(message));
                self.note("several accounts fit", None, now_ms);
            }
            "error" => {
                if message["of"] == "dial" {
                    self.dialled = false;
                }
                let words = message["words"].as_str().unwrap_or("the gateway gives no reason");
                self.trouble = Some(words.to_owned());
                self.note("trouble", Some(words), now_ms);
            }
            // Answers to what the wire asks, and what a newer gateway may say.
            _ => {}
        }
    }

    fn ready(&mut self, message: &Value, now_ms: i64) {
        self.user = message["user"].as_i64();
        self.accounts = message["accounts"].clone();
        self.calls.clear();
        for call in message["calls"].as_array().into_iter().flatten() {
            self.told(call, now_ms);
        }
        self.mine.retain(|call| self.calls.contains_key(call));
        self.line = Line::Ready;
        self.note(Line::Ready.name(), None, now_ms);
    }

    fn told(&mut self, message: &Value, now_ms: i64) {
        let Some(id) = message["call"].as_str() else { return };
        let call = without_type(message);
        let state = call["state"].as_str().unwrap_or_default().to_owned();
        let before = self.calls.get(id).and_then(|call| call["state"].as_str());
        if before != Some(&state) {
            let who = call["number"].as_str().unwrap_or("somebody").to_owned();
            let words = match call["reason"].as_str() {
                Some(reason) if state == "ended" => format!("{who}: {reason}"),
                Some(_) | None => who,
            };
            self.note(&state, Some(&words), now_ms);
        }
        self.version += 1;
        if state == "ended" {
            self.calls.remove(id);
            self.mine.remove(id);
            self.last_ended = Some(call);
            return;
        }
        if self.dialled && call["direction"] == "out" && state != "ringing" {
            self.dialled = false;
            self.mine.insert(id.to_owned());
        }
        self.calls.insert(id.to_owned(), call);
    }

    fn note(&mut self, what: &str, about: Option<&str>, now_ms: i64) {
        self.version += 1;
        let what = about.map_or_else(|| what.to_owned(), |about| format!("{what}: {about}"));
        if self.transcript.len() == TRANSCRIPT {
            self.transcript.pop_front();
        }
        self.transcript.push_back(json!({"at": now_ms, "what": what}));
    }

    /// All of it as the HTTP API shows it.
    pub(super) fn view(&self) -> Value {
        let mut out = json!({
            "version": self.version, "state": self.line.name(), "accounts": self.accounts.as_array().cloned().unwrap_or_default(),
            "calls": self.calls.values().collect::<Vec<_>>(), "connected": self.connected, "transcript": self.transcript,
        });
        if let Some(user) = self.user {
            out["user"] = user.into();
        }
        for (name, value) in [("last_ended", &self.last_ended), ("choose", &self.choose)] {
            if let Some(value) = value {
                out[name] = value.clone();
            }
        }
        if let Some(trouble) = &self.trouble {
            out["trouble"] = trouble.clone().into();
        }
        out
    }
}

fn without_type(message: &Value) -> Value {
    let mut out = message.clone();
    if let Some(object) = out.as_object_mut() {
        object.remove("type");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, state: &str) -> Value {
        json!({"type": "call", "call": id, "line": 1, "direction": "out", "state": state, "number": "600", "account": "1"})
    }

    #[test]
    fn a_call_that_was_dialled_here_is_heard_here() {
        let mut state = State::default();
        state.dials();
        state.hear(&call("a", "calling"), 1);
        assert_eq!(state.interrupted(), Some("a"));
        state.hear(&call("b", "calling"), 2);
        assert!(!state.mine.contains("b"), "somebody else dialled that one");
    }

    #[test]
    fn an_ended_call_is_told_once_and_forgotten() {
        let mut state = State::default();
        state.hear(&call("a", "talking"), 1);
        let mut ended = call("a", "ended");
        ended["code"] = 486.into();
        state.hear(&ended, 2);
        let view = state.view();
        assert_eq!(
            (view["calls"].as_array().map(Vec::len), &view["last_ended"]["code"]),
            (Some(0), &json!(486))
        );
    }

    #[test]
    fn every_change_has_a_version_of_its_own() {
        let mut state = State::default();
        let before = state.version();
        state.hear(&call("a", "talking"), 1);
        assert!(state.version() > before);
    }

    #[test]
    fn what_rings_at_the_far_end_is_found_after_what_is_talked() {
        let mut state = State::default();
        state.hear(&call("a", "alerting"), 1);
        state.hear(&call("b", "talking"), 1);
        assert_eq!(state.call_in(&["talking", "alerting"]), Some("b"));
        assert_eq!(state.call_in(&["held"]), None);
    }

    #[test]
    fn only_the_newest_of_what_happened_is_kept() {
        let mut state = State::default();
        for round in 0..200 {
            state.fails(&format!("{round}"), round);
        }
        let view = state.view();
        let kept = view["transcript"].as_array().unwrap();
        assert_eq!((kept.len(), &kept[0]["what"]), (TRANSCRIPT, &json!("trouble: 100")));
    }
}
