//! Takes in a log that was written elsewhere, in one transaction.

use super::Postgres;
use super::bucket::bucket;
use super::statements as sql;
use super::values::bind_columns;
use crate::log::{Fault, StreamId};
use crate::sql::{Row, Type, Value};
use sqlx::{AssertSqlSafe, Postgres as Driver, Row as _, Transaction};
use std::collections::BTreeSet;

/// A table that is to be filled.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) columns: Vec<TargetColumn>,
}

/// A column of it, and how it is written elsewhere.
#[derive(Debug, Clone)]
pub(crate) struct TargetColumn {
    pub(crate) name: String,
    pub(crate) kind: Type,
    /// A UUID, which is 16 bytes elsewhere.
    is_uuid: bool,
}

/// An import that is under way. Dropped before it is finished, it leaves nothing.
pub(crate) struct Import {
    tx: Transaction<'static, Driver>,
    buckets: BTreeSet<i32>,
}

const TABLES: &str = "SELECT c.table_name, c.column_name, c.data_type
    FROM information_schema.columns c JOIN pg_class t ON t.oid = to_regclass(quote_ident(c.table_name))
    WHERE c.table_schema = current_schema() AND t.relkind = 'r' AND NOT t.relispartition
      AND c.table_name NOT IN ('es_events', 'schema_migrations')
    ORDER BY c.table_name, c.ordinal_position";

const EVENTS: &str = "INSERT INTO es_events (bucket, tx, position, tenant, stream_type, stream_id, version, event_id,
        event_type, event_version, payload, meta, recorded_at)
    SELECT u.bucket::int, 0, u.position, u.tenant, u.stream_type, u.stream_id, u.version,
        encode(u.event_id, 'hex')::uuid, u.event_type, u.event_version::int, u.payload::json, u.meta::json,
        to_timestamp(u.recorded_at / 1000000.0)
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bytea[], $7::text[], $8::bigint[],
        $9::text[], $10::text[], $11::bigint[], $12::bigint[])
        AS u(position, tenant, stream_type, stream_id, version, event_id, event_type, event_version, payload, meta,
             recorded_at, bucket)";

const SET_POSITION: &str =
    "SELECT setval('es_position', greatest(max(position), 1), max(position) IS NOT NULL)
    FROM es_events";

impl Postgres {
    /// Begins to take in a log from elsewhere.
    pub(crate) async fn import(&self) -> Result<Import, Fault> {
        Ok(Import { tx: self.pool().begin().await.map_err(failed)?, buckets: BTreeSet::new() })
    }
}

impl Import {
    /// The tables to fill beside the events, all of them empty.
    pub(crate) async fn tables(&mut self) -> Result<Vec<Target>, Fault> {
        let rows = sqlx::query(TABLES).fetch_all(&mut *self.tx).await.map_err(failed)?;
        let mut tables: Vec<Target> = Vec::new();
        for row in rows {
            let text = |column: usize| row.try_get::<String, _>(column).map_err(failed);
            let (table, column) = (text(0)?, column(text(1)?, &text(2)?)?);
            match tables.last_mut().filter(|last| last.name == table) {
                Some(last) => last.columns.push(column),
                None => tables.push(Target { name: table, columns: vec![column] }),
            }
        }
        for table in &tables {
            self.refuse_unless_empty(&table.name).await?;
        }
        Ok(tables)
    }

    /// Takes in events: position, tenant, category, stream, version, id, name, version of the format, payload, meta,
    /// and when it was recorded in microseconds.
    pub(crate) async fn events(&mut self, rows: Vec<Row>) -> Result<(), Fault> {
        if self.buckets.is_empty() {
            self.refuse_unless_empty("es_events").await?;
        }
        let mut values = Vec::with_capacity(rows.len());
        for Row(mut event) in rows {
            let bucket = match (event.get(2), event.get(3)) {
                (Some(Value::Text(Some(category))), Some(Value::Text(Some(id)))) => {
                    bucket(&StreamId::new(category, id))
                }
                (_, _) => return Err(Fault::because("an event has no stream")),
            };
            self.add_bucket(bucket).await?;
            event.push(Value::from(i64::from(bucket)));
            values.push(event);
        }
        self.insert(EVENTS, &values).await
    }

    /// Takes in rows of a table, in the order of its columns.
    pub(crate) async fn rows(&mut self, table: &Target, rows: Vec<Row>) -> Result<(), Fault> {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
        let values = table.columns.iter().map(|column| {
            if column.is_uuid {
                format!("encode(u.{}, 'hex')::uuid", column.name)
            } else {
                format!("u.{}", column.name)
            }
        });
        let arrays = (1..)
            .zip(&table.columns)
            .map(|(number, column)| format!("${number}::{}[]", column.kind.in_postgres()));
        let sql = format!(
            "INSERT INTO {} ({}) SELECT {} FROM unnest({}) AS u({})",
            table.name,
            names.join(", "),
            values.collect::<Vec<_>>().join(", "),
            arrays.collect::<Vec<_>>().join(", "),
            names.join(", "),
        );
        let rows: Vec<Vec<Value>> = rows.into_iter().map(|Row(values)| values).collect();
        self.insert(&sql, &rows).await
    }

    /// Makes all of it visible at once.
    pub(crate) async fn finish(mut self) -> Result<(), Fault> {
        sqlx::query(SET_POSITION).execute(&mut *self.tx).await.map_err(failed)?;
        self.tx.commit().await.map_err(failed)
    }

    async fn insert(&mut self, sql: &str, rows: &[Vec<Value>]) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        // Made of the names of our own tables and columns only.
        let query = bind_columns(sqlx::query(AssertSqlSafe(sql.to_owned())), rows)
            .ok_or_else(|| Fault::because("the rows to take in are not all of one shape"))?;
        query.execute(&mut *self.tx).await.map(drop).map_err(failed)
    }

    async fn add_bucket(&mut self, bucket: i32) -> Result<(), Fault> {
        if self.buckets.insert(bucket) {
            sqlx::query(sql::ADD_BUCKET).bind(bucket).execute(&mut *self.tx).await.map_err(failed)?;
        }
        Ok(())
    }

    async fn refuse_unless_empty(&mut self, table: &str) -> Result<(), Fault> {
        let sql = AssertSqlSafe(format!("SELECT EXISTS (SELECT 1 FROM {table})"));
        let row = sqlx::query(sql).fetch_one(&mut *self.tx).await.map_err(failed)?;
        if row.try_get(0).map_err(failed)? {
            return Err(Fault::because(format!(
                "the target is not empty: {table} has rows; move into a new database"
            )));
        }
        Ok(())
    }
}

fn column(name: String, kind: &str) -> Result<TargetColumn, Fault> {
    let (kind, is_uuid) = match kind {
        "bigint" => (Type::Int, false),
        "text" => (Type::Text, false),
        "boolean" => (Type::Bool, false),
        "timestamp with time zone" => (Type::Time, false),
        "bytea" => (Type::Bytes, false),
        "uuid" => (Type::Bytes, true),
        other => {
            return Err(Fault::because(format!(
                "the column {name} is of type {other}, which is not portable"
            )));
        }
    };
    Ok(TargetColumn { name, kind, is_uuid })
}

fn failed(error: sqlx::Error) -> Fault {
    Fault::new("take in a log", error)
}
