//! What billing reads of accounts coming, going, and being switched: one row for each change, for ever.
//!
//! How many accounts an owner held on a day follows from the rows: the sum of `change` up to the end of that day.

use crate::rows;
use crate::shape::{column, names, number, of_account, optional, place, types, user_or_null};
use chrono::{DateTime, NaiveDate, Utc};
use domain::Event;
use domain::ids::{AccountNumber, UserId};
use domain::log::{Actor, Position, Recorded};
use domain::sip_account::{Event as Happened, OfferKind, Returned};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};
use serde::{Deserialize, Serialize};

/// One line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The place of the event in the log.
    pub position: Position,
    /// Which of the lines that come of one event: what leaves one owner comes to another.
    pub line: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose bill it is about; none where a switch was not thrown by a person.
    pub owner: Option<UserId>,
    /// The account.
    pub account: AccountNumber,
    /// What happened.
    pub what: What,
    /// The event's id, to trace a bill back to the log.
    pub event: String,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The account came into being.
    Created,
    /// The account came from another owner.
    Received,
    /// The account went to another owner.
    GivenAway,
    /// The account was deleted.
    Deleted,
    /// It is to be registered from now on.
    SwitchedOn,
    /// It is not to be registered from now on.
    SwitchedOff,
}

impl What {
    /// By how much the number of accounts of the owner changes.
    #[must_use]
    pub fn change(self) -> i64 {
        match self {
            Self::Created | Self::Received => 1,
            Self::GivenAway | Self::Deleted => -1,
            Self::SwitchedOn | Self::SwitchedOff => 0,
        }
    }
}

/// What an event changes on the bills of whom.
fn lines(happened: &Happened, by: Actor) -> Vec<(Option<UserId>, What)> {
    let moved = |from: UserId, to: UserId| {
        if from == to { Vec::new() } else { vec![(Some(from), What::GivenAway), (Some(to), What::Received)] }
    };
    let switcher = match by {
        Actor::Person(owner) => Some(owner),
        Actor::Process | Actor::Operator | Actor::Gateway => None,
    };
    match happened {
        Happened::AccountCreated { owner, .. } => vec![(Some(*owner), What::Created)],
        Happened::AccountDeleted { owner } => vec![(Some(*owner), What::Deleted)],
        Happened::AccountTransferred { from, to, .. }
        | Happened::AccountTakenAway { from, to, .. }
        | Happened::AccountReturned { from, to, what: Returned::Ownership, .. }
        | Happened::TakeUndone {
            from,
            to,
            kind: OfferKind::Transfer | OfferKind::Return | OfferKind::TakeAway,
            ..
        } => moved(*from, *to),
        // Only an owner can throw the switch.
        Happened::AccountSwitchedOn => vec![(switcher, What::SwitchedOn)],
        Happened::AccountSwitchedOff => vec![(switcher, What::SwitchedOff)],
        Happened::AccountReturned { what: Returned::Use, .. }
        | Happened::TakeUndone { kind: OfferKind::Settings | OfferKind::Assignment, .. }
        | Happened::SettingsOffered { .. }
        | Happened::OfferSent { .. }
        | Happened::AccountRenamed { .. }
        | Happened::LoginChanged { .. }
        | Happened::PasswordChanged { .. }
        | Happened::ServerChanged { .. }
        | Happened::TemplateChosen { .. }
        | Happened::TransportChanged { .. }
        | Happened::CodecsChanged { .. }
        | Happened::DtmfMethodsChanged { .. }
        | Happened::DialRulesChanged { .. }
        | Happened::WorkerChosen { .. }
        | Happened::RecordingChanged { .. }
        | Happened::SettingsApplied { .. }
        | Happened::AssignmentOffered { .. }
        | Happened::TransferOffered { .. }
        | Happened::ReturnOffered { .. }
        | Happened::TakeAwayOffered { .. }
        | Happened::OfferCancelled { .. }
        | Happened::OfferExpired { .. }
        | Happened::AccountAssigned { .. }
        | Happened::AccountUnassigned { .. }
        | Happened::AccountLent { .. }
        | Happened::LoanEnded { .. }
        | Happened::AccountRegistered { .. }
        | Happened::RegistrationFailed { .. } => Vec::new(),
    }
}

