//! Where a follower stands, and who may move it.
//!
//! The lease (`owner`, `leased_until`) decides who works: it is liveness. The epoch decides whose writes count: it is
//! safety. Every write carries the epoch it was claimed with and the place it started from, so a follower that lost its
//! lease without noticing changes nothing (reference: event-store 4.4).

use crate::clock::Clock;
use crate::log::Fault;
use crate::sql::{Database, Row, Statement, TransactError, Type, Value};
use chrono::{DateTime, TimeDelta, Utc};
use domain::log::Position;
use std::sync::Arc;

/// How long a follower that stopped working without a word keeps others waiting.
pub(super) const LEASE: TimeDelta = TimeDelta::seconds(3);

/// A follower as the database knows it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) generation: i64,
    pub(super) shape: i64,
    pub(super) position: Position,
    pub(super) epoch: i64,
    pub(super) owner: Option<String>,
    pub(super) leased_until: Option<DateTime<Utc>>,
}

const COLUMNS: &str = "generation, shape, cell, tx, position, epoch, owner, leased_until";
const TYPES: [Type; 8] =
    [Type::Int, Type::Int, Type::Int, Type::Int, Type::Int, Type::Int, Type::Text, Type::Time];

impl Standing {
    fn from_row(row: &Row) -> Result<Self, Fault> {
        Ok(Self {
            generation: row.int(0)?,
            shape: row.int(1)?,
            position: position(row, 2)?,
            epoch: row.int(5)?,
            owner: row.text_or_null(6)?,
            leased_until: row.time_or_null(7)?,
        })
    }
}

/// A position out of three columns: cell, tx, position.
pub(super) fn position(row: &Row, first: usize) -> Result<Position, Fault> {
    let bad = |_| Fault::because("a position in the database is negative");
    Ok(Position {
        cell: u16::try_from(row.int(first)?).map_err(bad)?,
        tx: u64::try_from(row.int(first + 1)?).map_err(bad)?,
        pos: u64::try_from(row.int(first + 2)?).map_err(bad)?,
    })
}

/// A position as three values: cell, tx, position.
pub(super) fn values(position: Position) -> [Value; 3] {
    [i64::from(position.cell).into(), number(position.tx), number(position.pos)]
}

/// Positions and transaction numbers stay far below 2^63 (reference: event-store 4.2).
fn number(value: u64) -> Value {
    i64::try_from(value).unwrap_or(i64::MAX).into()
}

/// The database, the time, and the name under which this process works.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) db: Arc<dyn Database>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) owner: String,
}

impl Desk {
    /// The active generation of a follower.
    pub(super) async fn active(&self, name: &str) -> Result<Option<Standing>, Fault> {
        let sql = format!("SELECT {COLUMNS} FROM es_processors WHERE name = $1 AND state = 'active'");
        self.standing(Statement::new(sql, [name.into()])).await
    }

    /// The newest generation that is being built.
    pub(super) async fn building(&self, name: &str) -> Result<Option<Standing>, Fault> {
        let sql = format!(
            "SELECT {COLUMNS} FROM es_processors WHERE name = $1 AND state = 'building' ORDER BY generation DESC LIMIT 1"
        );
        self.standing(Statement::new(sql, [name.into()])).await
    }

    async fn standing(&self, statement: Statement) -> Result<Option<Standing>, Fault> {
        let rows = self.db.query(statement, &TYPES).await?;
        rows.first().map(Standing::from_row).transpose()
    }

    /// Enters a new generation, unless somebody did so at the same moment: then the transaction is raced.
    pub(super) fn enter(
        &self,
        name: &str,
        state: &str,
        generation: i64,
        shape: i64,
        start: Position,
    ) -> Statement {
        let now = self.clock.now();
        let [cell, tx, pos] = values(start);
        Statement::new(
            "INSERT INTO es_processors (name, generation, shape, state, cell, tx, position, epoch, owner, leased_until, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10) ON CONFLICT DO NOTHING",
            [
                name.into(),
                generation.into(),
                shape.into(),
                state.into(),
                cell,
                tx,
                pos,
                self.owner.clone().into(),
                (now + LEASE).into(),
                now.into(),
            ],
        )
        .expecting(1)
    }

