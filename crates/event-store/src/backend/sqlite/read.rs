//! Reading streams and the log.

use super::append::at;
use super::statements as sql;
use crate::backend::meta::Meta;
use crate::log::{Fault, Loaded, Page, Snapshot, Stored, StreamId};
use domain::log::{Position, Recorded};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use uuid::Uuid;

pub(super) fn load(conn: &Connection, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
    let StreamId { category, id } = stream;
    let snapshot = if snapshot {
        conn.prepare_cached(sql::SNAPSHOT)
            .and_then(|mut prepared| prepared.query_row([category, id], read_snapshot).optional())
            .map_err(|error| Fault::new("load a snapshot from SQLite", error))?
    } else {
        None
    };
    let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.version);
    let events = events(conn, sql::STREAM, params![category, id, after as i64])?;
    Ok(Loaded { snapshot, events })
}

pub(super) fn page(conn: &Connection, after: Position, limit: u32) -> Result<Page, Fault> {
    let events = events(conn, sql::PAGE, params![after.pos as i64, limit])?;
    Ok(Page { cursor: events.last().map_or(after, |event| event.position), events })
}

pub(super) fn head(conn: &Connection) -> Result<Position, Fault> {
    conn.prepare_cached(sql::HEAD)
        .and_then(|mut prepared| prepared.query_row([], |row| row.get(0)))
        .map(at)
        .map_err(|error| Fault::new("find the end of the log in SQLite", error))
}

pub(super) fn done(conn: &Connection, key: Uuid) -> Result<Option<Position>, Fault> {
    conn.prepare_cached(sql::DONE)
        .and_then(|mut prepared| prepared.query_row([key.as_bytes()], |row| row.get(0)).optional())
        .map(|position| position.map(at))
        .map_err(|error| Fault::new("look up what was done in SQLite", error))
}

fn events(conn: &Connection, sql: &'static str, values: impl Params) -> Result<Vec<Recorded<Stored>>, Fault> {
    let fault = |error| Fault::new("read the log in SQLite", error);
    let mut prepared = conn.prepare_cached(sql).map_err(fault)?;
    let mut rows = prepared.query(values).map_err(fault)?;
    let mut events = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        events.push(read_event(row)?);
    }
    Ok(events)
}

fn read_event(row: &Row<'_>) -> Result<Recorded<Stored>, Fault> {
    let fault = |error| Fault::new("read an event in SQLite", error);
    let text = |column| row.get::<_, String>(column).map_err(fault);
    let meta = row.get_ref(6).map_err(fault)?;
    let (context, cause) =
        Meta::read(meta.as_str().map_err(|error| Fault::new("read an event in SQLite", error))?)?;
    let version: i64 = row.get(4).map_err(fault)?;
    let id: [u8; 16] = row.get(5).map_err(fault)?;
    Ok(Recorded {
        position: at(row.get(0).map_err(fault)?),
        tenant: row.get(1).map_err(fault)?,
        category: text(2)?,
        stream: text(3)?,
        version: version.unsigned_abs(),
        id: Uuid::from_bytes(id).to_string(),
        context,
        cause,
        event: Stored { event_type: text(7)?, schema: row.get(8).map_err(fault)?, payload: text(9)? },
    })
}

fn read_snapshot(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let version: i64 = row.get(0)?;
    Ok(Snapshot { version: version.unsigned_abs(), schema: row.get(1)?, state: row.get(2)? })
}
