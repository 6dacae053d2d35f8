//! The rows of the outbox and of the messages the bot comes back to.

use super::Priority;
use super::lanes::{Lane, Waiting};
use super::say::Kept;
use crate::incoming::MessageRef;
use crate::lease::{Owner, transact};
use crate::outgoing::Outgoing;
use chrono::{DateTime, Utc};
use domain::ids::ChatId;
use event_store::log::Fault;
use event_store::sql::{Database, Row, Statement, Type, Value};

/// A row that nobody has said yet, as far as this database knows.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) waiting: Waiting,
    /// When it was last tried, if whether it arrived is unknown.
    pub(super) sending_at: Option<DateTime<Utc>>,
}

/// Writes a row once. None if it can't be written as JSON, which no value of ours is.
pub(super) fn insert(row: &Waiting, owner: &Owner) -> Option<Statement> {
    let body = serde_json::to_string(&row.says).ok()?;
    let sql = "INSERT INTO outbox (key, lane, seq, priority, state, owner, body, attempts, created_at, not_before) \
               VALUES ($1, $2, $3, $4, 0, $5, $6, 0, $7, $8) ON CONFLICT (key) DO NOTHING";
    Some(Statement::new(
        sql,
        [
            row.key.as_str().into(),
            row.lane.to_string().into(),
            row.seq.into(),
            number(row.priority).into(),
            owner.as_str().into(),
            body.into(),
            row.created_at.into(),
            row.not_before.into(),
        ],
    ))
}

/// Marks that a row is being said. It changes nothing where an older row of the lane is open (another process says it),
/// where another process has the row, or where it was said.
pub(super) fn sending(key: &str, owner: &Owner, now: DateTime<Utc>) -> Statement {
    let sql = "UPDATE outbox SET state = 1, sending_at = $3, attempts = attempts + 1 \
               WHERE key = $1 AND owner = $2 AND state < 2 AND NOT EXISTS (\
                 SELECT 1 FROM outbox older WHERE older.lane = outbox.lane AND older.state < 2 \
                 AND (older.seq < outbox.seq OR (older.seq = outbox.seq AND older.key < outbox.key)))";
    Statement::new(sql, [key.into(), owner.as_str().into(), now.into()])
}

/// Marks that a row was said; its text goes.
pub(super) fn sent(key: &str, now: DateTime<Utc>) -> Statement {
    let sql = "UPDATE outbox SET state = 2, body = NULL, error = NULL, finished_at = $2 WHERE key = $1";
    Statement::new(sql, [key.into(), now.into()])
}

/// Marks that a row will not be said, and why.
pub(super) fn dropped(key: &str, why: &str, now: DateTime<Utc>) -> Statement {
    let sql = "UPDATE outbox SET state = 3, body = NULL, error = $2, finished_at = $3 WHERE key = $1";
    Statement::new(sql, [key.into(), why.into(), now.into()])
}

/// Marks that a row certainly was not said and has to be tried again.
pub(super) fn again(key: &str, why: &str, not_before: DateTime<Utc>) -> Statement {
    let sql = "UPDATE outbox SET state = 0, error = $2, not_before = $3 WHERE key = $1 AND state = 1";
    Statement::new(sql, [key.into(), why.into(), not_before.into()])
}

