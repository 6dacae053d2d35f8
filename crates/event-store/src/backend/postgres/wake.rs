//! Wakes those who follow the log: at once after an append of this process, and soon after one of another.
//!
//! Polling alone is right; NOTIFY only cuts it short. It is never sent inside the append, where PostgreSQL would make
//! all commits wait for one another (reference: event-store 3.2, 4.4).

use super::read;
use super::statements as sql;
use domain::log::Position;
use sqlx::PgPool;
use sqlx::postgres::PgListener;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Between two looks at a log that moves, and between two NOTIFYs.
const BUSY: Duration = Duration::from_millis(5);

/// Between two looks at a log that stands still.
const IDLE: Duration = Duration::from_millis(250);

/// Before listening is tried again.
const RETRY: Duration = Duration::from_secs(5);

/// Who is to be woken, and what wakes.
#[derive(Debug, Clone, Default)]
pub(super) struct Wake {
    followers: watch::Sender<u64>,
    /// Look at the log now.
    look: Arc<Notify>,
    /// Tell the other processes.
    tell: Arc<Notify>,
}

impl Wake {
    pub(super) fn followers(&self) -> watch::Receiver<u64> {
        self.followers.subscribe()
    }

    /// This process has appended.
    pub(super) fn appended(&self) {
        self.followers.send_modify(|count| *count += 1);
        // An older transaction may still hide the event, so the log is looked at until it has shown up.
        self.look.notify_one();
        self.tell.notify_one();
    }

    /// Looks at the end of the log, often while it moves and seldom while it does not.
    pub(super) async fn poll(self, pool: PgPool) {
        let mut seen = Position::START;
        let mut pause = IDLE;
        let mut apart = apart(BUSY);
        loop {
            apart.tick().await;
            // Either is a reason to look.
            let asked = timeout(pause, self.look.notified()).await.is_ok();
            if self.followers.receiver_count() == 0 {
                continue;
            }
            match read::head(&pool).await {
                Ok(head) if head != seen => {
                    seen = head;
                    pause = BUSY;
                    self.followers.send_modify(|count| *count += 1);
                }
                Ok(_) if asked => pause = BUSY,
                Ok(_) => pause = (pause * 2).min(IDLE),
                Err(error) => {
                    tracing::warn!(%error, "followers of the log wait");
                    pause = IDLE;
                }
            }
        }
    }

    /// Tells other processes, at most once in five milliseconds.
    pub(super) async fn notify(self, signals: PgPool) {
        let mut apart = apart(BUSY);
        loop {
            self.tell.notified().await;
            if let Err(error) = sqlx::query(sql::NOTIFY).execute(&signals).await {
                tracing::debug!(%error, "other processes will see by polling that the log has moved");
            }
            apart.tick().await;
        }
    }

    /// Hears of other processes.
    pub(super) async fn listen(self, signals: PgPool) {
        let mut retry = apart(RETRY);
        loop {
            retry.tick().await;
            if let Err(error) = self.hear(&signals).await {
                tracing::debug!(%error, "polling alone tells that the log has moved");
            }
        }
    }

    async fn hear(&self, signals: &PgPool) -> Result<(), sqlx::Error> {
        let mut listener = PgListener::connect_with(signals).await?;
        listener.listen(sql::CHANNEL).await?;
        loop {
            listener.recv().await?;
            self.look.notify_one();
        }
    }
}

fn apart(period: Duration) -> tokio::time::Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
