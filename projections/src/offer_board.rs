//! Every offer that was ever made, by its token: what a message in a chat shows, and an administrator's status board.

use crate::rows::{self, Rows};
use crate::shape::{
    column, names, number, of_account, optional, parsed, parsed_or_null, text, text_or_null, types,
    user_or_null,
};
use chrono::{DateTime, Utc};
use domain::Event;
use domain::ids::{AccountNumber, BatchId, OfferToken, UserId};
use domain::log::{Actor, Recorded};
use domain::sip_account::{Event as Happened, Grant, OfferKind};
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};
use serde::{Deserialize, Serialize};

/// One offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferRow {
    /// Its name in the chat.
    pub token: OfferToken,
    /// The account it is about, or that comes into being at the Take.
    pub account: AccountNumber,
    /// What a Take does.
    pub kind: OfferKind,
    /// What a Take of shared settings makes of the taker.
    pub grant: Option<Grant>,
    /// Who offered.
    pub by: UserId,
    /// The only person who may take it.
    pub to: Option<UserId>,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// From this moment on it can't be taken.
    pub until: DateTime<Utc>,
    /// What became of it.
    pub state: OfferState,
    /// Who took it.
    pub taken_by: Option<UserId>,
    /// When it was taken, called back, or ended.
    pub closed_at: Option<DateTime<Utc>>,
    /// When it was sent, if it is out of an administrator's list.
    pub sent_at: Option<DateTime<Utc>>,
    /// The administrator's list it is out of.
    pub batch: Option<BatchId>,
    /// The label of what was shared.
    pub label: Option<String>,
}

/// What became of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// It waits for a Take. Whether its moment has passed says [`OfferRow::state_at`].
    Open,
    /// Somebody took it.
    Taken,
    /// Nobody took it in time.
    Expired,
    /// The offerer called it back.
    Cancelled,
    /// The offerer took the Take back.
    Undone,
}

impl OfferRow {
    /// What has become of it by this moment, also if nobody has tidied it up yet.
    #[must_use]
    pub fn state_at(&self, now: DateTime<Utc>) -> OfferState {
        if self.state == OfferState::Open && self.until <= now { OfferState::Expired } else { self.state }
    }

    /// Whether it was sent; an offer that is not out of a list is made by sending it.
    #[must_use]
    pub fn is_sent(&self) -> bool {
        self.batch.is_none() || self.sent_at.is_some()
    }

    fn close(mut self, state: OfferState, at: DateTime<Utc>) -> Self {
        self.state = state;
        self.closed_at = Some(at);
        self
    }

    fn take(mut self, by: UserId, at: DateTime<Utc>) -> Self {
        self.taken_by = Some(by);
        self.close(OfferState::Taken, at)
    }
}

/// Keeps `offer_board`.
pub struct OfferBoard;

impl Projection for OfferBoard {
    type Row = OfferRow;

