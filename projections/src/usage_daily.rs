//! What happened to each account on each day, in numbers: takes, changes of settings, failures of registration, calls.
//!
//! An event does not always say who owned the account, so days are counted by account; whose account it was on that day is
//! in `usage_ledger`, and [`of_owner`] puts the two together. Calls are counted on the day on which they end; a call knows its
//! owner, so to the second an owner's calls are in [`call_history`](crate::call_history::totals).

use crate::rows;
use crate::shape::{
    column, names, number, of_account, of_call, optional, parsed_or_null, text_or_null, types,
};
use chrono::NaiveDate;
use domain::Event;
use domain::call::{self, Direction, EndCause};
use domain::ids::{AccountNumber, OfferToken, UserId};
use domain::log::Recorded;
use domain::sip_account::Event as Happened;
use event_store::log::Fault;
use event_store::projection::{Key, Projection, Table};
use event_store::sql::{Database, Row, Statement, Type, Value};

/// One account on one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day, in UTC.
    pub day: NaiveDate,
    /// The account.
    pub account: AccountNumber,
    /// How many offers were taken.
    pub takes: i64,
    /// How many settings were changed.
    pub changes: i64,
    /// How often the registration failed that had not failed the same way before.
    pub registration_failures: i64,
    /// How many calls came in that ended on this day.
    pub calls_in: i64,
    /// How many calls went out that ended on this day.
    pub calls_out: i64,
    /// How many of both lasted a second or more.
    pub answered_calls: i64,
    /// How many of both failed or were lost.
    pub failed_calls: i64,
    /// How long they talked in all of them, in seconds.
    pub talk_seconds: i64,
    /// The offer that was taken last: a Take that both creates and assigns is one Take.
    last_taken: Option<OfferToken>,
}

impl Day {
    fn count_call(&mut self, direction: Direction, cause: EndCause, seconds: u32) {
        match direction {
            Direction::In => self.calls_in += 1,
            Direction::Out => self.calls_out += 1,
        }
        self.answered_calls += i64::from(seconds > 0);
        self.failed_calls += i64::from(cause.is_failure());
        self.talk_seconds += i64::from(seconds);
    }
}

/// What an event counts as.
enum Count<'e> {
    Take(&'e OfferToken),
    Change,
    RegistrationFailure,
    Call { direction: Direction, cause: EndCause, seconds: u32 },
}

/// The account that an event counts for, and what it counts as.
fn counted(event: &Recorded<Event>) -> Option<(AccountNumber, Count<'_>)> {
    if let Some((_, call::Event::CallEnded { account, direction, cause, answered_for, .. })) = of_call(event)
    {
        let count = Count::Call { direction: *direction, cause: *cause, seconds: *answered_for };
        return Some((*account, count));
    }
    let (account, happened) = of_account(event)?;
    count(happened).map(|count| (account, count))
}

fn count(happened: &Happened) -> Option<Count<'_>> {
    match happened {
        Happened::AccountCreated { offer: Some(offer), .. }
        | Happened::AccountAssigned { offer: Some(offer), .. }
        | Happened::AccountReturned { offer: Some(offer), .. }
        | Happened::AccountTransferred { offer, .. }
        | Happened::AccountTakenAway { offer, .. } => Some(Count::Take(offer)),
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
        | Happened::RecordingChanged { .. } => Some(Count::Change),
        Happened::RegistrationFailed { .. } => Some(Count::RegistrationFailure),
        Happened::AccountCreated { offer: None, .. }
        | Happened::AccountAssigned { offer: None, .. }
        | Happened::AccountReturned { offer: None, .. }
        | Happened::SettingsOffered { .. }
        | Happened::OfferSent { .. }
        | Happened::AccountSwitchedOn
        | Happened::AccountSwitchedOff
        | Happened::SettingsApplied { .. }
        | Happened::AssignmentOffered { .. }
        | Happened::TransferOffered { .. }
        | Happened::ReturnOffered { .. }
        | Happened::TakeAwayOffered { .. }
        | Happened::OfferCancelled { .. }
        | Happened::OfferExpired { .. }
        | Happened::AccountUnassigned { .. }
        | Happened::AccountLent { .. }
        | Happened::LoanEnded { .. }
        | Happened::TakeUndone { .. }
        | Happened::AccountDeleted { .. }
        | Happened::AccountRegistered { .. } => None,
    }
}

