//! Reading streams and the log.

use super::append::at;
use super::bucket::bucket;
use super::statements as sql;
use crate::backend::meta::Meta;
use crate::log::{Fault, Loaded, Page, Snapshot, Stored, StreamId};
use domain::log::{Position, Recorded};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row};
use uuid::Uuid;

pub(super) async fn load(pool: &PgPool, stream: &StreamId, snapshot: bool) -> Result<Loaded, Fault> {
    let sql = if snapshot { sql::SNAPSHOT_AND_STREAM } else { sql::STREAM };
    let query = sqlx::query(sql).bind(bucket(stream)).bind(&stream.category).bind(&stream.id);
    let query = if snapshot { query } else { query.bind(0_i64) };
    let rows = query
        .fetch_all(pool)
        .await
        .map_err(|error| Fault::new(format!("load {stream} from PostgreSQL"), error))?;

    let (first, rest) = match rows.split_first() {
        Some((first, rest)) if is_snapshot(first)? => (Some(first), rest),
        Some(_) | None => (None, rows.as_slice()),
    };
    let snapshot = first.map(read_snapshot).transpose().map_err(unreadable)?;
    Ok(Loaded { snapshot, events: rest.iter().map(read_event).collect::<Result<_, _>>()? })
}

pub(super) async fn page(pool: &PgPool, after: Position, limit: u32) -> Result<Page, Fault> {
    let query = sqlx::query(sql::PAGE).bind(after.tx as i64).bind(after.pos as i64).bind(i64::from(limit));
    let rows =
        query.fetch_all(pool).await.map_err(|error| Fault::new("read the log in PostgreSQL", error))?;
    let events = rows.iter().map(read_event).collect::<Result<Vec<_>, _>>()?;
    Ok(Page { cursor: events.last().map_or(after, |event| event.position), events })
}

pub(super) async fn head(pool: &PgPool) -> Result<Position, Fault> {
    last(pool, sql::HEAD).await
}

pub(super) async fn newest(pool: &PgPool) -> Result<Position, Fault> {
    last(pool, sql::NEWEST).await
}

async fn last(pool: &PgPool, select: &'static str) -> Result<Position, Fault> {
    let fault = |error| Fault::new("find the end of the log in PostgreSQL", error);
    let row = sqlx::query(select).fetch_optional(pool).await.map_err(fault)?;
    row.map_or(Ok(Position::START), |row| Ok(at(row.try_get(0)?, row.try_get(1)?))).map_err(fault)
}

fn unreadable(error: sqlx::Error) -> Fault {
    Fault::new("read an event from PostgreSQL", error)
}

/// Events have positions from 1.
fn is_snapshot(row: &PgRow) -> Result<bool, Fault> {
    row.try_get::<i64, _>(1).map(|position| position == 0).map_err(unreadable)
}

fn read_snapshot(row: &PgRow) -> Result<Snapshot, sqlx::Error> {
    Ok(Snapshot {
        version: row.try_get::<i64, _>(5)?.unsigned_abs(),
        schema: u32::try_from(row.try_get::<i64, _>(2)?)
            .map_err(|error| sqlx::Error::Decode(error.into()))?,
        state: row.try_get(10)?,
    })
}

fn read_event(row: &PgRow) -> Result<Recorded<Stored>, Fault> {
    let (context, cause) = Meta::read(row.try_get(7).map_err(unreadable)?)?;
    let read = || {
        let too_big = |error: std::num::TryFromIntError| sqlx::Error::Decode(error.into());
        Ok(Recorded {
            position: at(row.try_get(0)?, row.try_get(1)?),
            tenant: u32::try_from(row.try_get::<i64, _>(2)?).map_err(too_big)?,
            category: row.try_get(3)?,
            stream: row.try_get(4)?,
            version: row.try_get::<i64, _>(5)?.unsigned_abs(),
            id: row.try_get::<Uuid, _>(6)?.to_string(),
            context,
            cause,
            event: Stored {
                event_type: row.try_get(8)?,
                schema: u16::try_from(row.try_get::<i32, _>(9)?).map_err(too_big)?,
                payload: row.try_get(10)?,
            },
        })
    };
    read().map_err(unreadable)
}
