//! Every call there was: for billing, support, and people who want to call again.

use crate::call_beginning::Beginning;
use crate::rows;
use crate::shape::{
    call_key, column, names, number, of_call, optional, parsed, parsed_or_null, sealed, sealed_or_null, text,
    text_of_sealed, text_or_null, types, user,
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::Event;
use domain::call::{Direction, EndCause, Event as Happened};
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::Recorded;
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// A call, from its beginning on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The call.
    pub call: CallId,
    /// Through which account.
    pub account: AccountNumber,
    /// Whose account it was when the call began: who pays.
    pub owner: UserId,
    /// Who called or was called.
    pub user: UserId,
    /// Who called whom.
    pub direction: Direction,
    /// When it was asked for, or came in.
    pub began: DateTime<Utc>,
    /// When they began to talk.
    pub answered: Option<DateTime<Utc>>,
    /// When and how it ended; none while it goes on.
    pub end: Option<End>,
    /// The far end's number, sealed under the user's key: as it was typed, or as it came in.
    pub number: Sealed,
    /// The number that the dial rules made, sealed; none where the call came in.
    pub dialled: Option<Sealed>,
    /// The far end's name, sealed.
    pub name: Option<Sealed>,
    /// The media process that carried it.
    pub gateway: Option<String>,
    /// The references of its recordings, in their order.
    pub recordings: Vec<String>,
    /// How long all of them are together, in seconds.
    pub recorded_seconds: i64,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// When.
    pub at: DateTime<Utc>,
    /// How long they talked, in seconds.
    pub seconds: i64,
    /// Why.
    pub cause: EndCause,
    /// The SIP status or its like.
    pub code: Option<u16>,
    /// The reason phrase.
    pub reason: Option<String>,
}

impl Record {
    fn begun(call: CallId, beginning: Beginning, at: DateTime<Utc>) -> Self {
        Self {
            call,
            account: beginning.account,
            owner: beginning.owner,
            user: beginning.user,
            direction: beginning.direction,
            began: at,
            answered: None,
            end: None,
            number: beginning.number,
            dialled: beginning.dialled,
            name: beginning.name,
            gateway: beginning.gateway.map(|gateway| gateway.process),
            recordings: Vec::new(),
            recorded_seconds: 0,
        }
    }

    fn go_on(mut self, event: &Happened, at: DateTime<Utc>) -> Self {
        match event {
            Happened::CallTaken { gateway } => self.gateway = Some(gateway.process.clone()),
            Happened::CallAnswered => self.answered = Some(at),
            Happened::RecordingSaved { reference, seconds } => {
                self.recordings.push(reference.clone());
                self.recorded_seconds += i64::from(*seconds);
            }
            Happened::CallEnded { cause, code, reason, answered_for, .. } => {
                self.end = Some(End {
                    at,
                    seconds: i64::from(*answered_for),
                    cause: *cause,
                    code: *code,
                    reason: reason.clone(),
                });
            }
            Happened::CallRequested { .. }
            | Happened::CallOffered { .. }
            | Happened::UserAwaited { .. }
            | Happened::CallDialled
            | Happened::CallRang
            | Happened::CallHeld
            | Happened::CallResumed
            | Happened::CallTransferred { .. }
            | Happened::RecordingStarted { .. }
            | Happened::RecordingStopped
            | Happened::RecordingFailed { .. } => {}
        }
        self
    }
}

/// Keeps `call_history`.
pub struct CallHistory;

impl Projection for CallHistory {
    type Row = Box<Record>;

