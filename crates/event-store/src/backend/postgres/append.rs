//! Appends as one statement each, or one for many.

use super::bucket::bucket;
use super::errors::{Meaning, meaning};
use super::statements::{self as sql, Parts};
use crate::backend::meta::Meta;
use crate::log::{Append, AppendError, Appended, Claim, Fault, StreamId};
use domain::log::Position;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{PgPool, Postgres, Row};
use std::collections::HashMap;
use uuid::Uuid;

/// Repeats of one append after losing to other transactions. Each loss means that another one won, so this many in a
/// row only happen in a crowd; a place adds one for each place there is.
const TRIES: u32 = 16;

/// Why one statement for several appends failed.
pub(super) enum Failed {
    /// The values could not be written down; no statement was sent.
    Before(Fault),
    /// PostgreSQL refused or broke off.
    Sql(sqlx::Error),
}

/// Inserts these appends in one statement: all of them or none. No two are of one stream.
pub(super) async fn insert(pool: &PgPool, appends: &[&Append]) -> Result<Vec<Appended>, Failed> {
    let parts = Parts::of(appends);
    let mut query = bind_events(sqlx::query(parts.sql()), appends).map_err(Failed::Before)?;
    if parts.dedup {
        query = bind_dedup(query, appends);
    }
    if parts.claims {
        query = bind_claims(query, appends);
    }
    if parts.places {
        query = bind_places(query, appends);
    }
    if parts.releases {
        query = bind_releases(query, appends);
    }
    if parts.snapshots {
        query = bind_snapshots(query, appends);
    }
    let rows = query.fetch_all(pool).await.map_err(Failed::Sql)?;
    let positions =
        rows.iter().map(read_position).collect::<Result<HashMap<_, _>, _>>().map_err(Failed::Sql)?;
    let appended = |append: &&Append| {
        let last = append.events.last()?;
        Some(Appended { version: append.version(), position: *positions.get(&last.id)? })
    };
    appends.iter().map(appended).collect::<Option<_>>().ok_or_else(|| Failed::Sql(sqlx::Error::RowNotFound))
}

/// Appends, repeating what lost to another transaction, and says what an error means.
pub(super) async fn alone(pool: &PgPool, append: &Append) -> Result<Appended, AppendError> {
    let mut tries = TRIES;
    for claim in &append.claims {
        match claim {
            Claim::Place { limit, .. } => tries = tries.saturating_add(*limit),
            Claim::Unique { .. } => (),
        }
    }
    let mut last = Fault::because("append to PostgreSQL");
    for _ in 0..tries {
        let error = match insert(pool, &[append]).await {
            Ok(appended) => return appended.first().copied().ok_or(AppendError::Conflict),
            Err(Failed::Before(fault)) => return Err(AppendError::Fault(fault)),
            Err(Failed::Sql(error)) => error,
        };
        match diagnose(pool, append, &error).await? {
            Verdict::Final(verdict) => return Err(verdict),
            Verdict::Repeat => last = Fault::new("append to PostgreSQL", error),
            Verdict::Unknown => {
                return Err(AppendError::Unavailable(Fault::new("append to PostgreSQL", error)));
            }
            Verdict::Refused => return Err(AppendError::Fault(Fault::new("append to PostgreSQL", error))),
        }
    }
    Err(AppendError::Unavailable(last))
}

enum Verdict {
    Final(AppendError),
    Repeat,
    Unknown,
    Refused,
}

async fn diagnose(pool: &PgPool, append: &Append, error: &sqlx::Error) -> Result<Verdict, AppendError> {
    let meaning = meaning(error);
    if meaning == Meaning::Unknown {
        return Ok(Verdict::Unknown);
    }
    // A repeat breaks several rules at once, and PostgreSQL names any one of them. Having been done comes first.
    if let Some(key) = append.dedup
        && let Some(first) = done(pool, key).await.map_err(AppendError::Unavailable)?
    {
        return Ok(Verdict::Final(AppendError::Duplicate { first }));
    }
    Ok(match meaning {
        Meaning::Version => Verdict::Final(AppendError::Conflict),
        Meaning::Claim => holder(pool, append).await.map_err(AppendError::Unavailable)?,
        Meaning::Full => full(pool, append).await.map_err(AppendError::Unavailable)?,
        // The one that used the key has meanwhile gone again.
        Meaning::Done => Verdict::Repeat,
        Meaning::Again => Verdict::Repeat,
        Meaning::Bucket => {
            let added = sqlx::query(sql::ADD_BUCKET).bind(bucket(&append.stream)).execute(pool).await;
            added
                .map_err(|error| AppendError::Unavailable(Fault::new("add a partition to the log", error)))?;
            Verdict::Repeat
        }
        Meaning::Unknown => Verdict::Unknown,
        Meaning::Refused => Verdict::Refused,
    })
}

