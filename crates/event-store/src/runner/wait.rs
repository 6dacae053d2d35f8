//! Reading one's own writes: a screen waits until its read model has seen the event that a command recorded.

use super::Followers;
use super::checkpoint::position;
use crate::log::Fault;
use crate::sql::{Statement, Type};
use domain::log::Position;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::sync::watch;

/// The first pause between two looks at a follower of another process; it doubles up to [`SLOWEST`].
const FASTEST: Duration = Duration::from_millis(2);

/// The longest such pause.
const SLOWEST: Duration = Duration::from_millis(50);

/// A follower is not yet where it was waited for.
#[derive(Debug, thiserror::Error)]
pub enum NotYet {
    /// Time is up.
    #[error("{follower} has not come to {position} in time")]
    Late {
        /// Who.
        follower: String,
        /// Where it was waited for.
        position: Position,
    },
    /// Where it stands can't be read.
    #[error("where {follower} stands can't be read")]
    Fault {
        /// Who.
        follower: String,
        /// What broke.
        #[source]
        source: Fault,
    },
}

impl Followers {
    /// Waits until a follower (a read model's name) has come to a position, in this process or in another.
    ///
    /// # Errors
    ///
    /// It has not in time, or the database fails. Whoever waits then shows what there is.
    pub async fn wait_for(&self, follower: &str, wanted: Position, timeout: Duration) -> Result<(), NotYet> {
        let late = || NotYet::Late { follower: follower.to_owned(), position: wanted };
        match tokio::time::timeout(timeout, self.arrival(follower, wanted)).await {
            Ok(arrived) => arrived.map_err(|source| NotYet::Fault { follower: follower.to_owned(), source }),
            Err(_) => Err(late()),
        }
    }

    async fn arrival(&self, follower: &str, wanted: Position) -> Result<(), Fault> {
        let mut here = self.progress(follower).subscribe();
        let mut pause = FASTEST;
        loop {
            let stands = *here.borrow_and_update();
            if stands.is_some_and(|stands| stands >= wanted) {
                return Ok(());
            }
            if stands.is_none() {
                if self.stands_at(follower).await?.is_some_and(|stands| stands >= wanted) {
                    return Ok(());
                }
                tokio::select! {
                    _ = here.changed() => {}
                    () = super::tail::elapsed(pause) => {}
                }
                pause = (pause * 2).min(SLOWEST);
            } else if here.changed().await.is_err() {
                return Err(Fault::because("the followers of this process have ended"));
            }
        }
    }

    /// Where a follower stands, as the database has it; none if it was never started.
    ///
    /// # Errors
    ///
    /// The database can't be read.
    pub async fn stands_at(&self, follower: &str) -> Result<Option<Position>, Fault> {
        let sql = "SELECT cell, tx, position FROM es_processors WHERE name = $1 AND state = 'active'";
        let statement = Statement::new(sql, [follower.into()]);
        let rows = self.desk.db.query(statement, &[Type::Int, Type::Int, Type::Int]).await?;
        rows.first().map(|row| position(row, 0)).transpose()
    }

    /// Changes whenever a follower moves in this process; none while it does not work here.
    #[must_use]
    pub fn moves(&self, follower: &str) -> watch::Receiver<Option<Position>> {
        self.progress(follower).subscribe()
    }

    /// Waits until all these followers have come to the end of the log as its readers see it now. On PostgreSQL they do not
    /// see an event before every older transaction is over, also those of other databases of the server: whoever waits
    /// for an event of their own gives its position to [`Followers::wait_for`].
    ///
    /// # Errors
    ///
    /// One has not in time, or the database fails.
    pub async fn settle(&self, followers: &[&str], timeout: Duration) -> Result<(), NotYet> {
        let broken = |source| NotYet::Fault { follower: "the log".to_owned(), source };
        let head = self.tail.log().head().await.map_err(broken)?;
        for follower in followers {
            self.wait_for(follower, head, timeout).await?;
        }
        Ok(())
    }

    pub(super) fn progress(&self, follower: &str) -> watch::Sender<Option<Position>> {
        let mut here = self.here.lock().unwrap_or_else(PoisonError::into_inner);
        here.entry(follower.to_owned()).or_insert_with(|| watch::Sender::new(None)).clone()
    }
}
