//! What bots did, for tests: the newest calls, and what no correct bot does.

use serde_json::{Value, json};
use std::collections::VecDeque;

/// Calls and violations kept; older ones go. At some hundred bytes each this is a few megabytes.
const KEPT: usize = 10_000;

/// The records.
#[derive(Debug, Default)]
pub(crate) struct Records {
    calls: VecDeque<Value>,
    violations: VecDeque<Value>,
    next: u64,
}

impl Records {
    /// Notes a call.
    pub(crate) fn call(&mut self, mut call: Value) {
        self.next += 1;
        call["seq"] = self.next.into();
        push(&mut self.calls, call);
    }

    /// Notes what a bot should not have done.
    pub(crate) fn violation(&mut self, at: i64, bot: Option<i64>, method: &str, what: &str) {
        self.next += 1;
        let mut violation = json!({"seq": self.next, "at": at, "method": method, "what": what});
        if let Some(bot) = bot {
            violation["bot"] = bot.into();
        }
        push(&mut self.violations, violation);
    }

    /// The calls after this number, of this method where one is given.
    pub(crate) fn calls(&self, after: u64, method: Option<&str>) -> Vec<Value> {
        let fits = |call: &&Value| {
            call["seq"].as_u64().unwrap_or(0) > after
                && method.is_none_or(|m| call["method"].as_str().is_some_and(|c| c.eq_ignore_ascii_case(m)))
        };
        self.calls.iter().filter(fits).cloned().collect()
    }

    /// All violations.
    pub(crate) fn violations(&self) -> Vec<Value> {
        self.violations.iter().cloned().collect()
    }
}

fn push(list: &mut VecDeque<Value>, entry: Value) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(entry);
}
