//! Events that a follower could not digest, and those of the same stream that wait behind them.
//!
//! One bad event stops one stream of one follower; everything else goes on. An operator says what is to be done, and
//! whoever runs the follower does it.

use super::checkpoint::{Desk, Hold, position, values};
use crate::log::Fault;
use crate::sql::{Database, Statement, TransactError, Type};
use chrono::{DateTime, Utc};
use domain::log::Position;
use std::collections::HashSet;

/// One parked event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// Who could not digest it.
    pub follower: String,
    /// The stream: `category/id`.
    pub stream: String,
    /// Where it stands in the log.
    pub position: Position,
    /// What went wrong; none for an event that only waits behind another.
    pub error: Option<String>,
    /// Whether an operator has said what is to be done, and it is not done yet.
    pub pending: bool,
    /// When it was parked.
    pub at: DateTime<Utc>,
}

/// What an operator wants done with a parked stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Try all its events again.
    Retry,
    /// Leave the first one out, and try the others.
    Skip,
}

impl Wish {
    fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Skip => "skip",
        }
    }
}

/// Everything that is parked, of all followers, in the log's order.
///
/// # Errors
///
/// The database can't be read.
pub async fn list(db: &dyn Database) -> Result<Vec<Parked>, Fault> {
    let sql = "SELECT p.name, p.stream, p.cell, p.tx, p.position, p.error, p.wish, p.parked_at FROM es_parked p \
               JOIN es_processors f ON f.name = p.name AND f.generation = p.generation AND f.state = 'active' \
               ORDER BY p.name, p.tx, p.position";
    let types = [Type::Text, Type::Text, Type::Int, Type::Int, Type::Int, Type::Text, Type::Text, Type::Time];
    let rows = db.query(Statement::new(sql, []), &types).await?;
    let parked = rows.iter().map(|row| {
        Ok(Parked {
            follower: row.text(0)?,
            stream: row.text(1)?,
            position: position(row, 2)?,
            error: row.text_or_null(5)?,
            pending: row.text_or_null(6)?.is_some(),
            at: row.time(7)?,
        })
    });
    parked.collect()
}

/// Says what is to be done with a parked stream (`category/id`). Whoever runs the follower does it within seconds.
///
/// Returns how many events it is about; 0 means that nothing of that stream is parked.
///
/// # Errors
///
/// The database can't be written.
pub async fn wish(db: &dyn Database, follower: &str, stream: &str, wish: Wish) -> Result<u64, TransactError> {
    let statement = Statement::new(
        "UPDATE es_parked SET wish = $1 WHERE name = $2 AND stream = $3",
        [wish.as_str().into(), follower.into(), stream.into()],
    );
    Ok(db.transact(vec![statement]).await?.into_iter().sum())
}

/// A stream that is to be tried again.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) stream: String,
    pub(super) wish: Wish,
    /// Its parked events, in order.
    pub(super) positions: Vec<Position>,
}

impl Desk {
    /// Parks one event.
    pub(super) fn park(&self, hold: &Hold, stream: &str, at: Position, error: Option<String>) -> Statement {
        let [cell, tx, pos] = values(at);
        Statement::new(
            "INSERT INTO es_parked (name, generation, cell, tx, position, stream, error, parked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            [
                hold.name.clone().into(),
                hold.generation.into(),
                cell,
                tx,
                pos,
                stream.into(),
                error.into(),
                self.clock.now().into(),
            ],
        )
    }

    /// Forgets parked events of a stream up to and with a position.
    pub(super) fn unpark(&self, hold: &Hold, stream: &str, upto: Position) -> Statement {
        let [_, tx, pos] = values(upto);
        Statement::new(
            "DELETE FROM es_parked WHERE name = $1 AND generation = $2 AND stream = $3 \
             AND (tx < $4 OR (tx = $4 AND position <= $5))",
            [hold.name.clone().into(), hold.generation.into(), stream.into(), tx, pos],
        )
    }

    /// Takes an operator's wish off a stream that failed again.
    pub(super) fn withdraw_wish(&self, hold: &Hold, stream: &str) -> Statement {
        Statement::new(
            "UPDATE es_parked SET wish = NULL WHERE name = $1 AND generation = $2 AND stream = $3",
            [hold.name.clone().into(), hold.generation.into(), stream.into()],
        )
    }

    /// The streams of which something is parked.
    pub(super) async fn parked_streams(&self, hold: &Hold) -> Result<HashSet<String>, Fault> {
        let sql = "SELECT DISTINCT stream FROM es_parked WHERE name = $1 AND generation = $2";
        let statement = Statement::new(sql, [hold.name.clone().into(), hold.generation.into()]);
        let rows = self.db.query(statement, &[Type::Text]).await?;
        rows.iter().map(|row| Ok(row.text(0)?)).collect()
    }

    /// A stream for which an operator wants something done.
    pub(super) async fn wanted(&self, hold: &Hold) -> Result<Option<Wanted>, Fault> {
        let sql = "SELECT stream, wish, cell, tx, position FROM es_parked WHERE name = $1 AND generation = $2 AND stream = \
                   (SELECT MIN(stream) FROM es_parked WHERE name = $1 AND generation = $2 AND wish IS NOT NULL) \
                   ORDER BY tx, position";
        let types = [Type::Text, Type::Text, Type::Int, Type::Int, Type::Int];
        let statement = Statement::new(sql, [hold.name.clone().into(), hold.generation.into()]);
        let rows = self.db.query(statement, &types).await?;
        let Some(first) = rows.first() else {
            return Ok(None);
        };
        let skip = rows.iter().any(|row| matches!(row.text_or_null(1), Ok(Some(wish)) if wish == "skip"));
        Ok(Some(Wanted {
            stream: first.text(0)?,
            wish: if skip { Wish::Skip } else { Wish::Retry },
            positions: rows.iter().map(|row| position(row, 2)).collect::<Result<_, _>>()?,
        }))
    }
}
