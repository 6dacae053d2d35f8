//! The calls that are not over: what cards show, and what has to be ended if its gateway is gone.

mod cleanup;

pub use cleanup::{Cleanup, cleanup};

use crate::call_beginning::Beginning;
use crate::rows;
use crate::shape::{
    call_key, column, names, number, of_call, optional, parsed, sealed, sealed_or_null, text, text_of_sealed,
    types, user,
};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::call::{Awaited, Direction, Event as Happened, Gateway, Phase, RecordingState};
use domain::ids::{AccountNumber, CallId, UserId};
use domain::log::Recorded;
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// A call that is not over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCall {
    /// The call.
    pub call: CallId,
    /// Who calls or is called.
    pub user: UserId,
    /// Through which account.
    pub account: AccountNumber,
    /// Whose account it was when the call began.
    pub owner: UserId,
    /// Who called whom.
    pub direction: Direction,
    /// How far it has come.
    pub phase: Phase,
    /// The media process that carries it.
    pub gateway: Option<Gateway>,
    /// The far end's number, sealed under the user's key: as it was typed, or as it came in.
    pub number: Sealed,
    /// The number that the dial rules made, sealed; none where the call came in.
    pub dialled: Option<Sealed>,
    /// The far end's name, sealed.
    pub name: Option<Sealed>,
    /// When it was asked for, or came in.
    pub began: DateTime<Utc>,
    /// When they began to talk.
    pub answered: Option<DateTime<Utc>>,
    /// When anything last happened to it.
    pub seen: DateTime<Utc>,
    /// Until when the user has to call by themselves, while they have to.
    pub awaited_until: Option<DateTime<Utc>>,
    /// Why they have to.
    pub awaited_why: Option<Awaited>,
    /// Whether it is being recorded.
    pub recording: RecordingState,
    /// Whether it was transferred, and is about to end.
    pub is_transferred: bool,
}

impl OpenCall {
    fn begun(call: CallId, beginning: Beginning, phase: Phase, at: DateTime<Utc>) -> Self {
        Self {
            call,
            user: beginning.user,
            account: beginning.account,
            owner: beginning.owner,
            direction: beginning.direction,
            phase,
            gateway: beginning.gateway,
            number: beginning.number,
            dialled: beginning.dialled,
            name: beginning.name,
            began: at,
            answered: None,
            seen: at,
            awaited_until: None,
            awaited_why: None,
            recording: RecordingState::Off,
            is_transferred: false,
        }
    }

    fn go_on(mut self, event: &Happened, at: DateTime<Utc>) -> Self {
        self.seen = at;
        if let Some(recording) = RecordingState::after(event) {
            self.recording = recording;
        }
        if let Some(phase) = Phase::after(event) {
            self.phase = phase;
            (self.awaited_until, self.awaited_why) = (None, None);
        }
        match event {
            Happened::CallTaken { gateway } => self.gateway = Some(gateway.clone()),
            Happened::UserAwaited { until, why, .. } => {
                (self.awaited_until, self.awaited_why) = (Some(*until), Some(*why));
            }
            Happened::CallAnswered => self.answered = Some(at),
            Happened::CallTransferred { .. } => self.is_transferred = true,
            Happened::CallRequested { .. }
            | Happened::CallOffered { .. }
            | Happened::CallDialled
            | Happened::CallRang
            | Happened::CallHeld
            | Happened::CallResumed
            | Happened::RecordingStarted { .. }
            | Happened::RecordingStopped
            | Happened::RecordingSaved { .. }
            | Happened::RecordingFailed { .. }
            | Happened::CallEnded { .. } => {}
        }
        self
    }
}

/// Keeps `call_board`.
pub struct CallBoard;

impl Projection for CallBoard {
    type Row = Box<OpenCall>;

