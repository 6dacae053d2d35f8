//! What only a call that comes in goes through.

use super::{About, Call, Moment, Reason, Request, State, Timers};
use std::time::Duration;

impl Call {
    /// Somebody calls: Telegram is told at once that the call has come, which makes it ring at their end.
    ///
    /// # Errors
    ///
    /// The call can't be carried: what it gets in answer.
    pub(in crate::telegram) fn incoming(
        me: i64,
        about: About,
        g_a_hash: &[u8],
        timers: Timers,
        now: Moment,
    ) -> Result<Self, Request> {
        let peer = about.peer;
        let Ok(commitment) = <[u8; 32]>::try_from(g_a_hash) else {
            return Err(Request::Discard { peer, reason: Reason::Disconnect, duration: Duration::ZERO });
        };
        let mut call = Self::new(me, about.admin, timers, State::Offered { peer, commitment });
        call.deadline = Some(now + timers.ring);
        call.ask(Request::Received { peer });
        Ok(call)
    }

    /// We take it.
    pub(super) fn answer(&mut self, now: Moment) {
        if let State::Offered { peer, commitment } = self.state {
            self.ask(Request::Group);
            self.go(State::Taking { peer, commitment }, now + self.timers.connect);
        }
    }
}
