//! What only a call that we make goes through: ringing, and the exchange of the key as its caller.

use super::{About, Agreed, Call, End, Moment, Reason, Request, Role, State, Timers, Told};
use std::time::Duration;

impl Call {
    /// Rings a person. `random_id` tells Telegram a request from its repetition.
    pub(in crate::telegram) fn outgoing(
        me: i64,
        user: i64,
        random_id: i32,
        timers: Timers,
        now: Moment,
    ) -> Self {
        let mut call = Self::new(me, user, timers, State::Preparing { random_id });
        call.deadline = Some(now + timers.answer);
        call.ask(Request::Group);
        call
    }

    /// Telegram has the call, and maybe the person's app has it too.
    pub(super) fn waits(&mut self, about: About, received: bool, now: Moment) {
        if !self.is_mine(about) {
            return;
        }
        if matches!(self.state, State::Leaving) {
            return self.take_back(about, Reason::Missed);
        }
        let is_requesting = |state: &State| matches!(state, State::Requesting { .. });
        if let Some(State::Requesting { secret }) = self.take_if(is_requesting) {
            let next = State::Ringing { peer: about.peer, secret, received: false };
            self.go(next, now + self.timers.receive);
        }
        let is_silent = |state: &State| matches!(state, State::Ringing { peer, received: false, .. } if *peer == about.peer);
        if received && let Some(State::Ringing { peer, secret, .. }) = self.take_if(is_silent) {
            self.go(State::Ringing { peer, secret, received }, now + self.timers.ring);
            self.tell(Told::Ringing);
        }
    }

    /// The person answered: the key is made, and our value shown. A repetition finds another state and does nothing.
    pub(super) fn accepted(&mut self, about: About, g_b: &[u8], now: Moment) {
        if !self.is_mine(about) {
            return;
        }
        match &self.state {
            State::Leaving => return self.take_back(about, Reason::Hangup),
            State::Requesting { .. } => self.waits(about, false, now),
            State::Preparing { .. }
            | State::Ringing { .. }
            | State::Confirming { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Accepting { .. }
            | State::Talking { .. }
            | State::Done => {}
        }
        let rings = |state: &State| matches!(state, State::Ringing { peer, .. } if *peer == about.peer);
        let Some(State::Ringing { peer, secret, .. }) = self.take_if(rings) else { return };
        match secret.accept(g_b) {
            Ok(agreed) => {
                let (g_a, fingerprint) = (Box::new(agreed.g_a), agreed.key.fingerprint());
                self.ask(Request::Confirm { peer, g_a, fingerprint });
                self.go(State::Confirming { peer, agreed }, now + self.timers.connect);
            }
            Err(error) => {
                tracing::warn!(%error, "a Telegram call has no key");
                self.fail(peer, End::Lost);
            }
        }
    }

    /// The final word on the call.
    pub(super) fn agreed(&mut self, theirs: Agreed, now: Moment) {
        let about = theirs.about;
        if self.is_mine(about) {
            let confirms =
                |state: &State| matches!(state, State::Confirming { peer, .. } if *peer == about.peer);
            let Some(State::Confirming { peer, agreed }) = self.take_if(confirms) else { return };
            if theirs.fingerprint == agreed.key.fingerprint() {
                self.begin(theirs, agreed, Role::Caller, now);
            } else {
                tracing::warn!("the far side of a Telegram call has another key");
                self.fail(peer, End::Lost);
            }
        } else if self.is_theirs(about) && self.peer() == Some(about.peer) {
            self.agreed_by_caller(theirs, now);
        }
    }

    /// The final word on a call that came in.
    fn agreed_by_caller(&mut self, theirs: Agreed, now: Moment) {
        // It went on without us: another device of the account took it.
        if matches!(self.state, State::Offered { .. } | State::Taking { .. }) {
            return self.over(End::Elsewhere);
        }
        let accepts = |state: &State| matches!(state, State::Accepting { .. });
        let Some(State::Accepting { peer, secret }) = self.take_if(accepts) else { return };
        match secret.confirm(&theirs.g_a_or_b, theirs.fingerprint) {
            Ok(agreed) => self.begin(theirs, agreed, Role::Callee, now),
            Err(error) => {
                tracing::warn!(%error, "a Telegram call has no key");
                self.fail(peer, End::Lost);
            }
        }
    }

    /// The call was hung up before Telegram said which one it is.
    fn take_back(&mut self, about: About, reason: Reason) {
        self.discard(about.peer, reason, Duration::ZERO);
        self.state = State::Done;
    }
}
