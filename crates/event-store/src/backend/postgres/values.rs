//! Portable values and statements, as PostgreSQL takes them.

use crate::log::Fault;
use crate::sql::{Row, Statement, TransactError, Type, Value};
use chrono::{DateTime, Utc};
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor, PgPool, Postgres, Row as _, TypeInfo, ValueRef};

/// Repeats of a transaction that lost to another one.
const TRIES: u32 = 4;

/// Runs a query.
pub(super) async fn query(pool: &PgPool, statement: &Statement, columns: &[Type]) -> Result<Vec<Row>, Fault> {
    if is_nothing(statement) {
        return Ok(Vec::new());
    }
    let fault = |error| Fault::new(format!("run {}", statement.sql), error);
    let rows = bound(statement)?.fetch_all(pool).await.map_err(fault)?;
    rows.iter().map(|row| read(row, columns).map_err(fault)).collect()
}

/// Runs statements in one transaction.
pub(super) async fn transact(pool: &PgPool, statements: &[Statement]) -> Result<Vec<u64>, TransactError> {
    let mut tries = TRIES;
    loop {
        tries -= 1;
        match once(pool, statements).await {
            Err(Stopped::Lost(_)) if tries > 0 => (),
            Err(Stopped::Lost(fault) | Stopped::Failed(fault)) => return Err(TransactError::Fault(fault)),
            Err(Stopped::Raced { statement, rows }) => return Err(TransactError::Raced { statement, rows }),
            Ok(changed) => return Ok(changed),
        }
    }
}

enum Stopped {
    /// To another transaction; it may be repeated.
    Lost(Fault),
    Failed(Fault),
    Raced {
        statement: usize,
        rows: u64,
    },
}

impl Stopped {
    fn by(what: &str, error: sqlx::Error) -> Self {
        let code = error.as_database_error().and_then(|error| error.code().map(|code| code.into_owned()));
        let fault = Fault::new(format!("run {what}"), error);
        match code.as_deref() {
            Some("40001" | "40P01") => Self::Lost(fault),
            Some(_) | None => Self::Failed(fault),
        }
    }
}

async fn once(pool: &PgPool, statements: &[Statement]) -> Result<Vec<u64>, Stopped> {
    // A single statement is a transaction already, and needs one round trip where BEGIN and COMMIT would make it three.
    if let [statement] = statements
        && statement.expect_rows.is_none()
    {
        return Ok(vec![run(pool, statement).await?]);
    }
    let mut tx = pool.begin().await.map_err(|error| Stopped::by("BEGIN", error))?;
    let mut changed = Vec::with_capacity(statements.len());
    for (index, statement) in statements.iter().enumerate() {
        let rows = run(&mut *tx, statement).await?;
        if statement.expect_rows.is_some_and(|expected| expected != rows) {
            tx.rollback().await.map_err(|error| Stopped::by("ROLLBACK", error))?;
            return Err(Stopped::Raced { statement: index, rows });
        }
        changed.push(rows);
    }
    tx.commit().await.map_err(|error| Stopped::by("COMMIT", error))?;
    Ok(changed)
}

async fn run<'c>(
    executor: impl Executor<'c, Database = Postgres>,
    statement: &Statement,
) -> Result<u64, Stopped> {
    if is_nothing(statement) {
        return Ok(0);
    }
    let query = bound(statement).map_err(Stopped::Failed)?;
    let done = query.execute(executor).await.map_err(|error| Stopped::by(&statement.sql, error))?;
    Ok(done.rows_affected())
}

/// A statement for many rows that has none.
fn is_nothing(statement: &Statement) -> bool {
    statement.rows.as_ref().is_some_and(Vec::is_empty)
}

pub(super) type Bound = Query<'static, Postgres, PgArguments>;

/// The statement with its values: one each, or an array a column.
fn bound(statement: &Statement) -> Result<Bound, Fault> {
    // A statement holds no value but in its values: that is what the type promises.
    let query = sqlx::query(AssertSqlSafe(statement.sql.clone()));
    match &statement.rows {
        None => Ok(statement.values.iter().cloned().fold(query, bind)),
        Some(rows) => bind_columns(query, rows)
            .ok_or_else(|| Fault::because(format!("the rows of {} are not all of one shape", statement.sql))),
    }
}

fn bind(query: Bound, value: Value) -> Bound {
    match value {
        Value::Int(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
        Value::Bool(value) => query.bind(value),
        Value::Time(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    }
}

pub(super) fn bind_columns(query: Bound, rows: &[Vec<Value>]) -> Option<Bound> {
    let first = rows.first()?;
    if rows.iter().any(|row| row.len() != first.len()) {
        return None;
    }
    first.iter().enumerate().try_fold(query, |query, (column, value)| {
        let cells = rows.iter().map(|row| row.get(column));
        Some(match value.kind() {
            Type::Int => query.bind(cells.map(|cell| as_int(cell?)).collect::<Option<Vec<_>>>()?),
            Type::Text => query.bind(cells.map(|cell| as_text(cell?)).collect::<Option<Vec<_>>>()?),
            Type::Bool => query.bind(cells.map(|cell| as_bool(cell?)).collect::<Option<Vec<_>>>()?),
            Type::Time => query.bind(cells.map(|cell| as_time(cell?)).collect::<Option<Vec<_>>>()?),
            Type::Bytes => query.bind(cells.map(|cell| as_bytes(cell?)).collect::<Option<Vec<_>>>()?),
        })
    })
}

macro_rules! as_type {
    ($($name:ident, $variant:ident, $type:ty);+ $(;)?) => {$(
        fn $name(value: &Value) -> Option<Option<$type>> {
            if let Value::$variant(value) = value { Some(value.clone()) } else { None }
        }
    )+};
}

as_type! {
    as_int, Int, i64;
    as_text, Text, String;
    as_bool, Bool, bool;
    as_time, Time, DateTime<Utc>;
    as_bytes, Bytes, Vec<u8>;
}

fn read(row: &PgRow, columns: &[Type]) -> Result<Row, sqlx::Error> {
    let cells = columns.iter().enumerate().map(|(column, kind)| {
        Ok(match kind {
            Type::Int => Value::Int(read_int(row, column)?),
            Type::Text => Value::Text(row.try_get(column)?),
            Type::Bool => Value::Bool(row.try_get(column)?),
            Type::Time => Value::Time(row.try_get(column)?),
            Type::Bytes => Value::Bytes(row.try_get(column)?),
        })
    });
    cells.collect::<Result<_, _>>().map(Row)
}

/// PostgreSQL answers some whole numbers in fewer than 64 bits.
fn read_int(row: &PgRow, column: usize) -> Result<Option<i64>, sqlx::Error> {
    let kind = row.try_get_raw(column)?.type_info().name().to_owned();
    match kind.as_str() {
        "INT4" => Ok(row.try_get::<Option<i32>, _>(column)?.map(i64::from)),
        "INT2" => Ok(row.try_get::<Option<i16>, _>(column)?.map(i64::from)),
        _ => row.try_get(column),
    }
}