    const TABLE: Table = Table {
        name: "offer_board",
        about: "Every offer that was ever made, open or not.",
        version: 1,
        columns: &[
            column("token", Type::Text, "The offer's name in the chat."),
            column("account", Type::Int, "The account's number."),
            column("kind", Type::Text, "settings, assignment, transfer, return or take_away."),
            optional(
                "gives",
                Type::Text,
                "Of shared settings: give (the taker owns) or assign (the sender does).",
            ),
            column("offered_by", Type::Int, "Who offered: Telegram's user id."),
            optional("offered_to", Type::Int, "The only person who may take it."),
            column("made_at", Type::Time, "When it was made."),
            column("valid_until", Type::Time, "From this moment on it can't be taken."),
            column("state", Type::Text, "open, taken, expired, cancelled or undone."),
            optional("taken_by", Type::Int, "Who took it."),
            optional("closed_at", Type::Time, "When it was taken, called back, or ended."),
            optional("sent_at", Type::Time, "When an offer out of a list was sent."),
            optional("batch", Type::Text, "The administrator's list it is out of."),
            optional("label", Type::Text, "The label of what was shared."),
        ],
        key: 1,
        indexes: &[&["batch"], &["account"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        let token = of_account(event).and_then(|(_, happened)| token(happened));
        token.map(|token| vec![token.as_str().into()]).into_iter().collect()
    }

    fn apply(&self, _: &Key, row: Option<OfferRow>, event: &Recorded<Event>) -> Option<OfferRow> {
        let Some((account, happened)) = of_account(event) else { return row };
        let at = event.context.at;
        match happened {
            Happened::SettingsOffered { offer, by, to, grant, settings, until, batch } => Some(OfferRow {
                grant: Some(*grant),
                batch: batch.clone(),
                label: settings.label(),
                ..made(offer, account, OfferKind::Settings, *by, *to, at, *until)
            }),
            Happened::AssignmentOffered { offer, by, to, until } => {
                Some(made(offer, account, OfferKind::Assignment, *by, *to, at, *until))
            }
            Happened::TransferOffered { offer, by, to, until } => {
                Some(made(offer, account, OfferKind::Transfer, *by, *to, at, *until))
            }
            Happened::ReturnOffered { offer, by, to, until } => {
                Some(made(offer, account, OfferKind::Return, *by, Some(*to), at, *until))
            }
            Happened::TakeAwayOffered { offer, by, until } => {
                Some(made(offer, account, OfferKind::TakeAway, *by, Some(*by), at, *until))
            }
            Happened::OfferSent { until, .. } => {
                row.map(|row| OfferRow { sent_at: Some(at), until: *until, ..row })
            }
            Happened::OfferCancelled { .. } => row.map(|row| row.close(OfferState::Cancelled, at)),
            Happened::OfferExpired { .. } => row.map(|row| row.close(OfferState::Expired, at)),
            Happened::TakeUndone { .. } => row.map(|row| row.close(OfferState::Undone, at)),
            Happened::AccountCreated { owner, .. } => {
                let taker = match event.context.by {
                    Actor::Person(taker) => taker,
                    Actor::Process | Actor::Operator | Actor::Gateway => *owner,
                };
                row.map(|row| row.take(taker, at))
            }
            Happened::AccountAssigned { user, .. } => row.map(|row| row.take(*user, at)),
            Happened::AccountTransferred { to, .. }
            | Happened::AccountReturned { to, .. }
            | Happened::AccountTakenAway { to, .. } => row.map(|row| row.take(*to, at)),
            Happened::AccountRenamed { .. }
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
            | Happened::AccountSwitchedOn
            | Happened::AccountSwitchedOff
            | Happened::SettingsApplied { .. }
            | Happened::AccountUnassigned { .. }
            | Happened::AccountLent { .. }
            | Happened::LoanEnded { .. }
            | Happened::AccountDeleted { .. }
            | Happened::AccountRegistered { .. }
            | Happened::RegistrationFailed { .. } => row,
        }
    }

    fn to_values(&self, row: &OfferRow) -> Vec<Value> {
        vec![
            row.token.as_str().into(),
            row.account.get().into(),
            rows::word(&row.kind).into(),
            row.grant.as_ref().map(rows::word).into(),
            row.by.0.into(),
            user_or_null(row.to),
            row.made_at.into(),
            row.until.into(),
            rows::word(&row.state).into(),
            user_or_null(row.taken_by),
            row.closed_at.into(),
            row.sent_at.into(),
            text_or_null(row.batch.as_ref().map(|batch| &batch.0)),
            row.label.clone().into(),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<OfferRow> {
        let user = |column| row.int_or_null(column).ok().map(|id| id.map(UserId));
        let grant = row.text_or_null(3).ok()?;
        Some(OfferRow {
            token: parsed(row, 0)?,
            account: number(row, 1)?,
            kind: rows::from_word(&row.text(2).ok()?)?,
            grant: grant.as_deref().and_then(rows::from_word),
            by: UserId(row.int(4).ok()?),
            to: user(5)?,
            made_at: row.time(6).ok()?,
            until: row.time(7).ok()?,
            state: rows::from_word(&row.text(8).ok()?)?,
            taken_by: user(9)?,
            closed_at: row.time_or_null(10).ok()?,
            sent_at: row.time_or_null(11).ok()?,
            batch: parsed_or_null(row, 12)?.map(BatchId),
            label: row.text_or_null(13).ok()?,
        })
    }
}

/// The offer an event is about.
fn token(happened: &Happened) -> Option<&OfferToken> {
    match happened {
        Happened::SettingsOffered { offer, .. }
        | Happened::OfferSent { offer, .. }
        | Happened::AssignmentOffered { offer, .. }
        | Happened::TransferOffered { offer, .. }
        | Happened::ReturnOffered { offer, .. }
        | Happened::TakeAwayOffered { offer, .. }
        | Happened::OfferCancelled { offer, .. }
        | Happened::OfferExpired { offer, .. }
        | Happened::AccountTransferred { offer, .. }
        | Happened::AccountTakenAway { offer, .. }
        | Happened::TakeUndone { offer, .. } => Some(offer),
        Happened::AccountCreated { offer, .. }
        | Happened::AccountAssigned { offer, .. }
        | Happened::AccountReturned { offer, .. } => offer.as_ref(),
        Happened::AccountRenamed { .. }
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
        | Happened::AccountSwitchedOn
        | Happened::AccountSwitchedOff
        | Happened::SettingsApplied { .. }
        | Happened::AccountUnassigned { .. }
        | Happened::AccountLent { .. }
        | Happened::LoanEnded { .. }
        | Happened::AccountDeleted { .. }
        | Happened::AccountRegistered { .. }
        | Happened::RegistrationFailed { .. } => None,
    }
}

fn made(
    token: &OfferToken,
    account: AccountNumber,
    kind: OfferKind,
    by: UserId,
    to: Option<UserId>,
    at: DateTime<Utc>,
    until: DateTime<Utc>,
) -> OfferRow {
    OfferRow {
        token: token.clone(),
        account,
        kind,
        grant: None,
        by,
        to,
        made_at: at,
        until,
        state: OfferState::Open,
        taken_by: None,
        closed_at: None,
        sent_at: None,
        batch: None,
        label: None,
    }
}

/// The offer of this name.
///
/// # Errors
///
/// The database can't be read.
pub async fn one(db: &dyn Database, token: &OfferToken) -> Result<Option<OfferRow>, Fault> {
    let found = select(db, "WHERE token = $1", vec![token.as_str().into()]).await?;
    Ok(found.into_iter().next())
}

/// The offers of an administrator's list, in the order of their making.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_batch(db: &dyn Database, batch: &BatchId) -> Result<Vec<OfferRow>, Fault> {
    select(db, "WHERE batch = $1 ORDER BY made_at, account", vec![text(&batch.0)]).await
}

/// The offers for an account that can be taken at this moment.
///
/// # Errors
///
/// The database can't be read.
pub async fn open_of(
    db: &dyn Database,
    account: AccountNumber,
    now: DateTime<Utc>,
) -> Result<Vec<OfferRow>, Fault> {
    let rest = "WHERE account = $1 AND state = 'open' AND valid_until > $2 ORDER BY made_at";
    select(db, rest, vec![account.get().into(), now.into()]).await
}

async fn select(db: &dyn Database, rest: &str, values: Vec<Value>) -> Result<Rows<OfferRow>, Fault> {
    let columns = OfferBoard::TABLE.columns;
    let statement = Statement::new(format!("SELECT {} FROM offer_board {rest}", names(columns)), values);
    rows::read(db, &OfferBoard, statement, &types(columns)).await
}

#[cfg(test)]
mod tests;
