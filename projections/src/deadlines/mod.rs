//! What is due of each account, and when: offers that end, settings that act by themselves, loans that are over.
//!
//! The fold is the domain's ([`domain::process::deadline`]); [`drive`] gives the commands when their time has come.

mod driver;

pub use driver::{Drive, drive};

use crate::rows;
use crate::shape::{account_of, column, names, number, of_account, parsed, types};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::log::Recorded;
use domain::process::deadline::{Deadline, DeadlineChange, DeadlineKind, changes_at};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// Keeps `deadlines`.
pub struct Deadlines;

impl Projection for Deadlines {
    type Row = Deadline;

    const TABLE: Table = Table {
        name: "deadlines",
        about: "What happens to accounts by itself, and when.",
        version: 1,
        columns: &[
            column("account", Type::Int, "The account's number."),
            column("what", Type::Text, "offer/ and its token, apply, or loan."),
            column("due", Type::Time, "When."),
        ],
        key: 2,
        indexes: &[&["due"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        let Some((account, happened)) = of_account(event) else { return Vec::new() };
        let changes = changes_at(happened, event.context.at);
        changes.iter().map(|change| vec![account.get().into(), kind(change).to_string().into()]).collect()
    }

    fn apply(&self, key: &Key, row: Option<Deadline>, event: &Recorded<Event>) -> Option<Deadline> {
        let (Some(account), Some(Value::Text(Some(what))), Event::SipAccount(happened)) =
            (account_of(key), key.get(1), &event.event)
        else {
            return row;
        };
        let mut deadline = row;
        for change in changes_at(happened, event.context.at) {
            if kind(&change).to_string() == *what {
                deadline = match change {
                    DeadlineChange::Set { kind, due } => Some(Deadline { account, kind, due }),
                    DeadlineChange::Clear { .. } => None,
                };
            }
        }
        deadline
    }

    fn to_values(&self, row: &Deadline) -> Vec<Value> {
        vec![row.account.get().into(), row.kind.to_string().into(), row.due.into()]
    }

    fn to_row(&self, row: &Row) -> Option<Deadline> {
        Some(Deadline { account: number(row, 0)?, kind: parsed(row, 1)?, due: row.time(2).ok()? })
    }
}

fn kind(change: &DeadlineChange) -> &DeadlineKind {
    match change {
        DeadlineChange::Set { kind, .. } | DeadlineChange::Clear { kind } => kind,
    }
}

/// What is due by now, the earliest first.
///
/// # Errors
///
/// The database can't be read.
pub async fn due(db: &dyn Database, now: DateTime<Utc>, limit: u32) -> Result<Vec<Deadline>, Fault> {
    let columns = Deadlines::TABLE.columns;
    let sql = format!(
        "SELECT {} FROM deadlines WHERE due <= $1 ORDER BY due, account, what LIMIT $2",
        names(columns)
    );
    rows::read(db, &Deadlines, Statement::new(sql, [now.into(), limit.into()]), &types(columns)).await
}

/// When something is due next, after now.
///
/// # Errors
///
/// The database can't be read.
pub async fn next(db: &dyn Database, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Fault> {
    let sql = "SELECT due FROM deadlines WHERE due > $1 ORDER BY due LIMIT 1";
    let rows = db.query(Statement::new(sql, [now.into()]), &[Type::Time]).await?;
    Ok(rows.first().map(|row| row.time(0)).transpose()?)
}

#[cfg(test)]
mod tests;
