//! Inline queries: typed letter by letter, often with a password in them. They are handled in memory and never stored.

use super::{Intake, lock};
use crate::handler::TurnedAway;
use crate::incoming::{Act, Incoming};
use crate::outbox::direct::is_answer;
use crate::outbox::sender::chain;
use domain::ids::UserId;
use futures::FutureExt as _;
use metrics::counter;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::error;

/// After this nobody waits for the results.
const DEADLINE: Duration = Duration::from_secs(8);

/// Inline queries handled at a time; past this a query gets no results, and the next letter asks again.
const QUERIES: usize = 64;

/// The newest query of each person: an older one is not worth its answer.
pub(super) struct Inline {
    newest: Mutex<HashMap<UserId, (u32, CancellationToken)>>,
    room: Semaphore,
}

impl Default for Inline {
    fn default() -> Self {
        Self { newest: Mutex::default(), room: Semaphore::new(QUERIES) }
    }
}

/// Whether a query asks for the card of a call. A service account asks for many at a time, each for another person.
pub(super) fn is_for_a_card(query: &str) -> bool {
    domain::inline::card_in(query).is_some()
}

impl Intake {
    /// Answers an inline query, unless the person types on meanwhile.
    pub(super) fn answer_inline(self: &Arc<Self>, incoming: Incoming) {
        let (person, update) = (incoming.from.id, incoming.update);
        let replaced = CancellationToken::new();
        let typed = !matches!(&incoming.act, Act::InlineQuery { query, .. } if is_for_a_card(query));
        if typed
            && let Some((_, older)) = lock(&self.inline.newest).insert(person, (update, replaced.clone()))
        {
            older.cancel();
        }
        let intake = Arc::clone(self);
        self.parts.tracker.spawn(async move {
            if let Ok(_permit) = intake.inline.room.try_acquire() {
                tokio::select! {
                    () = intake.handle_inline(&incoming) => {}
                    () = replaced.cancelled() => counter!("bot_inline_replaced_total").increment(1),
                }
            } else {
                counter!("bot_inline_dropped_total").increment(1);
            }
            let mut newest = lock(&intake.inline.newest);
            if newest.get(&person).is_some_and(|(newest, _)| *newest == update) {
                newest.remove(&person);
            }
        });
    }

    async fn handle_inline(&self, incoming: &Incoming) {
        let handled = AssertUnwindSafe(self.parts.handler.handle(incoming, false)).catch_unwind();
        let says = match timeout(DEADLINE, handled).await {
            Ok(Ok(Ok(says))) => says,
            Ok(Ok(Err(fault))) => {
                error!(update.id = incoming.update, fault = chain(&fault), "an inline query is not answered");
                self.parts.handler.turned_away(incoming, TurnedAway::Broken)
            }
            Ok(Err(_)) => {
                error!(update.id = incoming.update, "the handler of an inline query panicked");
                self.parts.handler.turned_away(incoming, TurnedAway::Broken)
            }
            Err(_) => {
                counter!("bot_inline_late_total").increment(1);
                return;
            }
        };
        says.iter().filter(|says| is_answer(says)).for_each(|answer| self.direct.answer(answer));
    }
}
