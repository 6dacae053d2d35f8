//! How calls end: by one of the two, or because their time is over.

use super::{
    Calls, Notice,
    call::{Call, Endpoint, Reason, Role, Stage},
    refused::{self, Refused},
};

/// How long an answered call waits for the caller's half of the key, in seconds. Clients give up after
/// `call_connect_timeout_ms`, which is as long.
pub(super) const CONFIRM_WITHIN: i64 = 30;
/// Ended calls that are remembered, for apps that end them once more and for tests that look back.
const REMEMBERED: usize = 200;

impl Calls {
    /// phone.discardCall, in any stage; once more is no harm.
    ///
    /// # Errors
    ///
    /// A call that is not theirs.
    pub(crate) fn discard(
        &mut self,
        by: Endpoint,
        id: i64,
        reason: Reason,
        now: i64,
    ) -> Result<Call, Refused> {
        let user = self.user_of(by)?;
        if let Some(ended) = self.ended.iter().find(|call| call.id == id && call.role(user).is_some()) {
            return Ok(ended.clone());
        }
        let call = self.calls.get(&id).ok_or(refused::PEER)?;
        let ringing = call.stage == Stage::Requested;
        let allowed = match call.role(user) {
            Some(Role::Caller) => call.caller_at == by,
            Some(Role::Callee) => ringing || call.callee_at == Some(by),
            None => false,
        };
        if !allowed {
            return Err(refused::PEER);
        }
        self.end(id, Some(reason), Some(by), now).ok_or(refused::PEER)
    }

    /// Ends a call, tells everybody but the app that did it, and remembers it.
    fn end(&mut self, id: i64, reason: Option<Reason>, by: Option<Endpoint>, now: i64) -> Option<Call> {
        let mut call = self.calls.remove(&id)?;
        let duration = match &call.stage {
            Stage::Active(active) => Some(now - active.since),
            Stage::Requested | Stage::Accepted { .. } | Stage::Discarded { .. } => None,
        };
        let callee_apps = call.callee_at.map_or_else(|| self.apps_of(call.callee), |app| vec![app]);
        call.stage = Stage::Discarded { reason, duration };
        for app in std::iter::once(call.caller_at).chain(callee_apps) {
            if by != Some(app) {
                self.tell(app, Notice::Changed(call.clone()));
            }
        }
        if self.ended.len() == REMEMBERED {
            self.ended.pop_front();
        }
        self.ended.push_back(call.clone());
        self.version += 1;
        Some(call)
    }

    /// Ends what rang too long, and what was answered and never confirmed.
    pub(crate) fn expire(&mut self, now: i64) {
        let due = |call: &&Call| self.deadline(call).is_some_and(|at| at <= now);
        let late: Vec<(i64, bool)> =
            self.calls.values().filter(due).map(|call| (call.id, call.stage == Stage::Requested)).collect();
        for (id, rang) in late {
            let reason = if rang { Reason::Missed } else { Reason::Disconnect };
            self.end(id, Some(reason), None, now);
        }
    }

    /// When `expire` has something to do next.
    pub(crate) fn next_deadline(&self) -> Option<i64> {
        self.calls.values().filter_map(|call| self.deadline(call)).min()
    }

    fn deadline(&self, call: &Call) -> Option<i64> {
        match &call.stage {
            Stage::Requested => Some(call.requested + self.terms.ring),
            Stage::Accepted { since, .. } => Some(since + CONFIRM_WITHIN),
            Stage::Active(_) | Stage::Discarded { .. } => None,
        }
    }
}
