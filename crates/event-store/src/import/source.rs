//! The table of postgres-es: `events(aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)`.

use crate::log::{Fault, StreamId};
use chrono::{DateTime, Utc};
use domain::log::{Actor, Context};
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Row as _};
use std::collections::VecDeque;

/// Events fetched at a time.
const PAGE: i64 = 5_000;

/// An event there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Foreign {
    stream: StreamId,
    /// Its place in its stream, from 1.
    pub(super) sequence: i64,
    /// Its name.
    pub(super) name: String,
    /// The version of its format, as text.
    version: String,
    /// JSON.
    pub(super) payload: String,
    /// A JSON object of strings.
    metadata: String,
}

impl Foreign {
    /// The version of its format: `1`, or `1.0` as cqrs-es's examples write it.
    pub(super) fn schema(&self) -> Option<u16> {
        let whole = self.version.split_once('.').map_or(self.version.as_str(), |(whole, _)| whole);
        whole.parse().ok().filter(|schema| *schema > 0)
    }

    /// Who and when, from the metadata `by` (as our log writes it) and `at` (RFC 3339). Without them it was the operator,
    /// now.
    pub(super) fn context(&self, now: DateTime<Utc>) -> Context {
        let metadata: Value = serde_json::from_str(&self.metadata).unwrap_or(Value::Null);
        let text = |key: &str| metadata.get(key).and_then(Value::as_str);
        let by = text("by").and_then(|by| serde_json::from_str(by).ok()).unwrap_or(Actor::Operator);
        let at = text("at").and_then(|at| DateTime::parse_from_rfc3339(at).ok());
        Context { by, at: at.map_or(now, |at| at.to_utc()) }
    }
}

/// The events there, stream by stream.
pub(super) struct Events {
    connection: PgConnection,
    sql: String,
    waiting: VecDeque<Foreign>,
    /// Where the next page begins: after this event.
    last: (String, String, i64),
    ended: bool,
}

impl Events {
    /// Connects, to read only.
    pub(super) async fn open(address: &str, table: &str) -> Result<Self, Fault> {
        if table.is_empty() || !table.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '.') {
            return Err(Fault::because("the table's name has letters, digits, `_` and `.` only"));
        }
        // The error may repeat the address, which may hold a password.
        let connect: PgConnectOptions = address.parse().map_err(|_: sqlx::Error| {
            Fault::because(
                "the address of postgres-es's database is like postgres://user:password@host/database",
            )
        })?;
        let connect = connect.options([("default_transaction_read_only", "on")]);
        let connection =
            connect.connect().await.map_err(|error| Fault::new("reach postgres-es's database", error))?;
        let sql = format!(
            "SELECT aggregate_type, aggregate_id, sequence, event_type, event_version, payload::text, metadata::text
             FROM {table} WHERE (aggregate_type, aggregate_id, sequence) > ($1, $2, $3)
             ORDER BY aggregate_type, aggregate_id, sequence LIMIT $4"
        );
        Ok(Self { connection, sql, waiting: VecDeque::new(), last: Default::default(), ended: false })
    }

    /// The next stream with all of its events, in their order.
    pub(super) async fn next_stream(&mut self) -> Result<Option<(StreamId, Vec<Foreign>)>, Fault> {
        self.fetch_if_empty().await?;
        let Some(first) = self.waiting.front() else { return Ok(None) };
        let stream = first.stream.clone();
        let mut events = Vec::new();
        loop {
            while let Some(event) = self.waiting.pop_front_if(|event| event.stream == stream) {
                events.push(event);
            }
            if !self.waiting.is_empty() || self.ended {
                return Ok(Some((stream, events)));
            }
            self.fetch_if_empty().await?;
        }
    }

    async fn fetch_if_empty(&mut self) -> Result<(), Fault> {
        if !self.waiting.is_empty() || self.ended {
            return Ok(());
        }
        let (category, id, sequence) = &self.last;
        let broken = |error| Fault::new("read the events of postgres-es", error);
        // Made of the checked name of the table only.
        let query =
            sqlx::query(AssertSqlSafe(self.sql.clone())).bind(category).bind(id).bind(sequence).bind(PAGE);
        let rows = query.fetch_all(&mut self.connection).await.map_err(broken)?;
        self.ended = rows.len() < PAGE.unsigned_abs() as usize;
        for row in rows {
            self.waiting.push_back(read(&row).map_err(broken)?);
        }
        if let Some(last) = self.waiting.back() {
            self.last = (last.stream.category.clone(), last.stream.id.clone(), last.sequence);
        }
        Ok(())
    }
}

fn read(row: &PgRow) -> Result<Foreign, sqlx::Error> {
    Ok(Foreign {
        stream: StreamId::new(row.try_get::<String, _>(0)?, row.try_get::<String, _>(1)?),
        sequence: row.try_get(2)?,
        name: row.try_get(3)?,
        version: row.try_get(4)?,
        payload: row.try_get(5)?,
        metadata: row.try_get(6)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::UserId;

    #[test]
    fn who_and_when_come_from_the_metadata_where_they_are() {
        let event = |metadata: &str| Foreign {
            stream: StreamId::new("person", "1"),
            sequence: 1,
            name: "PersonErased".into(),
            version: "1.0".into(),
            payload: "{}".into(),
            metadata: metadata.into(),
        };
        let now = DateTime::UNIX_EPOCH;
        let whole = event(r#"{"by":"{\"person\":7}","at":"2026-01-01T00:00:00Z"}"#);
        assert_eq!(whole.context(now), Context::person(UserId(7), "2026-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(event("{}").context(now), Context { by: Actor::Operator, at: now });
        assert_eq!(event("{}").schema(), Some(1));
    }
}