    const TABLE: Table = Table {
        name: "call_board",
        about: "The calls that are not over. A row goes when its call ends; what was is in call_history.",
        version: 1,
        columns: &[
            column("call_id", Type::Text, "The call: a UUID."),
            column("user_id", Type::Int, "Who calls or is called: Telegram's user id."),
            column("account", Type::Int, "The account's number."),
            column("owner", Type::Int, "Whose account it was when the call began: Telegram's user id."),
            column("direction", Type::Text, "in or out."),
            column(
                "phase",
                Type::Text,
                "requested, calling_user, awaiting_user, dialling, ringing, offered, talking or held.",
            ),
            optional("gateway", Type::Text, "The media process that carries it."),
            optional("epoch", Type::Int, "The epoch of that process's lease on the user's segment."),
            column("number", Type::Text, "The far end's number, sealed under the user's key."),
            optional("dialled", Type::Text, "The number that the dial rules made, sealed."),
            optional("name", Type::Text, "The far end's name, sealed."),
            column("began", Type::Time, "When it was asked for, or came in."),
            optional("answered", Type::Time, "When they began to talk."),
            column("seen", Type::Time, "When anything last happened to it."),
            optional("awaited_until", Type::Time, "Until when the user has to call by themselves."),
            optional("awaited_why", Type::Text, "callback_off or flood."),
            column("recording", Type::Text, "off, on, locked, saving or failed."),
            column("is_transferred", Type::Bool, "Whether it was transferred, and is about to end."),
        ],
        key: 1,
        indexes: &[&["user_id"], &["account"], &["gateway"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        of_call(event).map(|(call, _)| call_key(call)).into_iter().collect()
    }

    fn apply(&self, _: &Key, row: Option<Self::Row>, event: &Recorded<Event>) -> Option<Self::Row> {
        let Some((call, happened)) = of_call(event) else { return row };
        if let Happened::CallEnded { .. } = happened {
            return None;
        }
        let at = event.context.at;
        match (Beginning::of(happened), Phase::after(happened)) {
            (Some(beginning), Some(phase)) => Some(Box::new(OpenCall::begun(call, beginning, phase, at))),
            (Some(_) | None, _) => row.map(|row| Box::new(row.go_on(happened, at))),
        }
    }

    fn to_values(&self, row: &Self::Row) -> Vec<Value> {
        vec![
            text(row.call),
            row.user.0.into(),
            row.account.get().into(),
            row.owner.0.into(),
            rows::word(&row.direction).into(),
            rows::word(&row.phase).into(),
            row.gateway.as_ref().map(|gateway| gateway.process.clone()).into(),
            row.gateway.as_ref().and_then(|gateway| i64::try_from(gateway.epoch).ok()).into(),
            row.number.as_text().into(),
            text_of_sealed(row.dialled.as_ref()),
            text_of_sealed(row.name.as_ref()),
            row.began.into(),
            row.answered.into(),
            row.seen.into(),
            row.awaited_until.into(),
            row.awaited_why.map(|why| rows::word(&why)).into(),
            rows::word(&row.recording).into(),
            row.is_transferred.into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Self::Row> {
        let gateway = match (row.text_or_null(6).ok()?, row.int_or_null(7).ok()?) {
            (Some(process), Some(epoch)) => Some(Gateway { process, epoch: u64::try_from(epoch).ok()? }),
            (_, None) | (None, _) => None,
        };
        let why = row.text_or_null(15).ok()?;
        Some(Box::new(OpenCall {
            call: parsed(row, 0)?,
            user: user(row, 1)?,
            account: number(row, 2)?,
            owner: user(row, 3)?,
            direction: rows::from_word(&row.text(4).ok()?)?,
            phase: rows::from_word(&row.text(5).ok()?)?,
            gateway,
            number: sealed(row, 8)?,
            dialled: sealed_or_null(row, 9)?,
            name: sealed_or_null(row, 10)?,
            began: row.time(11).ok()?,
            answered: row.time_or_null(12).ok()?,
            seen: row.time(13).ok()?,
            awaited_until: row.time_or_null(14).ok()?,
            awaited_why: why.and_then(|why| rows::from_word(&why)),
            recording: rows::from_word(&row.text(16).ok()?)?,
            is_transferred: row.bool(17).ok()?,
        }))
    }
}

/// A call, if it is not over.
///
/// # Errors
///
/// The database can't be read.
pub async fn one(db: &dyn Database, call: CallId) -> Result<Option<OpenCall>, Fault> {
    Ok(select(db, "WHERE call_id = $1", vec![text(call)]).await?.pop())
}

/// The calls of a user, the oldest first.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_user(db: &dyn Database, user: UserId) -> Result<Vec<OpenCall>, Fault> {
    select(db, "WHERE user_id = $1 ORDER BY began, call_id", vec![user.0.into()]).await
}

/// The calls through an account, the oldest first.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_account(db: &dyn Database, account: AccountNumber) -> Result<Vec<OpenCall>, Fault> {
    select(db, "WHERE account = $1 ORDER BY began, call_id", vec![account.get().into()]).await
}

/// The calls that wait for a gateway, the oldest first: what a media process looks at when it starts.
///
/// # Errors
///
/// The database can't be read.
pub async fn waiting(db: &dyn Database, limit: u32) -> Result<Vec<OpenCall>, Fault> {
    select(db, "WHERE gateway IS NULL ORDER BY began, call_id LIMIT $1", vec![limit.into()]).await
}

/// How many calls there are that are not over.
///
/// # Errors
///
/// The database can't be read.
pub async fn count(db: &dyn Database) -> Result<u64, Fault> {
    rows::count(db, Statement::new("SELECT count(*) FROM call_board", [])).await
}

async fn select(db: &dyn Database, rest: &str, values: Vec<Value>) -> Result<Vec<OpenCall>, Fault> {
    let columns = CallBoard::TABLE.columns;
    let statement = Statement::new(format!("SELECT {} FROM call_board {rest}", names(columns)), values);
    let rows = rows::read(db, &CallBoard, statement, &types(columns)).await?;
    Ok(rows.into_iter().map(|row| *row).collect())
}

#[cfg(test)]
mod tests;
