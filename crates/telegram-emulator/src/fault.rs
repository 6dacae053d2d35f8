//! Faults that tests arm: calls that fail, hang or lose their answer; updates that come twice or in the wrong order.

use crate::{calls::refused::Refused, config::token_id, error::ApiError, world::updates::Pending};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A fault as `POST /sim/fault` takes it; `docs/emulator.md`, "Faults".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    #[serde(default = "once")]
    times: u32,
    /// Milliseconds.
    #[serde(default)]
    pub(crate) delay_ms: u64,
    /// Milliseconds between carrying a method of the MTProto side out and its answer: updates overtake it.
    #[serde(default)]
    pub(crate) answer_delay_ms: u64,
    #[serde(default)]
    pub(crate) drop_response: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updates: Option<UpdateFault>,
    /// Telegram's name of the refusal, for methods of the MTProto side.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What happens to the MTProto connections, at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<LineFault>,
    /// For how long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<u64>,
}

fn once() -> u32 {
    1
}

/// What can happen to updates on their way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum UpdateFault {
    Duplicate,
    Reorder,
}

/// What can happen to MTProto connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineFault {
    /// All are cut, once.
    MtprotoDrop,
    /// All are cut, and none are taken for so many seconds.
    MtprotoDown,
}

impl Fault {
    /// Whether it is about a method of the MTProto side: those have a dot in their names.
    fn is_rpc(&self) -> bool {
        self.error.is_some() || self.method.as_deref().is_some_and(|method| method.contains('.'))
    }

    /// The refusal to give to a client in place of carrying its request out.
    pub(crate) fn rpc_refusal(&self) -> Option<Refused> {
        let name = self.error.clone()?;
        let usual = match name.as_str() {
            // Telegram's own servers did not answer one another in time.
            "Timeout" => -503,
            name if name.starts_with("FLOOD") => 420,
            _ => 400,
        };
        Some(Refused { code: self.code.map_or(usual, i32::from), name: name.into() })
    }

    fn hits(&self, bot: i64, method: &str) -> bool {
        let same_bot = self.token.as_ref().is_none_or(|token| token_id(token) == Some(bot));
        let same_method = match self.method.as_deref() {
            None => !method.eq_ignore_ascii_case("getUpdates"),
            Some("*") => true,
            Some(wanted) => wanted.eq_ignore_ascii_case(method),
        };
        self.updates.is_none() && !self.is_rpc() && self.times > 0 && same_bot && same_method
    }

    /// The refusal to give in place of carrying the call out.
    pub(crate) fn refusal(&self) -> Option<ApiError> {
        let code = self.code?;
        let mut refusal = match (code, self.retry_after) {
            (429, seconds) => ApiError::too_many_requests(seconds.unwrap_or(1)),
            (500, _) => crate::error::INTERNAL,
            (502, _) => ApiError::new(502, "Bad Gateway"),
            (504, _) => ApiError::new(504, "Gateway Timeout"),
            (other, _) => ApiError::new(other, "Bad Request: a fault that was asked for"),
        };
        if let Some(description) = &self.description {
            refusal.description = description.clone().into();
        }
        Some(refusal)
    }
}

/// The faults that are armed, and updates to be given a second time.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    armed: Vec<Fault>,
    again: BTreeMap<i64, Vec<(i64, Pending)>>,
}

impl Faults {
    pub(crate) fn arm(&mut self, fault: Fault) {
        self.armed.push(fault);
    }

    pub(crate) fn disarm(&mut self) {
        self.armed.clear();
        self.again.clear();
    }

    pub(crate) fn armed(&self) -> &[Fault] {
        &self.armed
    }

    /// Uses up the first fault that hits this call.
    pub(crate) fn take(&mut self, bot: i64, method: &str) -> Option<Fault> {
        let fault = self.armed.iter_mut().find(|fault| fault.hits(bot, method))?;
        fault.times -= 1;
        let taken = fault.clone();
        self.armed.retain(|fault| fault.times > 0);
        Some(taken)
    }

    /// Uses up the first fault of this MTProto method.
    pub(crate) fn take_rpc(&mut self, method: &str) -> Option<Fault> {
        let hit =
            |fault: &Fault| fault.is_rpc() && fault.times > 0 && fault.method.as_deref() == Some(method);
        let fault = self.armed.iter_mut().find(|fault| hit(fault))?;
        fault.times -= 1;
        let taken = fault.clone();
        self.armed.retain(|fault| fault.times > 0);
        Some(taken)
    }

    /// Uses up a fault of updates.
    pub(crate) fn take_update_fault(&mut self, wanted: UpdateFault) -> bool {
        let Some(fault) =
            self.armed.iter_mut().find(|fault| fault.updates == Some(wanted) && fault.times > 0)
        else {
            return false;
        };
        fault.times -= 1;
        self.armed.retain(|fault| fault.times > 0);
        true
    }

    /// What a batch becomes on its way to the bot.
    pub(crate) fn spoil(&mut self, bot: i64, mut batch: Vec<(i64, Pending)>) -> Vec<(i64, Pending)> {
        let again = self.again.remove(&bot).unwrap_or_default();
        if !batch.is_empty() && self.take_update_fault(UpdateFault::Duplicate) {
            self.again.insert(bot, batch.clone());
        }
        batch.splice(0..0, again);
        if batch.len() > 1 && self.take_update_fault(UpdateFault::Reorder) {
            batch.reverse();
        }
        batch
    }

    /// Whether a bot is to get something a second time.
    pub(crate) fn has_again(&self, bot: i64) -> bool {
        self.again.contains_key(&bot)
    }
}
