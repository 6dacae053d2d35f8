//! Where every follower stands, for an operator.

use super::checkpoint::position;
use crate::log::Fault;
use crate::sql::{Database, Statement, Type};
use chrono::{DateTime, Utc};
use domain::log::Position;

/// One follower as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its name.
    pub name: String,
    /// The generation of its table.
    pub generation: i64,
    /// The version of its fold.
    pub shape: i64,
    /// Whether it is in use; otherwise it is being built beside the one in use.
    pub active: bool,
    /// Where it stands.
    pub position: Position,
    /// The process that works on it.
    pub owner: Option<String>,
    /// How often it changed hands.
    pub epoch: i64,
    /// When it last moved or kept its lease.
    pub updated_at: DateTime<Utc>,
    /// How many events of it are parked.
    pub parked: i64,
}

/// All followers, by name.
///
/// # Errors
///
/// The database can't be read.
pub async fn all(db: &dyn Database) -> Result<Vec<Status>, Fault> {
    let sql = "SELECT f.name, f.generation, f.shape, f.state, f.cell, f.tx, f.position, f.owner, f.epoch, f.updated_at, \
               (SELECT COUNT(*) FROM es_parked p WHERE p.name = f.name AND p.generation = f.generation) \
               FROM es_processors f ORDER BY f.name, f.generation";
    let types = [
        Type::Text,
        Type::Int,
        Type::Int,
        Type::Text,
        Type::Int,
        Type::Int,
        Type::Int,
        Type::Text,
        Type::Int,
        Type::Time,
        Type::Int,
    ];
    let rows = db.query(Statement::new(sql, []), &types).await?;
    let statuses = rows.iter().map(|row| {
        Ok(Status {
            name: row.text(0)?,
            generation: row.int(1)?,
            shape: row.int(2)?,
            active: row.text(3)? == "active",
            position: position(row, 4)?,
            owner: row.text_or_null(7)?,
            epoch: row.int(8)?,
            updated_at: row.time(9)?,
            parked: row.int(10)?,
        })
    });
    statuses.collect()
}
