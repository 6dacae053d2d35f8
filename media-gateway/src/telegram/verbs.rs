//! What the gateway asks of the service accounts, on its way to them.

use super::event::HangUp;
use crate::call::ids::{CallId, PhoneId};
use bytes::Bytes;
use domain::ids::UserId;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Packets of signalling that may wait. Past it new ones are let go: their framing sends them again. All other verbs are
/// kept, since there are only a few for each call, and calls are limited.
const SIGNALS: usize = 8192;

/// One thing asked for.
#[derive(Debug)]
pub(super) enum Verb {
    Call { phone: PhoneId, user: UserId },
    Answer { phone: PhoneId },
    HangUp { phone: PhoneId, why: HangUp },
    Signal { phone: PhoneId, packet: Bytes },
    Say { user: UserId, words: String },
    ShowCard { user: UserId, call: CallId, bot: String, query: String },
    Work(bool),
}

/// Verbs that wait for the loop.
#[derive(Debug, Default)]
pub(super) struct Verbs {
    waiting: Mutex<Waiting>,
    came: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    verbs: VecDeque<Verb>,
    signals: usize,
}

impl Verbs {
    /// Hands one over, and never waits.
    pub(super) fn push(&self, verb: Verb) {
        let mut waiting = self.lock();
        if matches!(verb, Verb::Signal { .. }) {
            if waiting.signals >= SIGNALS {
                metrics::counter!("tandem_telegram_signals_dropped").increment(1);
                return;
            }
            waiting.signals += 1;
        }
        waiting.verbs.push_back(verb);
        drop(waiting);
        self.came.notify_one();
    }

    /// Takes the next one, waiting for it. Loses nothing when it is given up half-way.
    pub(super) async fn next(&self) -> Verb {
        loop {
            if let Some(verb) = self.take() {
                return verb;
            }
            self.came.notified().await;
        }
    }

    fn take(&self) -> Option<Verb> {
        let mut waiting = self.lock();
        let verb = waiting.verbs.pop_front()?;
        if matches!(verb, Verb::Signal { .. }) {
            waiting.signals -= 1;
        }
        Some(verb)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn too_many_signals_are_let_go_and_no_other_verb_is() {
        let verbs = Verbs::default();
        let phone = PhoneId(1);
        for _ in 0..SIGNALS + 10 {
            verbs.push(Verb::Signal { phone, packet: Bytes::new() });
        }
        verbs.push(Verb::HangUp { phone, why: HangUp::Hangup });

        for _ in 0..SIGNALS {
            assert!(matches!(verbs.next().await, Verb::Signal { .. }));
        }
        assert!(matches!(verbs.next().await, Verb::HangUp { .. }), "the ten that were too many are gone");
    }
}
