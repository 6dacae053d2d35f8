//! Portable SQL: the small common part of SQLite and PostgreSQL that read models and the gateways' own tables need.
//!
//! Placeholders are `$1`, `$2`, …; upserts are `INSERT … ON CONFLICT (…) DO UPDATE SET x = excluded.x`.
//! Columns are BIGINT, TEXT, BOOLEAN, TIMESTAMPTZ and BYTEA on PostgreSQL; INTEGER, TEXT and BLOB on SQLite, where a
//! time is text like `2026-01-01T00:00:00.000000Z`, so that it sorts. A sum is `CAST(SUM(x) AS BIGINT)`, since
//! PostgreSQL sums into another type.

use crate::log::Fault;
use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A whole number of 64 bits.
    Int,
    /// Text.
    Text,
    /// Yes or no.
    Bool,
    /// A moment, to the microsecond.
    Time,
    /// Bytes.
    Bytes,
}

impl Type {
    /// The name of the type in PostgreSQL, and of its arrays with `[]` after it.
    #[must_use]
    pub fn in_postgres(self) -> &'static str {
        match self {
            Self::Int => "bigint",
            Self::Text => "text",
            Self::Bool => "boolean",
            Self::Time => "timestamptz",
            Self::Bytes => "bytea",
        }
    }

    /// The name of the type in SQLite's strict tables.
    #[must_use]
    pub fn in_sqlite(self) -> &'static str {
        match self {
            Self::Int => "INTEGER",
            Self::Text => "TEXT",
            Self::Bool => "INTEGER",
            Self::Time => "TEXT",
            Self::Bytes => "BLOB",
        }
    }
}

/// One value, or NULL of its type. Even a NULL tells its type, which PostgreSQL wants to know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// A whole number.
    Int(Option<i64>),
    /// Text.
    Text(Option<String>),
    /// Yes or no.
    Bool(Option<bool>),
    /// A moment.
    Time(Option<DateTime<Utc>>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

impl Value {
    /// The type, also of a NULL.
    #[must_use]
    pub fn kind(&self) -> Type {
        match self {
            Self::Int(_) => Type::Int,
            Self::Text(_) => Type::Text,
            Self::Bool(_) => Type::Bool,
            Self::Time(_) => Type::Time,
            Self::Bytes(_) => Type::Bytes,
        }
    }

    /// NULL of a type.
    #[must_use]
    pub fn null(kind: Type) -> Self {
        match kind {
            Type::Int => Self::Int(None),
            Type::Text => Self::Text(None),
            Type::Bool => Self::Bool(None),
            Type::Time => Self::Time(None),
            Type::Bytes => Self::Bytes(None),
        }
    }
}

macro_rules! value_from {
    ($($from:ty => $variant:ident with $convert:expr),+ $(,)?) => {$(
        impl From<$from> for Value {
            fn from(value: $from) -> Self {
                let convert: fn($from) -> _ = $convert;
                Self::$variant(Some(convert(value)))
            }
        }

        impl From<Option<$from>> for Value {
            fn from(value: Option<$from>) -> Self {
                let convert: fn($from) -> _ = $convert;
                Self::$variant(value.map(convert))
            }
        }
    )+};
}

value_from! {
    i64 => Int with |value| value,
    u32 => Int with i64::from,
    String => Text with |value| value,
    &str => Text with str::to_owned,
    bool => Bool with |value| value,
    DateTime<Utc> => Time with |value| value,
    Vec<u8> => Bytes with |value| value,
}

/// One row of an answer, its columns in the order of the query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row(pub Vec<Value>);

/// What a column held was not of the type asked for.
#[derive(Debug, thiserror::Error)]
#[error("column {column} is not {wanted:?} or is NULL")]
pub struct WrongColumn {
    /// The column, from 0.
    pub column: usize,
    /// What was asked for.
    pub wanted: Type,
}

impl From<WrongColumn> for Fault {
    fn from(error: WrongColumn) -> Self {
        Self::new("read a row", error)
    }
}

/// One statement with its values.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Portable SQL; it never holds a value.
    pub sql: String,
    /// The values of `$1`, `$2`, ….
    pub values: Vec<Value>,
    /// The values of many rows: see [`Statement::many`]. `values` is empty then.
    pub rows: Option<Vec<Vec<Value>>>,
    /// Roll everything back unless the statement changes exactly this many rows: a compare-and-set.
    pub expect_rows: Option<u64>,
}