/// Who holds what this append claims: another stream for good, or this one through another append just now.
async fn holder(pool: &PgPool, append: &Append) -> Result<Verdict, Fault> {
    let fault = |error| Fault::new("look up who holds a name", error);
    let (scopes, keys): (Vec<&str>, Vec<&str>) = append
        .claims
        .iter()
        .filter_map(|claim| match claim {
            Claim::Unique { scope, key } => Some((scope.as_str(), key.as_str())),
            Claim::Place { .. } => None,
        })
        .unzip();
    let rows = sqlx::query(sql::HOLDERS).bind(scopes).bind(keys).fetch_all(pool).await.map_err(fault)?;
    for row in &rows {
        let text = |column: usize| row.try_get::<String, _>(column).map_err(fault);
        if (StreamId { category: text(2)?, id: text(3)? }) != append.stream {
            return Ok(Verdict::Final(AppendError::Taken { scope: text(0)?, key: text(1)? }));
        }
    }
    // Nobody holds a name against us: somebody was quicker at a place, or gave the name up meanwhile, or it was another
    // append to this very stream, and then its version will say so.
    Ok(Verdict::Repeat)
}

/// Which of the scopes has no place left; if one has meanwhile, it is worth another try.
async fn full(pool: &PgPool, append: &Append) -> Result<Verdict, Fault> {
    let fault = |error| Fault::new("count the places that are held", error);
    for claim in &append.claims {
        match claim {
            Claim::Place { scope, limit } => {
                let row = sqlx::query(sql::HELD).bind(scope).fetch_one(pool).await.map_err(fault)?;
                if row.try_get::<i64, _>(0).map_err(fault)? >= i64::from(*limit) {
                    let (scope, limit) = (scope.clone(), *limit);
                    return Ok(Verdict::Final(AppendError::Full { scope, limit }));
                }
            }
            Claim::Unique { .. } => (),
        }
    }
    Ok(Verdict::Repeat)
}

/// Where the append with this key ended, if it was done.
pub(super) async fn done(pool: &PgPool, key: Uuid) -> Result<Option<Position>, Fault> {
    let fault = |error| Fault::new("look up what was done", error);
    let row = sqlx::query(sql::DONE).bind(key).fetch_optional(pool).await.map_err(fault)?;
    row.map(|row| Ok(at(row.try_get(0)?, row.try_get(1)?))).transpose().map_err(fault)
}

/// A position of this backend.
pub(super) fn at(tx: i64, position: i64) -> Position {
    Position { cell: 0, tx: tx.unsigned_abs(), pos: position.unsigned_abs() }
}

fn read_position(row: &PgRow) -> Result<(Uuid, Position), sqlx::Error> {
    Ok((row.try_get(0)?, at(row.try_get(1)?, row.try_get(2)?)))
}

type Insert<'q> = Query<'q, Postgres, PgArguments>;

fn bind_events<'q>(query: Insert<'q>, appends: &'q [&Append]) -> Result<Insert<'q>, Fault> {
    let count = appends.iter().map(|append| append.events.len()).sum();
    let mut columns = Columns::with_capacity(count);
    for append in appends {
        let meta = Meta::of(append)?;
        let bucket = bucket(&append.stream);
        for (version, event) in (append.expected + 1..).zip(&append.events) {
            // Only the first event of an append stands on a version that is there already.
            let expected = if version == append.expected + 1 { append.expected } else { 0 };
            columns.bucket.push(bucket);
            columns.tenant.push(i64::from(append.tenant));
            columns.category.push(&append.stream.category);
            columns.stream.push(&append.stream.id);
            columns.expected.push(expected as i64);
            columns.version.push(version as i64);
            columns.id.push(event.id);
            columns.event_type.push(&event.event_type);
            columns.schema.push(i32::from(event.schema));
            columns.payload.push(&event.payload);
            columns.meta.push(meta.clone());
        }
    }
    Ok(query
        .bind(columns.bucket)
        .bind(columns.tenant)
        .bind(columns.category)
        .bind(columns.stream)
        .bind(columns.expected)
        .bind(columns.version)
        .bind(columns.id)
        .bind(columns.event_type)
        .bind(columns.schema)
        .bind(columns.payload)
        .bind(columns.meta))
}