/// Keeps `usage_ledger`.
pub struct UsageLedger;

impl Projection for UsageLedger {
    type Row = Line;

    const TABLE: Table = Table {
        name: "usage_ledger",
        about: "Accounts coming, going and being switched: one row for each change. The sum of change up to a day is \
                the number of accounts that an owner held.",
        version: 1,
        columns: &[
            column("tx", Type::Int, "The event's place in the log: the transaction."),
            column("position", Type::Int, "The event's place in the log: the number."),
            column("line", Type::Int, "Which line of this event: 0, or 1 for the other side of a transfer."),
            column("at", Type::Time, "When."),
            column("day", Type::Text, "The day of it in UTC: 2026-01-31."),
            optional("owner", Type::Int, "Whose bill it is about: Telegram's user id."),
            column("account", Type::Int, "The account's number."),
            column(
                "what",
                Type::Text,
                "created, received, given_away, deleted, switched_on or switched_off.",
            ),
            column("change", Type::Int, "By how much the owner's number of accounts changes: -1, 0 or 1."),
            column("event_id", Type::Text, "The event's id."),
        ],
        key: 3,
        indexes: &[&["owner", "day"], &["account", "tx", "position"]],
        append_only: true,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        let Some((_, happened)) = of_account(event) else { return Vec::new() };
        let [tx, position] = place(event.position);
        let lines = 0..lines(happened, event.context.by).len() as i64;
        lines.map(|line| vec![tx.clone(), position.clone(), line.into()]).collect()
    }

    fn apply(&self, key: &Key, _: Option<Line>, event: &Recorded<Event>) -> Option<Line> {
        let (account, happened) = of_account(event)?;
        let Some(Value::Int(Some(line))) = key.get(2) else { return None };
        let of_it = lines(happened, event.context.by);
        let (owner, what) = *of_it.get(usize::try_from(*line).ok()?)?;
        Some(Line {
            position: event.position,
            line: *line,
            at: event.context.at,
            owner,
            account,
            what,
            event: event.id.clone(),
        })
    }

    fn to_values(&self, row: &Line) -> Vec<Value> {
        let [tx, position] = place(row.position);
        vec![
            tx,
            position,
            row.line.into(),
            row.at.into(),
            row.at.date_naive().to_string().into(),
            user_or_null(row.owner),
            row.account.get().into(),
            rows::word(&row.what).into(),
            row.what.change().into(),
            row.event.clone().into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Line> {
        Some(Line {
            position: Position {
                cell: 0,
                tx: u64::try_from(row.int(0).ok()?).ok()?,
                pos: u64::try_from(row.int(1).ok()?).ok()?,
            },
            line: row.int(2).ok()?,
            at: row.time(3).ok()?,
            owner: row.int_or_null(5).ok()?.map(UserId),
            account: number(row, 6)?,
            what: rows::from_word(&row.text(7).ok()?)?,
            event: row.text(9).ok()?,
        })
    }
}

/// The lines of an owner from one day to another, both included.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_owner(
    db: &dyn Database,
    owner: UserId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Line>, Fault> {
    let columns = UsageLedger::TABLE.columns;
    let sql = format!(
        "SELECT {} FROM usage_ledger WHERE owner = $1 AND day >= $2 AND day <= $3 ORDER BY tx, position, line",
        names(columns)
    );
    let statement = Statement::new(sql, [owner.0.into(), from.to_string().into(), to.to_string().into()]);
    rows::read(db, &UsageLedger, statement, &types(columns)).await
}

/// How many accounts an owner held at the end of a day.
///
/// # Errors
///
/// The database can't be read.
pub async fn held(db: &dyn Database, owner: UserId, day: NaiveDate) -> Result<u64, Fault> {
    let sql =
        "SELECT CAST(COALESCE(SUM(change), 0) AS BIGINT) FROM usage_ledger WHERE owner = $1 AND day <= $2";
    rows::count(db, Statement::new(sql, [owner.0.into(), day.to_string().into()])).await
}

#[cfg(test)]
mod tests;
