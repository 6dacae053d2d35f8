//! Portable values and statements, as SQLite takes them.

use crate::log::Fault;
use crate::sql::{Row, Statement, TransactError, Type, Value};
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, ToSql};

/// Runs a query.
pub(super) fn query(conn: &Connection, statement: &Statement, columns: &[Type]) -> Result<Vec<Row>, Fault> {
    let fault = |error| Fault::new(format!("run {}", statement.sql), error);
    let mut prepared = conn.prepare_cached(&statement.sql).map_err(fault)?;
    let mut answer = Vec::new();
    for values in runs(statement) {
        bind(&mut prepared, values, &statement.sql)?;
        let mut rows = prepared.raw_query();
        while let Some(row) = rows.next().map_err(fault)? {
            let values = columns.iter().enumerate().map(|(column, kind)| {
                let value = row.get_ref(column).map_err(fault)?;
                read(value, *kind).ok_or_else(|| {
                    Fault::because(format!("column {column} of {} is not {kind:?}", statement.sql))
                })
            });
            answer.push(Row(values.collect::<Result<_, _>>()?));
        }
    }
    Ok(answer)
}

/// Runs statements one after another; the caller has opened the transaction.
pub(super) fn execute(conn: &Connection, statements: &[Statement]) -> Result<Vec<u64>, TransactError> {
    let mut changed = Vec::with_capacity(statements.len());
    for (index, statement) in statements.iter().enumerate() {
        let rows = run(conn, statement).map_err(TransactError::Fault)?;
        if statement.expect_rows.is_some_and(|expected| expected != rows) {
            return Err(TransactError::Raced { statement: index, rows });
        }
        changed.push(rows);
    }
    Ok(changed)
}

fn run(conn: &Connection, statement: &Statement) -> Result<u64, Fault> {
    let fault = |error| Fault::new(format!("run {}", statement.sql), error);
    let mut prepared = conn.prepare_cached(&statement.sql).map_err(fault)?;
    let mut changed = 0;
    for values in runs(statement) {
        bind(&mut prepared, values, &statement.sql)?;
        changed += if prepared.column_count() > 0 {
            // A statement with RETURNING, whose rows nobody wants.
            let mut rows = prepared.raw_query();
            let mut count = 0;
            while rows.next().map_err(fault)?.is_some() {
                count += 1;
            }
            count
        } else {
            prepared.raw_execute().map_err(fault)? as u64
        };
    }
    Ok(changed)
}

/// The values of each run of the statement.
fn runs(statement: &Statement) -> impl Iterator<Item = &[Value]> {
    let once = statement.rows.is_none().then_some(statement.values.as_slice());
    once.into_iter().chain(statement.rows.iter().flatten().map(Vec::as_slice))
}

/// Binds `$1`, `$2`, … by name: SQLite would otherwise number them in the order in which they stand in the text.
fn bind(prepared: &mut CachedStatement<'_>, values: &[Value], sql: &str) -> Result<(), Fault> {
    if prepared.parameter_count() != values.len() {
        let wanted = prepared.parameter_count();
        return Err(Fault::because(format!("{sql} takes {wanted} values, not {}", values.len())));
    }
    for (number, value) in (1..).zip(values) {
        let fault = |error| Fault::new(format!("bind ${number} of {sql}"), error);
        let index = prepared
            .parameter_index(&format!("${number}"))
            .map_err(fault)?
            .ok_or_else(|| Fault::because(format!("{sql} has no ${number}")))?;
        prepared.raw_bind_parameter(index, Bound(value)).map_err(fault)?;
    }
    Ok(())
}

struct Bound<'v>(&'v Value);

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        use rusqlite::types::Value as Stored;
        Ok(match self.0 {
            Value::Int(value) => ToSqlOutput::Owned(value.map_or(Stored::Null, Stored::Integer)),
            Value::Text(value) => value.to_sql()?,
            Value::Bool(value) => ToSqlOutput::Owned(value.map_or(Stored::Null, |yes| i64::from(yes).into())),
            Value::Time(value) => {
                ToSqlOutput::Owned(value.map_or(Stored::Null, |time| time_text(time).into()))
            }
            Value::Bytes(value) => value.to_sql()?,
        })
    }
}

/// A moment as text of one width, so that it sorts.
fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn read(value: ValueRef<'_>, kind: Type) -> Option<Value> {
    if value == ValueRef::Null {
        return Some(Value::null(kind));
    }
    match kind {
        Type::Int => value.as_i64().ok().map(Value::from),
        Type::Text => value.as_str().ok().map(Value::from),
        Type::Bool => value.as_i64().ok().map(|number| Value::from(number != 0)),
        Type::Time => {
            let time = DateTime::parse_from_rfc3339(value.as_str().ok()?).ok()?;
            Some(Value::from(time.with_timezone(&Utc)))
        }
        Type::Bytes => value.as_blob().ok().map(|bytes| Value::from(bytes.to_vec())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_sort_as_text() {
        let at = |text: &str| time_text(text.parse().unwrap());
        assert_eq!(at("2026-01-01T00:00:00Z"), "2026-01-01T00:00:00.000000Z");
        assert!(at("2026-01-01T00:00:00Z") < at("2026-01-01T00:00:00.000001Z"));
    }

    #[test]
    fn a_value_too_few_is_refused_and_not_taken_for_null() {
        let conn = Connection::open_in_memory().unwrap();
        let statement = Statement::new("SELECT $1, $2", [Value::from(1_i64)]);
        let error = query(&conn, &statement, &[Type::Int, Type::Int]).unwrap_err();
        assert_eq!(error.to_string(), "SELECT $1, $2 takes 2 values, not 1");
    }
}