    const TABLE: Table = Table {
        name: "call_history",
        about: "Every call, with how it ended. Whoever owned the account when the call began pays for it.",
        version: 1,
        columns: &[
            column("call_id", Type::Text, "The call: a UUID."),
            column("account", Type::Int, "The account's number."),
            column("owner", Type::Int, "Whose account it was when the call began: Telegram's user id."),
            column("user_id", Type::Int, "Who called or was called: Telegram's user id."),
            column("direction", Type::Text, "in or out."),
            column("began", Type::Time, "When it was asked for, or came in."),
            optional("answered", Type::Time, "When they began to talk."),
            optional("ended", Type::Time, "When it ended; NULL while it goes on."),
            optional("seconds", Type::Int, "How long they talked, in seconds; NULL while it goes on."),
            optional(
                "cause",
                Type::Text,
                "hangup_user, hangup_far_end, declined, busy, missed, cancelled, failed, lost or replaced.",
            ),
            optional("is_failure", Type::Bool, "Whether it counts as a failed call: failed or lost."),
            optional("code", Type::Int, "The SIP status or its like, where there is one."),
            optional("reason", Type::Text, "The reason phrase."),
            column("number", Type::Text, "The far end's number, sealed under the user's key."),
            optional("dialled", Type::Text, "The number that the dial rules made, sealed."),
            optional("name", Type::Text, "The far end's name, sealed."),
            optional("gateway", Type::Text, "The media process that carried it."),
            column("recordings", Type::Text, "The references of its recordings, with blanks between them."),
            column("recorded_seconds", Type::Int, "How long all of them are together, in seconds."),
        ],
        key: 1,
        indexes: &[&["user_id", "began"], &["account", "began"], &["owner", "ended"], &["ended"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        of_call(event)
            .filter(|(_, event)| is_told(event))
            .map(|(call, _)| call_key(call))
            .into_iter()
            .collect()
    }

    fn apply(&self, _: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row> {
        let Some((call, happened)) = of_call(event) else { return row };
        let at = event.context.at;
        match Beginning::of(happened) {
            Some(beginning) => Some(Box::new(Record::begun(call, beginning, at))),
            None => row.map(|row| Box::new(row.go_on(happened, at))),
        }
    }

    fn to_values(&self, row: &Self::Row) -> Vec<Value> {
        let end = row.end.as_ref();
        vec![
            text(row.call),
            row.account.get().into(),
            row.owner.0.into(),
            row.user.0.into(),
            rows::word(&row.direction).into(),
            row.began.into(),
            row.answered.into(),
            end.map(|end| end.at).into(),
            end.map(|end| end.seconds).into(),
            text_or_null(end.map(|end| end.cause)),
            end.map(|end| end.cause.is_failure()).into(),
            end.and_then(|end| end.code).map(i64::from).into(),
            end.and_then(|end| end.reason.clone()).into(),
            row.number.as_text().into(),
            text_of_sealed(row.dialled.as_ref()),
            text_of_sealed(row.name.as_ref()),
            row.gateway.clone().into(),
            row.recordings.join(" ").into(),
            row.recorded_seconds.into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Self::Row> {
        Some(Box::new(Record {
            call: parsed(row, 0)?,
            account: number(row, 1)?,
            owner: user(row, 2)?,
            user: user(row, 3)?,
            direction: rows::from_word(&row.text(4).ok()?)?,
            began: row.time(5).ok()?,
            answered: row.time_or_null(6).ok()?,
            end: end(row)?,
            number: sealed(row, 13)?,
            dialled: sealed_or_null(row, 14)?,
            name: sealed_or_null(row, 15)?,
            gateway: row.text_or_null(16).ok()?,
            recordings: row.text(17).ok()?.split_whitespace().map(str::to_owned).collect(),
            recorded_seconds: row.int(18).ok()?,
        }))
    }
}

#[expect(clippy::option_option, reason = "the outer one says that the row is broken")]
fn end(row: &Row) -> Option<Option<End>> {
    let cause: Option<EndCause> = parsed_or_null(row, 9)?;
    let (Some(at), Some(cause)) = (row.time_or_null(7).ok()?, cause) else { return Some(None) };
    let code = row.int_or_null(11).ok()?.map(u16::try_from).transpose().ok()?;
    Some(Some(End { at, seconds: row.int(8).ok()?, cause, code, reason: row.text_or_null(12).ok()? }))
}

/// Whether an event leaves anything in the history.
fn is_told(event: &Happened) -> bool {
    match event {
        Happened::CallRequested { .. }
        | Happened::CallOffered { .. }
        | Happened::CallTaken { .. }
        | Happened::CallAnswered
        | Happened::RecordingSaved { .. }
        | Happened::CallEnded { .. } => true,
        Happened::UserAwaited { .. }
        | Happened::CallDialled
        | Happened::CallRang
        | Happened::CallHeld
        | Happened::CallResumed
        | Happened::CallTransferred { .. }
        | Happened::RecordingStarted { .. }
        | Happened::RecordingStopped
        | Happened::RecordingFailed { .. } => false,
    }
}

/// A call.
///
/// # Errors
///
/// The database can't be read.
pub async fn one(db: &dyn Database, call: CallId) -> Result<Option<Record>, Fault> {
    Ok(select(db, "WHERE call_id = $1", vec![text(call)]).await?.pop())
}

/// The latest calls of a user, the newest first, those that go on included.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_user(db: &dyn Database, user: UserId, limit: u32) -> Result<Vec<Record>, Fault> {
    let rest = "WHERE user_id = $1 ORDER BY began DESC, call_id DESC LIMIT $2";
    select(db, rest, vec![user.0.into(), limit.into()]).await
}

/// The latest calls through an account, the newest first, those that go on included.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_account(db: &dyn Database, account: AccountNumber, limit: u32) -> Result<Vec<Record>, Fault> {
    let rest = "WHERE account = $1 ORDER BY began DESC, call_id DESC LIMIT $2";
    select(db, rest, vec![account.get().into(), limit.into()]).await
}

/// What an owner's calls come to (product reference 9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Calls that ended.
    pub calls: i64,
    /// Those of them that somebody answered.
    pub answered: i64,
    /// Those of them that failed or were lost.
    pub failed: i64,
    /// How long they talked in all of them, in seconds.
    pub seconds: i64,
    /// How long the longest lasted, in seconds.
    pub longest: i64,
    /// How much of it was recorded, in seconds.
    pub recorded_seconds: i64,
}

/// What the calls of an owner come to that ended from one day to another, both included, in UTC.
///
/// # Errors
///
/// The database can't be read.
pub async fn totals(
    db: &dyn Database,
    owner: UserId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Totals, Fault> {
    let sql = "SELECT count(*), \
               CAST(COALESCE(SUM(CASE WHEN answered IS NULL THEN 0 ELSE 1 END), 0) AS BIGINT), \
               CAST(COALESCE(SUM(CASE WHEN is_failure THEN 1 ELSE 0 END), 0) AS BIGINT), \
               CAST(COALESCE(SUM(seconds), 0) AS BIGINT), \
               CAST(COALESCE(MAX(seconds), 0) AS BIGINT), \
               CAST(COALESCE(SUM(recorded_seconds), 0) AS BIGINT) \
               FROM call_history WHERE owner = $1 AND ended >= $2 AND ended < $3";
    let midnight = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let after = to.succ_opt().unwrap_or(to);
    let values = [owner.0.into(), midnight(from).into(), midnight(after).into()];
    let rows = db.query(Statement::new(sql, values), &[Type::Int; 6]).await?;
    let Some(row) = rows.first() else { return Ok(Totals::default()) };
    Ok(Totals {
        calls: row.int(0)?,
        answered: row.int(1)?,
        failed: row.int(2)?,
        seconds: row.int(3)?,
        longest: row.int(4)?,
        recorded_seconds: row.int(5)?,
    })
}

async fn select(db: &dyn Database, rest: &str, values: Vec<Value>) -> Result<Vec<Record>, Fault> {
    let columns = CallHistory::TABLE.columns;
    let statement = Statement::new(format!("SELECT {} FROM call_history {rest}", names(columns)), values);
    let rows = rows::read(db, &CallHistory, statement, &types(columns)).await?;
    Ok(rows.into_iter().map(|row| *row).collect())
}

#[cfg(test)]
mod tests;
