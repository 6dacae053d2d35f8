//! One append, within a transaction that the writer thread has opened.

use super::statements as sql;
use crate::backend::meta::Meta;
use crate::log::{Append, AppendError, Appended, Claim, Fault, StreamId};
use domain::log::Position;
use rusqlite::{Connection, OptionalExtension, Params, params};

/// Appends. Whoever calls rolls back to where it began if this fails.
pub(super) fn append(conn: &Connection, append: &Append) -> Result<Appended, AppendError> {
    append.check().map_err(AppendError::Fault)?;
    refuse_what_was_done(conn, append)?;
    refuse_another_version(conn, append)?;
    for release in &append.releases {
        let StreamId { category, id } = &append.stream;
        run(conn, sql::RELEASE, params![category, id, release.scope])?;
    }
    for claim in &append.claims {
        take(conn, &append.stream, claim)?;
    }
    let position = insert_events(conn, append)?;
    if let Some(key) = append.dedup {
        run(conn, sql::INSERT_DONE, params![key.as_bytes(), position])?;
    }
    if let Some(snapshot) = &append.snapshot {
        let StreamId { category, id } = &append.stream;
        let values = params![category, id, snapshot.version as i64, snapshot.schema, snapshot.state];
        run(conn, sql::PUT_SNAPSHOT, values)?;
    }
    Ok(Appended { version: append.version(), position: at(position) })
}

/// A position of this backend, which has no transactions in its order.
pub(super) fn at(position: i64) -> Position {
    Position { pos: position.unsigned_abs(), ..Position::START }
}

fn refuse_what_was_done(conn: &Connection, append: &Append) -> Result<(), AppendError> {
    let Some(key) = append.dedup else { return Ok(()) };
    let mut prepared = conn.prepare_cached(sql::DONE).map_err(failed)?;
    let first = prepared.query_row([key.as_bytes()], |row| row.get(0)).optional().map_err(failed)?;
    first.map_or(Ok(()), |position| Err(AppendError::Duplicate { first: at(position) }))
}

fn refuse_another_version(conn: &Connection, append: &Append) -> Result<(), AppendError> {
    let StreamId { category, id } = &append.stream;
    let mut prepared = conn.prepare_cached(sql::VERSION).map_err(failed)?;
    let version: i64 = prepared.query_row([category, id], |row| row.get(0)).map_err(failed)?;
    if version.unsigned_abs() == append.expected { Ok(()) } else { Err(AppendError::Conflict) }
}

fn take(conn: &Connection, stream: &StreamId, claim: &Claim) -> Result<(), AppendError> {
    let StreamId { category, id } = stream;
    match claim {
        Claim::Unique { scope, key } => {
            let mut prepared = conn.prepare_cached(sql::HOLDER).map_err(failed)?;
            let holder = prepared
                .query_row([scope, key], |row| Ok(StreamId { category: row.get(0)?, id: row.get(1)? }))
                .optional()
                .map_err(failed)?;
            match holder {
                None => run(conn, sql::CLAIM, params![scope, key, category, id]).map(drop),
                Some(holder) if holder == *stream => Ok(()),
                Some(_) => Err(AppendError::Taken { scope: scope.clone(), key: key.clone() }),
            }
        }
        Claim::Place { scope, limit } => {
            let mut prepared = conn.prepare_cached(sql::HOLDS_PLACE).map_err(failed)?;
            if prepared.query_row([category, id, scope], |row| row.get(0)).map_err(failed)? {
                return Ok(());
            }
            let mut prepared = conn.prepare_cached(sql::FREE_PLACE).map_err(failed)?;
            let free: Option<String> =
                prepared.query_row(params![scope, limit], |row| row.get(0)).optional().map_err(failed)?;
            let place = free.ok_or_else(|| AppendError::Full { scope: scope.clone(), limit: *limit })?;
            run(conn, sql::CLAIM, params![scope, place, category, id]).map(drop)
        }
    }
}

/// Returns the position of the last event.
fn insert_events(conn: &Connection, append: &Append) -> Result<i64, AppendError> {
    let meta = Meta::of(append).map_err(AppendError::Fault)?;
    let StreamId { category, id } = &append.stream;
    let mut prepared = conn.prepare_cached(sql::INSERT_EVENT).map_err(failed)?;
    for (version, event) in (append.expected + 1..).zip(&append.events) {
        prepared
            .execute(params![
                append.tenant,
                category,
                id,
                version as i64,
                event.id.as_bytes(),
                event.event_type,
                event.schema,
                event.payload,
                meta,
            ])
            .map_err(failed)?;
    }
    Ok(conn.last_insert_rowid())
}

fn run(conn: &Connection, sql: &'static str, values: impl Params) -> Result<usize, AppendError> {
    conn.prepare_cached(sql).and_then(|mut prepared| prepared.execute(values)).map_err(failed)
}

/// Nothing that fails before the commit leaves anything behind.
fn failed(error: rusqlite::Error) -> AppendError {
    AppendError::Fault(Fault::new("append to SQLite", error))
}
