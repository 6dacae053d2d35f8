//! Who did what, when and from where, in words: one row for each event, for support and auditors.
//!
//! People stand in it by their ids alone, so that one person can be forgotten without touching it; whoever shows it adds
//! the names ([`crate::history`]).

use crate::history::{self, Numbers};
use crate::rows;
use crate::shape::{column, names, optional, place, types};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::ids::{AccountNumber, UserId};
use domain::log::{Actor, Position, Recorded};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The place in the log.
    pub position: Position,
    /// When.
    pub at: DateTime<Utc>,
    /// What it happened to: the stream's category.
    pub category: String,
    /// Which of them: an account's number, a person's id.
    pub stream: String,
    /// Who did it.
    pub actor: Actor,
    /// The event's name.
    pub event: String,
    /// What happened, in words.
    pub what: String,
    /// What led to it: an update, a process.
    pub cause: Option<String>,
    /// The event's id.
    pub event_id: String,
}

/// Keeps `audit_trail`.
pub struct AuditTrail;

impl Projection for AuditTrail {
    type Row = Entry;

    const TABLE: Table = Table {
        name: "audit_trail",
        about: "Who did what, when and from where, in words. One row for each event; people stand in it by their ids.",
        version: 1,
        columns: &[
            column("tx", Type::Int, "The event's place in the log: the transaction."),
            column("position", Type::Int, "The event's place in the log: the number."),
            column("event_id", Type::Text, "The event's id."),
            column("at", Type::Time, "When."),
            column("category", Type::Text, "What it happened to: sip_account or person."),
            column("stream", Type::Text, "Which of them: an account's number or a person's id."),
            column("actor", Type::Text, "Who did it: person, process, operator or gateway."),
            optional("actor_id", Type::Int, "Which person: Telegram's user id."),
            column("event", Type::Text, "The event's name."),
            column("what", Type::Text, "What happened, in words."),
            optional("cause", Type::Text, "What led to it: an update, a process."),
        ],
        key: 3,
        indexes: &[&["category", "stream", "tx", "position"], &["actor_id", "at"], &["at"]],
        append_only: true,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        let [tx, position] = place(event.position);
        vec![vec![tx, position, event.id.as_str().into()]]
    }

    fn apply(&self, _: &Key, _: Option<Entry>, event: &Recorded<Event>) -> Option<Entry> {
        Some(Entry {
            position: event.position,
            at: event.context.at,
            category: event.category.clone(),
            stream: event.stream.clone(),
            actor: event.context.by,
            event: event.event.name().to_owned(),
            what: history::sentence(event, &Numbers),
            cause: event.cause.clone(),
            event_id: event.id.clone(),
        })
    }

    fn to_values(&self, row: &Entry) -> Vec<Value> {
        let [tx, position] = place(row.position);
        let (actor, actor_id) = match row.actor {
            Actor::Person(id) => ("person", Some(id.0)),
            Actor::Process => ("process", None),
            Actor::Operator => ("operator", None),
            Actor::Gateway => ("gateway", None),
        };
        vec![
            tx,
            position,
            row.event_id.clone().into(),
            row.at.into(),
            row.category.clone().into(),
            row.stream.clone().into(),
            actor.into(),
            actor_id.into(),
            row.event.clone().into(),
            row.what.clone().into(),
            row.cause.clone().into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Entry> {
        let actor = match (row.text(6).ok()?.as_str(), row.int_or_null(7).ok()?) {
            ("person", Some(id)) => Actor::Person(UserId(id)),
            ("process", None) => Actor::Process,
            ("operator", None) => Actor::Operator,
            ("gateway", None) => Actor::Gateway,
            _ => return None,
        };
        Some(Entry {
            position: Position {
                cell: 0,
                tx: u64::try_from(row.int(0).ok()?).ok()?,
                pos: u64::try_from(row.int(1).ok()?).ok()?,
            },
            event_id: row.text(2).ok()?,
            at: row.time(3).ok()?,
            category: row.text(4).ok()?,
            stream: row.text(5).ok()?,
            actor,
            event: row.text(8).ok()?,
            what: row.text(9).ok()?,
            cause: row.text_or_null(10).ok()?,
        })
    }
}

/// Everything that happened to an account.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_account(db: &dyn Database, account: AccountNumber) -> Result<Vec<Entry>, Fault> {
    let rest = "WHERE category = 'sip_account' AND stream = $1 ORDER BY tx, position";
    select(db, rest, vec![account.to_string().into()]).await
}

/// The latest things that a person did, the newest first.
///
/// # Errors
///
/// The database can't be read.
pub async fn by_person(db: &dyn Database, person: UserId, limit: u32) -> Result<Vec<Entry>, Fault> {
    let rest = "WHERE actor_id = $1 ORDER BY at DESC, tx DESC, position DESC LIMIT $2";
    select(db, rest, vec![person.0.into(), limit.into()]).await
}

/// What happened from one moment until another, at most `limit` entries.
///
/// # Errors
///
/// The database can't be read.
pub async fn between(
    db: &dyn Database,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Entry>, Fault> {
    let rest = "WHERE at >= $1 AND at < $2 ORDER BY at, tx, position LIMIT $3";
    select(db, rest, vec![from.into(), until.into(), limit.into()]).await
}

async fn select(db: &dyn Database, rest: &str, values: Vec<Value>) -> Result<Vec<Entry>, Fault> {
    let columns = AuditTrail::TABLE.columns;
    let statement = Statement::new(format!("SELECT {} FROM audit_trail {rest}", names(columns)), values);
    rows::read(db, &AuditTrail, statement, &types(columns)).await
}

#[cfg(test)]
mod tests;