/// Keeps a message under a name.
pub(super) fn remember(message: MessageRef, slot: &str, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO bot_messages (chat, slot, message_id, sent_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (chat, slot) DO UPDATE SET message_id = excluded.message_id, sent_at = excluded.sent_at";
    Statement::new(sql, [message.chat.0.into(), slot.into(), i64::from(message.id).into(), now.into()])
}

/// Forgets the message that is kept under a name.
pub(super) fn forget(chat: ChatId, slot: &str) -> Statement {
    let sql = "DELETE FROM bot_messages WHERE chat = $1 AND slot = $2";
    Statement::new(sql, [chat.0.into(), slot.into()])
}

/// Keeps an inline message under a name.
pub(super) fn keep_inline(chat: ChatId, slot: &str, inline_message: &str, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO bot_inline_messages (chat, slot, inline_message, sent_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (chat, slot) DO UPDATE SET inline_message = excluded.inline_message, \
               sent_at = excluded.sent_at";
    Statement::new(sql, [chat.0.into(), slot.into(), inline_message.into(), now.into()])
}

/// Forgets the inline message that is kept under a name.
pub(super) fn forget_inline(chat: ChatId, slot: &str) -> Statement {
    let sql = "DELETE FROM bot_inline_messages WHERE chat = $1 AND slot = $2";
    Statement::new(sql, [chat.0.into(), slot.into()])
}

/// Notes how much is shown under a name.
pub(super) fn shown(chat: ChatId, slot: &str, version: u32, now: DateTime<Utc>) -> Statement {
    let sql = "INSERT INTO bot_shown (chat, slot, version, shown_at) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (chat, slot) DO UPDATE SET version = excluded.version, shown_at = excluded.shown_at";
    Statement::new(sql, [chat.0.into(), slot.into(), version.into(), now.into()])
}

/// All that is kept under a name.
pub(super) async fn kept(database: &dyn Database, chat: ChatId, slot: &str) -> Result<Kept, Fault> {
    let sql = "SELECT (SELECT message_id FROM bot_messages WHERE chat = $1 AND slot = $2), \
                      (SELECT inline_message FROM bot_inline_messages WHERE chat = $1 AND slot = $2), \
                      (SELECT version FROM bot_shown WHERE chat = $1 AND slot = $2)";
    let statement = Statement::new(sql, [Value::from(chat.0), slot.into()]);
    let rows = database.query(statement, &[Type::Int, Type::Text, Type::Int]).await?;
    let Some(row) = rows.first() else { return Ok(Kept::default()) };
    let id = row.int_or_null(0)?.map(i32::try_from).transpose();
    let id = id.map_err(|error| Fault::new("read a message's number", error))?;
    Ok(Kept {
        message: id.map(|id| MessageRef { chat, id }),
        inline: row.text_or_null(1)?,
        version: row.int_or_null(2)?.map_or(0, |version| u32::try_from(version).unwrap_or(u32::MAX)),
    })
}

pub(super) async fn inline(
    database: &dyn Database,
    chat: ChatId,
    slot: &str,
) -> Result<Option<String>, Fault> {
    let sql = "SELECT inline_message FROM bot_inline_messages WHERE chat = $1 AND slot = $2";
    let statement = Statement::new(sql, [Value::from(chat.0), slot.into()]);
    let rows = database.query(statement, &[Type::Text]).await?;
    rows.first().map(|row| row.text(0)).transpose().map_err(Fault::from)
}

/// Takes the open rows of processes that live no more; tells how many.
pub(super) async fn adopt(database: &dyn Database, owner: &Owner, now: DateTime<Utc>) -> Result<u64, Fault> {
    let sql = "UPDATE outbox SET owner = $1 WHERE state < 2 AND owner <> $1 AND NOT EXISTS (\
                 SELECT 1 FROM bot_leases WHERE bot_leases.name = 'process/' || outbox.owner AND bot_leases.until > $2)";
    let statement = Statement::new(sql, [owner.as_str().into(), now.into()]);
    let changed = transact(database, vec![statement], "take over rows of the outbox").await?;
    Ok(changed.iter().sum())
}

/// The oldest open rows of this process.
pub(super) async fn open(database: &dyn Database, owner: &Owner, limit: i64) -> Result<Vec<Open>, Fault> {
    let sql = "SELECT key, seq, priority, body, attempts, created_at, not_before, sending_at, state FROM outbox \
               WHERE state < 2 AND owner = $1 ORDER BY seq, key LIMIT $2";
    let columns = [
        Type::Text,
        Type::Int,
        Type::Int,
        Type::Text,
        Type::Int,
        Type::Time,
        Type::Time,
        Type::Time,
        Type::Int,
    ];
    let statement = Statement::new(sql, [owner.as_str().into(), limit.into()]);
    database.query(statement, &columns).await?.iter().map(read).collect()
}

/// Whether a row is open and belongs to this process.
pub(super) async fn is_ours(database: &dyn Database, key: &str, owner: &Owner) -> Result<bool, Fault> {
    let sql = "SELECT 1 FROM outbox WHERE key = $1 AND owner = $2 AND state < 2";
    let statement = Statement::new(sql, [key.into(), owner.as_str().into()]);
    Ok(!database.query(statement, &[Type::Int]).await?.is_empty())
}

pub(super) async fn is_empty(database: &dyn Database) -> Result<bool, Fault> {
    let sql = "SELECT count(*) FROM outbox WHERE state < 2";
    let rows = database.query(Statement::new(sql, []), &[Type::Int]).await?;
    rows.first().map(|row| row.int(0)).transpose().map(|open| open == Some(0)).map_err(Fault::from)
}

/// Forgets what was said before this moment.
pub(super) fn purge(before: DateTime<Utc>) -> Statement {
    Statement::new("DELETE FROM outbox WHERE created_at < $1 AND state >= 2", [before.into()])
}

pub(super) async fn remembered(
    database: &dyn Database,
    chat: ChatId,
    slot: &str,
) -> Result<Option<MessageRef>, Fault> {
    Ok(remembered_since(database, chat, slot).await?.map(|(message, _)| message))
}

pub(super) async fn remembered_since(
    database: &dyn Database,
    chat: ChatId,
    slot: &str,
) -> Result<Option<(MessageRef, DateTime<Utc>)>, Fault> {
    let sql = "SELECT message_id, sent_at FROM bot_messages WHERE chat = $1 AND slot = $2";
    let statement = Statement::new(sql, [Value::from(chat.0), slot.into()]);
    let rows = database.query(statement, &[Type::Int, Type::Time]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let id = i32::try_from(row.int(0)?).map_err(|error| Fault::new("read a message's number", error))?;
    Ok(Some((MessageRef { chat, id }, row.time(1)?)))
}

fn read(row: &Row) -> Result<Open, Fault> {
    let says: Outgoing =
        serde_json::from_str(&row.text(3)?).map_err(|error| Fault::new("read a row of the outbox", error))?;
    let lane = Lane::of(&says).ok_or_else(|| Fault::because("an answer stands in the outbox"))?;
    let waiting = Waiting {
        key: row.text(0)?,
        lane,
        seq: row.int(1)?,
        priority: priority(row.int(2)?),
        says,
        attempts: u32::try_from(row.int(4)?).unwrap_or(u32::MAX),
        created_at: row.time(5)?,
        not_before: row.time_or_null(6)?,
    };
    let sending_at = if row.int(8)? == 1 { row.time_or_null(7)? } else { None };
    Ok(Open { waiting, sending_at })
}

fn number(priority: Priority) -> i64 {
    match priority {
        Priority::Reply => 1,
        Priority::Notice => 2,
        Priority::Broadcast => 3,
    }
}

fn priority(number: i64) -> Priority {
    match number {
        1 => Priority::Reply,
        2 => Priority::Notice,
        _ => Priority::Broadcast,
    }
}