struct Columns<'a> {
    bucket: Vec<i32>,
    tenant: Vec<i64>,
    category: Vec<&'a str>,
    stream: Vec<&'a str>,
    expected: Vec<i64>,
    version: Vec<i64>,
    id: Vec<Uuid>,
    event_type: Vec<&'a str>,
    schema: Vec<i32>,
    payload: Vec<&'a str>,
    meta: Vec<String>,
}

impl Columns<'_> {
    fn with_capacity(count: usize) -> Self {
        Self {
            bucket: Vec::with_capacity(count),
            tenant: Vec::with_capacity(count),
            category: Vec::with_capacity(count),
            stream: Vec::with_capacity(count),
            expected: Vec::with_capacity(count),
            version: Vec::with_capacity(count),
            id: Vec::with_capacity(count),
            event_type: Vec::with_capacity(count),
            schema: Vec::with_capacity(count),
            payload: Vec::with_capacity(count),
            meta: Vec::with_capacity(count),
        }
    }
}

fn bind_dedup<'q>(query: Insert<'q>, appends: &[&Append]) -> Insert<'q> {
    let keys = appends.iter().filter_map(|append| Some((append.dedup?, append.events.last()?.id)));
    let (keys, events): (Vec<Uuid>, Vec<Uuid>) = keys.unzip();
    query.bind(keys).bind(events)
}

fn bind_claims<'q>(query: Insert<'q>, appends: &'q [&Append]) -> Insert<'q> {
    let (mut scopes, mut keys, mut holders) = (Vec::new(), Vec::new(), Vec::new());
    for append in appends {
        for claim in &append.claims {
            match claim {
                Claim::Unique { scope, key } => {
                    scopes.push(scope.as_str());
                    keys.push(key.as_str());
                    holders.push(&append.stream);
                }
                Claim::Place { .. } => (),
            }
        }
    }
    bind_streams(query.bind(scopes).bind(keys), holders)
}

fn bind_places<'q>(query: Insert<'q>, appends: &'q [&Append]) -> Insert<'q> {
    let (mut scopes, mut limits, mut holders) = (Vec::new(), Vec::new(), Vec::new());
    for append in appends {
        for claim in &append.claims {
            match claim {
                Claim::Place { scope, limit } => {
                    scopes.push(scope.as_str());
                    limits.push(i64::from(*limit));
                    holders.push(&append.stream);
                }
                Claim::Unique { .. } => (),
            }
        }
    }
    bind_streams(query.bind(scopes).bind(limits), holders)
}

fn bind_releases<'q>(query: Insert<'q>, appends: &'q [&Append]) -> Insert<'q> {
    let released = appends
        .iter()
        .flat_map(|append| append.releases.iter().map(|release| (release.scope.as_str(), &append.stream)));
    let (scopes, holders): (Vec<&str>, Vec<&StreamId>) = released.unzip();
    bind_streams(query.bind(scopes), holders)
}

fn bind_streams<'q>(query: Insert<'q>, streams: Vec<&'q StreamId>) -> Insert<'q> {
    let (categories, ids): (Vec<&str>, Vec<&str>) =
        streams.into_iter().map(|stream| (stream.category.as_str(), stream.id.as_str())).unzip();
    query.bind(categories).bind(ids)
}

fn bind_snapshots<'q>(query: Insert<'q>, appends: &'q [&Append]) -> Insert<'q> {
    let taken = appends.iter().filter_map(|append| Some((&append.stream, append.snapshot.as_ref()?)));
    let (streams, snapshots): (Vec<&StreamId>, Vec<_>) = taken.unzip();
    let versions: Vec<i64> = snapshots.iter().map(|snapshot| snapshot.version as i64).collect();
    let schemas: Vec<i64> = snapshots.iter().map(|snapshot| i64::from(snapshot.schema)).collect();
    let states: Vec<&str> = snapshots.iter().map(|snapshot| snapshot.state.as_str()).collect();
    bind_streams(query, streams).bind(versions).bind(schemas).bind(states)
}