    /// Whether somebody else works on it, or did until a moment ago.
    pub(super) fn is_held_by_another(&self, standing: &Standing) -> bool {
        let alive = standing.leased_until.is_some_and(|until| until > self.clock.now());
        alive && standing.owner.as_ref().is_some_and(|owner| *owner != self.owner)
    }

    /// Takes a generation over: raises the epoch, so that whoever held it changes nothing any more.
    ///
    /// None when somebody was faster.
    pub(super) async fn take_over(&self, name: &str, standing: &Standing) -> Result<Option<Hold>, Fault> {
        let now = self.clock.now();
        let claim = Statement::new(
            "UPDATE es_processors SET epoch = epoch + 1, owner = $1, leased_until = $2, updated_at = $3 \
             WHERE name = $4 AND generation = $5 AND epoch = $6",
            [
                self.owner.clone().into(),
                (now + LEASE).into(),
                now.into(),
                name.into(),
                standing.generation.into(),
                standing.epoch.into(),
            ],
        );
        match self.db.transact(vec![claim.expecting(1)]).await {
            Ok(_) => Ok(Some(Hold {
                name: name.to_owned(),
                generation: standing.generation,
                epoch: standing.epoch + 1,
                position: standing.position,
            })),
            Err(TransactError::Raced { .. }) => Ok(None),
            Err(TransactError::Fault(fault)) => Err(fault),
        }
    }

    /// Moves on: rows and place in one transaction. Also keeps the lease.
    pub(super) async fn advance(
        &self,
        hold: &mut Hold,
        mut writes: Vec<Statement>,
        to: Position,
    ) -> Result<(), Stopped> {
        // First of all, so that a fenced follower is turned away before it has written anything.
        writes.insert(0, self.step(hold, to));
        match self.db.transact(writes).await {
            Ok(_) => {
                hold.position = to;
                Ok(())
            }
            Err(TransactError::Raced { statement: 0, .. }) => Err(Stopped::Fenced),
            Err(TransactError::Raced { statement, rows }) => Err(Stopped::Fault(Fault::because(format!(
                "statement {statement} of {} changed {rows} rows, which it must not",
                hold.name
            )))),
            Err(TransactError::Fault(fault)) => Err(Stopped::Fault(fault)),
        }
    }

    fn step(&self, hold: &Hold, to: Position) -> Statement {
        let now = self.clock.now();
        let [cell, tx, pos] = values(to);
        let [_, old_tx, old_pos] = values(hold.position);
        Statement::new(
            "UPDATE es_processors SET cell = $1, tx = $2, position = $3, leased_until = $4, updated_at = $5 \
             WHERE name = $6 AND generation = $7 AND epoch = $8 AND tx = $9 AND position = $10",
            [
                cell,
                tx,
                pos,
                (now + LEASE).into(),
                now.into(),
                hold.name.clone().into(),
                hold.generation.into(),
                hold.epoch.into(),
                old_tx,
                old_pos,
            ],
        )
        .expecting(1)
    }

    /// Gives the lease back, so that another process need not wait for its end.
    pub(super) async fn release(&self, hold: &Hold) {
        let free = Statement::new(
            "UPDATE es_processors SET owner = NULL, leased_until = NULL WHERE name = $1 AND generation = $2 AND epoch = $3",
            [hold.name.clone().into(), hold.generation.into(), hold.epoch.into()],
        );
        if let Err(error) = self.db.transact(vec![free]).await {
            tracing::debug!(follower = hold.name, %error, "the lease was not given back; it ends by itself");
        }
    }
}

/// The right to move one generation of a follower, for as long as nobody takes it over.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    pub(super) name: String,
    pub(super) generation: i64,
    pub(super) epoch: i64,
    pub(super) position: Position,
}

/// Why a follower did not move.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// Somebody else moves it now.
    #[error("another process has taken over")]
    Fenced,
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}
