//! The rows of the inbox, and of who works on whose updates.

use crate::lease::Owner;
use chrono::{DateTime, TimeDelta, Utc};
use domain::ids::UserId;
use domain::sealed::Sealed;
use event_store::log::Fault;
use event_store::sql::{Database, Statement, Type, Value};
use event_store::vault::{Purpose, Subject};

/// How long a repeat of an update is known. Telegram keeps updates a day; the number of the next update is drawn anew
/// after a week of silence.
pub(super) const KEPT: TimeDelta = TimeDelta::days(9);

/// Whose key seals stored updates.
pub(super) fn subject() -> Subject {
    Subject::system("inbox")
}

/// What a stored update is sealed as.
pub(super) fn purpose(update: u32) -> Purpose {
    Purpose::new(format!("update {update}"))
}

/// Stores an update, unless it is stored.
pub(super) fn insert(update: u32, person: UserId, raw: &Sealed, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO inbox (update_id, person, state, raw, received_at) VALUES ($1, $2, 0, $3, $4) \
               ON CONFLICT (update_id) DO NOTHING";
    Statement::new(sql, [update.into(), person.0.into(), raw.as_text().into(), now.into()])
}

/// Stores an update that this version can't read, for a later one.
pub(super) fn insert_unknown(update: u32, raw: &Sealed, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO inbox (update_id, person, state, raw, error, received_at) \
               VALUES ($1, 0, 2, $2, 'of a form this version does not know', $3) ON CONFLICT (update_id) DO NOTHING";
    Statement::new(sql, [update.into(), raw.as_text().into(), now.into()])
}

/// Takes a person's updates for this process; changes nothing where another living process has them.
///
/// It locks the row in any case, so that of two processes one sees what the other decided.
pub(super) fn claim(person: UserId, owner: &Owner, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO inbox_claims (person, owner) VALUES ($1, $2) \
               ON CONFLICT (person) DO UPDATE SET owner = excluded.owner \
               WHERE inbox_claims.owner = excluded.owner OR NOT EXISTS (\
                 SELECT 1 FROM bot_leases \
                 WHERE bot_leases.name = 'process/' || inbox_claims.owner AND bot_leases.until > $3)";
    Statement::new(sql, [person.0.into(), owner.as_str().into(), now.into()])
}

/// Gives a person's updates up.
pub(super) fn let_go(person: UserId, owner: &Owner) -> Statement {
    let sql = "DELETE FROM inbox_claims WHERE person = $1 AND owner = $2";
    Statement::new(sql, [person.0.into(), owner.as_str().into()])
}

/// Gives everybody's updates up.
pub(crate) fn let_all_go(owner: &Owner) -> Statement {
    Statement::new("DELETE FROM inbox_claims WHERE owner = $1", [owner.as_str().into()])
}

/// Marks an update as done and forgets what was in it. Of two processes one rolls back.
pub(super) fn done(update: u32, now: DateTime<Utc>) -> Statement {
    let sql = "UPDATE inbox SET state = 1, raw = NULL, error = NULL, finished_at = $2 \
               WHERE update_id = $1 AND state = 0";
    Statement::new(sql, [update.into(), now.into()]).expecting(1)
}

/// Sets an update aside for the operator.
pub(super) fn set_aside(update: u32, why: &str, now: DateTime<Utc>) -> Statement {
    let sql = "UPDATE inbox SET state = 2, error = $2, finished_at = $3 WHERE update_id = $1 AND state = 0";
    Statement::new(sql, [update.into(), why.into(), now.into()]).expecting(1)
}

/// Forgets updates of before this moment.
pub(super) fn purge(before: DateTime<Utc>) -> Statement {
    Statement::new("DELETE FROM inbox WHERE received_at < $1 AND state > 0", [before.into()])
}

/// The oldest updates of a person that wait, in their order.
pub(super) async fn waiting(
    database: &dyn Database,
    person: UserId,
    limit: i64,
) -> Result<Vec<(u32, Sealed)>, Fault> {
    let sql = "SELECT update_id, raw FROM inbox WHERE person = $1 AND state = 0 ORDER BY update_id LIMIT $2";
    let rows = database
        .query(Statement::new(sql, [person.0.into(), limit.into()]), &[Type::Int, Type::Text])
        .await?;
    rows.iter()
        .map(|row| {
            let update = u32::try_from(row.int(0)?)
                .map_err(|error| Fault::new("read the number of an update", error))?;
            Ok((update, Sealed::from_text(row.text(1)?)))
        })
        .collect()
}

/// People with updates that wait and that no other living process works on.
pub(super) async fn people_waiting(
    database: &dyn Database,
    owner: &Owner,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<UserId>, Fault> {
    let sql = "SELECT DISTINCT person FROM inbox WHERE state = 0 AND NOT EXISTS (\
                 SELECT 1 FROM inbox_claims \
                 JOIN bot_leases ON bot_leases.name = 'process/' || inbox_claims.owner AND bot_leases.until > $2 \
                 WHERE inbox_claims.person = inbox.person AND inbox_claims.owner <> $1) LIMIT $3";
    let values: [Value; 3] = [owner.as_str().into(), now.into(), limit.into()];
    let rows = database.query(Statement::new(sql, values), &[Type::Int]).await?;
    rows.iter().map(|row| Ok(UserId(row.int(0)?))).collect()
}

/// How many updates wait, and how many are set aside.
pub(crate) async fn depth(database: &dyn Database) -> Result<(i64, i64), Fault> {
    let sql = "SELECT coalesce(sum(CASE WHEN state = 0 THEN 1 ELSE 0 END), 0), \
               coalesce(sum(CASE WHEN state = 2 THEN 1 ELSE 0 END), 0) FROM inbox WHERE state <> 1";
    let rows = database.query(Statement::new(sql, []), &[Type::Int, Type::Int]).await?;
    rows.first().map_or(Ok((0, 0)), |row| Ok((row.int(0)?, row.int(1)?)))
}