/// Keeps `usage_daily`.
pub struct UsageDaily;

impl Projection for UsageDaily {
    type Row = Day;

    const TABLE: Table = Table {
        name: "usage_daily",
        about: "What happened to each account on each day, in numbers. Whose it was that day is in usage_ledger.",
        version: 2,
        columns: &[
            column("day", Type::Text, "The day in UTC: 2026-01-31."),
            column("account", Type::Int, "The account's number."),
            column("takes", Type::Int, "How many offers were taken."),
            column("changes", Type::Int, "How many settings were changed."),
            column(
                "registration_failures",
                Type::Int,
                "How often the registration failed in another way than before.",
            ),
            column("calls_in", Type::Int, "How many calls came in that ended on this day."),
            column("calls_out", Type::Int, "How many calls went out that ended on this day."),
            column("answered_calls", Type::Int, "How many of both lasted a second or more."),
            column("failed_calls", Type::Int, "How many of both failed or were lost."),
            column("talk_seconds", Type::Int, "How long they talked in all of them, in seconds."),
            optional("last_taken", Type::Text, "The offer that was taken last; for counting."),
        ],
        key: 2,
        indexes: &[&["account", "day"]],
        append_only: false,
    };

    fn keys(&self, event: &Recorded<Event>) -> Vec<Key> {
        let Some((account, _)) = counted(event) else { return Vec::new() };
        vec![vec![event.context.at.date_naive().to_string().into(), account.get().into()]]
    }

    fn apply(&self, _: &Key, row: Option<Day>, event: &Recorded<Event>) -> Option<Day> {
        let Some((account, count)) = counted(event) else { return row };
        let mut day = row.unwrap_or_else(|| Day {
            day: event.context.at.date_naive(),
            account,
            takes: 0,
            changes: 0,
            registration_failures: 0,
            calls_in: 0,
            calls_out: 0,
            answered_calls: 0,
            failed_calls: 0,
            talk_seconds: 0,
            last_taken: None,
        });
        match count {
            Count::Take(offer) if day.last_taken.as_ref() != Some(offer) => {
                day.takes += 1;
                day.last_taken = Some(offer.clone());
            }
            Count::Take(_) => {}
            Count::Change => day.changes += 1,
            Count::RegistrationFailure => day.registration_failures += 1,
            Count::Call { direction, cause, seconds } => day.count_call(direction, cause, seconds),
        }
        Some(day)
    }

    fn to_values(&self, row: &Day) -> Vec<Value> {
        vec![
            row.day.to_string().into(),
            row.account.get().into(),
            row.takes.into(),
            row.changes.into(),
            row.registration_failures.into(),
            row.calls_in.into(),
            row.calls_out.into(),
            row.answered_calls.into(),
            row.failed_calls.into(),
            row.talk_seconds.into(),
            text_or_null(row.last_taken.as_ref()),
        ]
    }

    fn to_row(&self, row: &Row) -> Option<Day> {
        Some(Day {
            day: row.text(0).ok()?.parse().ok()?,
            account: number(row, 1)?,
            takes: row.int(2).ok()?,
            changes: row.int(3).ok()?,
            registration_failures: row.int(4).ok()?,
            calls_in: row.int(5).ok()?,
            calls_out: row.int(6).ok()?,
            answered_calls: row.int(7).ok()?,
            failed_calls: row.int(8).ok()?,
            talk_seconds: row.int(9).ok()?,
            last_taken: parsed_or_null(row, 10)?,
        })
    }
}

/// The days of the accounts that an owner held at the end of each of these days, both ends included.
///
/// # Errors
///
/// The database can't be read.
pub async fn of_owner(
    db: &dyn Database,
    owner: UserId,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<Day>, Fault> {
    let columns = UsageDaily::TABLE.columns;
    let sql = format!(
        "SELECT {} FROM usage_daily d WHERE day >= $2 AND day <= $3 AND $1 = \
         (SELECT l.owner FROM usage_ledger l WHERE l.account = d.account AND l.day <= d.day AND l.change = 1 \
          ORDER BY l.tx DESC, l.position DESC, l.line DESC LIMIT 1) \
         ORDER BY day, account",
        names(columns)
    );
    let statement = Statement::new(sql, [owner.0.into(), from.to_string().into(), to.to_string().into()]);
    rows::read(db, &UsageDaily, statement, &types(columns)).await
}

#[cfg(test)]
mod tests;
