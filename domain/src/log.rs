//! How events are read back from the log: where they stand, who caused them, and when.

use crate::ids::UserId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A place in the whole log. Later events have greater positions within one cell.
///
/// On PostgreSQL the order is `(tx, pos)` under the snapshot's horizon; SQLite has `tx = 0`
/// (reference: event-store 4.1, 4.2). As text it is `cell-tx-pos`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// The independent database this event lives in; 0 until there is more than one.
    pub cell: u16,
    /// The writing transaction, where the backend orders by it.
    pub tx: u64,
    /// The number of the event in its table.
    pub pos: u64,
}

impl Position {
    /// Before every event.
    pub const START: Self = Self { cell: 0, tx: 0, pos: 0 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.cell, self.tx, self.pos)
    }
}

/// The text is not a position.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a position looks like 0-0-42, or just 42")]
pub struct NotAPosition;

impl FromStr for Position {
    type Err = NotAPosition;

    fn from_str(text: &str) -> Result<Self, NotAPosition> {
        let parts: Vec<&str> = text.split('-').collect();
        match parts.as_slice() {
            [pos] => Ok(Self { pos: pos.parse().map_err(|_| NotAPosition)?, ..Self::START }),
            [cell, tx, pos] => Ok(Self {
                cell: cell.parse().map_err(|_| NotAPosition)?,
                tx: tx.parse().map_err(|_| NotAPosition)?,
                pos: pos.parse().map_err(|_| NotAPosition)?,
            }),
            _ => Err(NotAPosition),
        }
    }
}

/// On whose account something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A person in Telegram.
    Person(UserId),
    /// A deadline that came, driven by a process.
    Process,
    /// The operator, at the command line.
    Operator,
    /// A gateway reporting what it saw.
    Gateway,
}

/// Who asks, and when. Handed to every decision and stored with every event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Who asks.
    pub by: Actor,
    /// The moment at which the decision is taken.
    pub at: DateTime<Utc>,
}

impl Context {
    /// A person's own doing.
    #[must_use]
    pub fn person(by: UserId, at: DateTime<Utc>) -> Self {
        Self { by: Actor::Person(by), at }
    }

    /// A process acting on a deadline.
    #[must_use]
    pub fn process(at: DateTime<Utc>) -> Self {
        Self { by: Actor::Process, at }
    }
}

/// One event as the log gives it back.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded<E> {
    /// Where it stands in the whole log.
    pub position: Position,
    /// The bot (white-label installation) it belongs to; 0 is the only one until there are more.
    pub tenant: u32,
    /// The stream's category: [`crate::decider::Decider::NAME`].
    pub category: String,
    /// The stream's id within its category.
    pub stream: String,
    /// Its place in its stream, from 1.
    pub version: u64,
    /// Unique for ever: the idempotency key of whatever is done because of it. A UUID in hyphenated text.
    pub id: String,
    /// Who and when.
    pub context: Context,
    /// What led to it (an update's id, a process's name), in the words of whoever appended it.
    pub cause: Option<String>,
    /// What happened.
    pub event: E,
}

impl<E> Recorded<E> {
    /// The same record with another view of what happened.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> Recorded<F> {
        Recorded {
            position: self.position,
            tenant: self.tenant,
            category: self.category,
            stream: self.stream,
            version: self.version,
            id: self.id,
            context: self.context,
            cause: self.cause,
            event: change(self.event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_typed_as_it_is_printed_or_as_a_bare_number() {
        let position = Position { cell: 1, tx: 77, pos: 42 };
        assert_eq!(position.to_string(), "1-77-42");
        assert_eq!("1-77-42".parse(), Ok(position));
        assert_eq!("42".parse(), Ok(Position { pos: 42, ..Position::START }));
        for bad in ["", "1-2", "a", "1-2-3-4", "-1", "70000-1-1"] {
            assert_eq!(bad.parse::<Position>(), Err(NotAPosition), "{bad}");
        }
    }

    #[test]
    fn the_order_of_positions_is_that_of_transactions_first() {
        let earlier_tx = Position { cell: 0, tx: 5, pos: 100 };
        let later_tx = Position { cell: 0, tx: 6, pos: 1 };
        assert!(Position::START < earlier_tx && earlier_tx < later_tx);
    }
}