impl Statement {
    /// This statement with these values.
    pub fn new(sql: impl Into<String>, values: impl IntoIterator<Item = Value>) -> Self {
        Self { sql: sql.into(), values: values.into_iter().collect(), rows: None, expect_rows: None }
    }

    /// One statement for many rows of values, each row with the same types in the same order. It is written for one
    /// [`Dialect`]: SQLite prepares it once and runs it for each row with `$1`, `$2`, … bound to the row's values;
    /// PostgreSQL runs it once with `$1`, `$2`, … bound to arrays, one a column (`… FROM unnest($1::bigint[], $2::text[])`).
    ///
    /// As a query it gives the rows of all runs, one after another. Without rows nothing runs.
    pub fn many(sql: impl Into<String>, rows: Vec<Vec<Value>>) -> Self {
        Self { sql: sql.into(), values: Vec::new(), rows: Some(rows), expect_rows: None }
    }

    /// Roll everything back unless exactly so many rows change.
    #[must_use]
    pub fn expecting(mut self, rows: u64) -> Self {
        self.expect_rows = Some(rows);
        self
    }
}

/// Why a transaction changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum TransactError {
    /// A statement changed another number of rows than it had to.
    #[error("statement {statement} changed {rows} rows")]
    Raced {
        /// Which statement, from 0.
        statement: usize,
        /// How many rows it changed.
        rows: u64,
    },
    /// The backend failed.
    #[error("the database can't be written")]
    Fault(#[source] Fault),
}

/// The SQL database that holds the log, the read models and the gateways' own tables.
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// Which dialect it speaks, for the few statements that can't be portable.
    fn dialect(&self) -> Dialect;

    /// Runs a query. The types of the columns are given, since an empty column does not tell its own.
    async fn query(&self, statement: Statement, columns: &[Type]) -> Result<Vec<Row>, Fault>;

    /// Runs statements in one durable transaction, in their order; returns the rows each of them changed.
    async fn transact(&self, statements: Vec<Statement>) -> Result<Vec<u64>, TransactError>;
}

/// The dialect of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, the embedded default.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

macro_rules! row_getters {
    ($($(#[$doc:meta])* $get:ident, $get_opt:ident, $variant:ident, $type:ty);+ $(;)?) => {
        impl Row {$(
            $(#[$doc])*
            ///
            /// # Errors
            ///
            /// The column holds something else, or NULL.
            pub fn $get(&self, column: usize) -> Result<$type, WrongColumn> {
                self.$get_opt(column)?.ok_or(WrongColumn { column, wanted: Type::$variant })
            }

            $(#[$doc])*
            /// NULL is `None`.
            ///
            /// # Errors
            ///
            /// The column holds something else.
            pub fn $get_opt(&self, column: usize) -> Result<Option<$type>, WrongColumn> {
                match self.0.get(column) {
                    Some(Value::$variant(value)) => Ok(value.clone()),
                    Some(_) | None => Err(WrongColumn { column, wanted: Type::$variant }),
                }
            }
        )+}
    };
}

row_getters! {
    /// A whole number.
    int, int_or_null, Int, i64;
    /// Text.
    text, text_or_null, Text, String;
    /// Yes or no.
    bool, bool_or_null, Bool, bool;
    /// A moment.
    time, time_or_null, Time, DateTime<Utc>;
    /// Bytes.
    bytes, bytes_or_null, Bytes, Vec<u8>;
}
