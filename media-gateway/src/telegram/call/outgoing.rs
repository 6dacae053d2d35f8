//! What only a call that we make goes through: ringing, and the exchange of the key as its caller.

use super::{About, Agreed, Call, End, Moment, Peer, Reason, Request, Role, State, Timers, Told};
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
        match self.take_state() {
            State::Requesting { secret } if self.is_mine(about) => {
                self.go(
                    State::Ringing { peer: about.peer, secret, received: false },
                    now + self.timers.receive,
                );
                if received {
                    self.waits(about, received, now);
                }
            }
            State::Ringing { peer, secret, received: false } if received && peer.id == about.peer.id => {
                self.go(State::Ringing { peer, secret, received }, now + self.timers.ring);
                self.tell(Told::Ringing);
            }
            State::Leaving if self.is_mine(about) => {
                self.discard(about.peer, Reason::Missed, Duration::ZERO);
            }
            other @ (State::Preparing { .. }
            | State::Requesting { .. }
            | State::Ringing { .. }
            | State::Confirming { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Accepting { .. }
            | State::Talking { .. }
            | State::Leaving
            | State::Done) => self.state = other,
        }
    }

    /// The person answered: the key is made, and our value shown. A repetition finds another state and does nothing.
    pub(super) fn accepted(&mut self, about: About, g_b: &[u8], now: Moment) {
        if matches!(self.state, State::Requesting { .. }) && self.is_mine(about) {
            self.waits(about, false, now);
        }
        match self.take_state() {
            State::Ringing { peer, secret, .. } if self.is_call(peer, about) => match secret.accept(g_b) {
                Ok(agreed) => {
                    let (g_a, fingerprint) = (Box::new(agreed.g_a), agreed.key.fingerprint());
                    self.ask(Request::Confirm { peer, g_a, fingerprint });
                    self.go(State::Confirming { peer, agreed }, now + self.timers.connect);
                }
                Err(error) => {
                    tracing::warn!(%error, "a Telegram call has no key");
                    self.fail(peer, End::Lost);
                }
            },
            State::Leaving if self.is_mine(about) => {
                self.discard(about.peer, Reason::Hangup, Duration::ZERO);
            }
            other @ (State::Preparing { .. }
            | State::Requesting { .. }
            | State::Ringing { .. }
            | State::Confirming { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Accepting { .. }
            | State::Talking { .. }
            | State::Leaving
            | State::Done) => self.state = other,
        }
    }

    /// The final word on the call.
    pub(super) fn agreed(&mut self, theirs: Agreed, now: Moment) {
        match self.take_state() {
            State::Confirming { peer, agreed } if self.is_call(peer, theirs.about) => {
                if theirs.fingerprint == agreed.key.fingerprint() {
                    self.begin(theirs, agreed, Role::Caller, now);
                } else {
                    tracing::warn!("the far side of a Telegram call has another key");
                    self.fail(peer, End::Lost);
                }
            }
            State::Accepting { peer, secret } if peer.id == theirs.about.peer.id => {
                match secret.confirm(&theirs.g_a_or_b, theirs.fingerprint) {
                    Ok(agreed) => self.begin(theirs, agreed, Role::Callee, now),
                    Err(error) => {
                        tracing::warn!(%error, "a Telegram call has no key");
                        self.fail(peer, End::Lost);
                    }
                }
            }
            // It went on without us: another device of the account took it.
            State::Offered { peer, .. } | State::Taking { peer, .. } if peer.id == theirs.about.peer.id => {
                self.over(End::Elsewhere);
            }
            other @ (State::Preparing { .. }
            | State::Requesting { .. }
            | State::Ringing { .. }
            | State::Confirming { .. }
            | State::Offered { .. }
            | State::Taking { .. }
            | State::Accepting { .. }
            | State::Talking { .. }
            | State::Leaving
            | State::Done) => self.state = other,
        }
    }

    fn is_call(&self, peer: Peer, about: About) -> bool {
        peer.id == about.peer.id && self.is_mine(about)
    }
}
