//! The queue of updates of each bot: numbered once, kept until confirmed or too old.

use super::World;
use crate::limits;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An update that its bot has not confirmed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Pending {
    pub(crate) kind: String,
    /// What the kind's field holds.
    pub(crate) body: Value,
    pub(crate) expires: i64,
    /// Updates with the same queue reach a webhook one after the other; others in parallel. Telegram keeps one queue for
    /// a person and kind, so a press can overtake the choice before it. `Client.cpp`:17083, 17155.
    pub(crate) queue: (i64, u8),
}

impl Pending {
    /// The update as it goes over the wire.
    pub(crate) fn json(&self, id: i64) -> Value {
        json!({"update_id": id, self.kind.clone(): self.body})
    }
}

impl World {
    /// Queues an update, if the bot asked for its kind.
    pub(crate) fn enqueue(&mut self, bot: i64, kind: &str, by: i64, body: Value, now: i64) {
        let Some(row) = self.bots.get(&bot) else { return };
        if !row.wants(kind) || row.logged_out {
            return;
        }
        let Some(row) = self.bots.get_mut(&bot) else { return };
        let id = row.next_update;
        row.next_update += 1;
        let queue = match kind {
            "inline_query" => 1,
            "chosen_inline_result" => 2,
            "callback_query" => 3,
            _ => 0,
        };
        let expires = now + limits::update_life(kind);
        let pending = Pending { kind: kind.to_owned(), body, expires, queue: (by, queue) };
        self.pending.insert((bot, id), pending);
        self.version += 1;
    }

    /// Drops what waited too long.
    pub(crate) fn expire(&mut self, now: i64) {
        // Lives are whole seconds, so once a second is enough, however many wait.
        if self.expired_at == now {
            return;
        }
        self.expired_at = now;
        self.pending.remove_where(|_, pending| pending.expires <= now);
        self.callbacks.remove_where(|_, callback| callback.asked + limits::CALLBACK_LIFE <= now);
        self.inline_queries.remove_where(|_, query| query.asked + limits::INLINE_QUERY_LIFE <= now);
        self.inline_cache.remove_where(|_, answer| answer.until <= now);
        self.shown.remove_where(|_, shown| shown.until <= now);
        self.inline_answered.retain(|_, answer| answer.until + limits::INLINE_QUERY_LIFE > now);
    }

    /// getUpdates: forgets what `offset` confirms, gives what is left.
    ///
    /// API, getUpdates: a positive offset forgets all older updates; a negative one keeps only the last `-offset`.
    pub(crate) fn take_updates(
        &mut self,
        bot: i64,
        offset: i64,
        limit: i64,
        now: i64,
    ) -> Vec<(i64, Pending)> {
        self.expire(now);
        let first = match offset {
            0 => i64::MIN,
            1.. => offset,
            _ => {
                let back = usize::try_from(-offset).unwrap_or(usize::MAX);
                self.queue_of(bot).rev().nth(back.saturating_sub(1)).map_or(i64::MIN, |(id, _)| id)
            }
        };
        self.pending.remove_where(|(owner, id), _| *owner == bot && *id < first);
        let limit = usize::try_from(limit).unwrap_or(0);
        self.queue_of(bot).take(limit).map(|(id, pending)| (id, pending.clone())).collect()
    }

    /// A webhook took this update.
    pub(crate) fn confirm(&mut self, bot: i64, update: i64) {
        self.pending.remove(&(bot, update));
        self.version += 1;
    }

    /// What waits for a bot, oldest first.
    pub(crate) fn queue_of(&self, bot: i64) -> impl DoubleEndedIterator<Item = (i64, &Pending)> {
        self.pending.range((bot, i64::MIN)..=(bot, i64::MAX)).map(|((_, id), pending)| (*id, pending))
    }

    /// Throws away everything that waits for a bot.
    pub(crate) fn drop_pending(&mut self, bot: i64) {
        self.pending.remove_where(|(owner, _), _| *owner == bot);
    }
}
