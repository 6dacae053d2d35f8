//! What the bot has to say: stored with the decision that it follows from, then said once, in order, at a decent pace.
//!
//! | module | what it holds |
//! |---|---|
//! | `table` | the rows |
//! | `lanes` | what waits, chat by chat; pure |
//! | `pacing` | how fast the bot speaks; pure |
//! | `sender` | the loop that says it |
//! | `say` | one attempt, and what follows from Telegram's answer |
//! | `sound` | recordings, out of their store |
//! | `direct` | answers that never wait |

pub(crate) mod direct;
pub(crate) mod lanes;
mod pacing;
mod say;
pub(crate) mod sender;
mod sound;
mod table;

pub use pacing::{Rate, Rates};

use crate::incoming::MessageRef;
use crate::lease::{Owner, transact};
use crate::outgoing::Outgoing;
use chrono::{DateTime, Utc};
use domain::ids::ChatId;
use event_store::clock::Clock;
use event_store::log::Fault;
use event_store::sql::{Database, Statement};
use lanes::{Lane, Waiting};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// How urgent something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Follows from what the person did.
    Reply,
    /// Tells of something that happened.
    Notice,
    /// Goes to many; it is sent once at most, even if the process dies meanwhile.
    Broadcast,
}

/// The way into the outbox. Clones are the same outbox.
#[derive(Clone)]
pub struct Outbox(Arc<Inner>);

struct Inner {
    database: Arc<dyn Database>,
    clock: Arc<dyn Clock>,
    owner: Owner,
    last_seq: AtomicI64,
    /// Committed by this process and not yet seen by the sender.
    fresh: Mutex<Vec<Waiting>>,
    /// Rows stand in the database that are in nobody's memory.
    unseen: AtomicBool,
    /// Somebody wrote rows by [`Batch::statements`] and can't hand them over; the sender is to look at once.
    look: AtomicBool,
    wake: Notify,
}

/// Rows on their way to the sender. It takes them all at once, so more than this only gather where nobody speaks; then
/// they are read from the database.
const FRESH: usize = 10_000;

/// Rows on their way into the outbox: write [`Batch::statements`] in the transaction of the decision they follow from,
/// then tell the outbox by [`Outbox::committed`].
#[derive(Debug)]
#[must_use = "what is not written is never said"]
pub struct Batch {
    rows: Vec<Waiting>,
    statements: Vec<Statement>,
}

impl Batch {
    /// The statements that write the rows. Writing the same keys again changes nothing.
    pub fn statements(&self) -> Vec<Statement> {
        self.statements.clone()
    }
}

impl Outbox {
    /// The outbox of this process.
    #[must_use]
    pub fn new(database: Arc<dyn Database>, clock: Arc<dyn Clock>, owner: Owner) -> Self {
        let (last_seq, fresh, wake) = (AtomicI64::new(0), Mutex::default(), Notify::new());
        let (unseen, look) = (AtomicBool::new(true), AtomicBool::new(false));
        Self(Arc::new(Inner { database, clock, owner, last_seq, fresh, unseen, look, wake }))
    }

    /// Makes rows of what is to be said. `cause` names what it follows from: `update:<id>` or `event:<id>`; the same
    /// cause has to say the same things in the same order. Answers to presses and inline queries are left out: they
    /// can't wait.
    pub fn batch(&self, cause: &str, priority: Priority, says: Vec<Outgoing>) -> Batch {
        let now = self.0.clock.now();
        let rows: Vec<Waiting> = says
            .into_iter()
            .enumerate()
            .filter_map(|(n, says)| Lane::of(&says).map(|lane| (format!("{cause}:{n}"), lane, says)))
            .map(|(key, lane, says)| Waiting {
                key,
                lane,
                seq: self.next_seq(now),
                priority,
                not_before: says.not_before(),
                says,
                attempts: 0,
                created_at: now,
            })
            .collect();
        let statements = rows.iter().filter_map(|row| table::insert(row, &self.0.owner)).collect();
        Batch { rows, statements }
    }

    /// Says that the rows are written: they are said at once, if this process speaks. A crash before this loses nothing.
    pub fn committed(&self, batch: Batch) {
        if batch.rows.is_empty() {
            return;
        }
        let mut fresh = self.0.fresh.lock().unwrap_or_else(PoisonError::into_inner);
        if fresh.len() < FRESH {
            fresh.extend(batch.rows);
        } else {
            self.0.unseen.store(true, Ordering::Release);
        }
        drop(fresh);
        self.0.wake.notify_one();
    }

    /// Says that rows were written whose [`Batch`] is not at hand any more: the sender reads them from the database.
    pub fn look_again(&self) {
        self.0.unseen.store(true, Ordering::Release);
        self.0.look.store(true, Ordering::Release);
        self.0.wake.notify_one();
    }

    /// Writes rows in a transaction of their own.
    ///
    /// # Errors
    ///
    /// The database can't be written; then nothing will be said.
    pub async fn enqueue(&self, cause: &str, priority: Priority, says: Vec<Outgoing>) -> Result<(), Fault> {
        let batch = self.batch(cause, priority, says);
        if !batch.statements.is_empty() {
            transact(&*self.0.database, batch.statements(), "write the outbox").await?;
        }
        self.committed(batch);
        Ok(())
    }

    /// The message kept under this name for this chat, by `remember`.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn remembered(&self, chat: ChatId, slot: &str) -> Result<Option<MessageRef>, Fault> {
        table::remembered(&*self.0.database, chat, slot).await
    }

    /// Keeps an inline message under a name: from now on what is shown under that name in the chat changes it.
    ///
    /// # Errors
    ///
    /// The database can't be written.
    pub async fn keep_inline(&self, chat: ChatId, slot: &str, inline_message: &str) -> Result<(), Fault> {
        let keep = table::keep_inline(chat, slot, inline_message, self.0.clock.now());
        transact(&*self.0.database, vec![keep], "keep an inline message").await.map(drop)
    }

    /// The inline message that is kept under this name.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn inline(&self, chat: ChatId, slot: &str) -> Result<Option<String>, Fault> {
        table::inline(&*self.0.database, chat, slot).await
    }

    /// All that is kept under this name.
    async fn kept(&self, chat: ChatId, slot: &str) -> Result<say::Kept, Fault> {
        table::kept(&*self.0.database, chat, slot).await
    }

    /// When the message kept under this name was sent or last changed, and which it is.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn remembered_since(
        &self,
        chat: ChatId,
        slot: &str,
    ) -> Result<Option<(MessageRef, DateTime<Utc>)>, Fault> {
        table::remembered_since(&*self.0.database, chat, slot).await
    }

    /// What this process has committed since it was last asked.
    fn take_fresh(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.0.fresh.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rows of one process have rising numbers; those of several processes follow the clock.
    fn next_seq(&self, now: DateTime<Utc>) -> i64 {
        let now = now.timestamp_micros();
        let last = self
            .0
            .last_seq
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(now.max(last + 1)));
        let (Ok(last) | Err(last)) = last;
        now.max(last + 1)
    }

    /// Numbers go on behind this one.
    fn number_after(&self, seq: i64) {
        self.0.last_seq.fetch_max(seq, Ordering::Relaxed);
    }
}

/// Forgets what was said before this moment.
pub(crate) fn purge(before: DateTime<Utc>) -> Statement {
    table::purge(before)
}

/// Whether nothing waits any more and nothing is being said, by any process.
pub(crate) async fn is_empty(database: &dyn Database) -> Result<bool, Fault> {
    table::is_empty(database).await
}
