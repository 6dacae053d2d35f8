//! The tables of read models: how they are made, filled, read and switched. All SQL over them stands here.

use super::read_model::Changes;
use crate::projection::{Column, Key, Table};
use crate::sql::{Dialect, Statement, Type};

/// Rows in one statement: its message stays within some ten megabytes.
const ROWS: usize = 10_000;

/// The physical table of one generation of a read model; people query the view of the plain name.
#[must_use]
pub fn physical(table: &Table, generation: i64) -> String {
    format!("{}_v{generation}", table.name)
}

/// One generation of a read model's table, in one dialect.
#[derive(Clone)]
pub(super) struct Place {
    table: Table,
    name: String,
    dialect: Dialect,
}

impl Place {
    pub(super) fn new(table: Table, generation: i64, dialect: Dialect) -> Self {
        Self { name: physical(&table, generation), table, dialect }
    }

    /// Makes the table without key and indexes, in place of whatever a broken rebuild left there.
    pub(super) fn create_bare(&self) -> Vec<Statement> {
        let columns: Vec<String> = self.table.columns.iter().map(|column| self.define(column)).collect();
        let sql = format!("CREATE TABLE {} ({})", self.name, columns.join(", "));
        vec![plain(format!("DROP TABLE IF EXISTS {}", self.name)), plain(sql)]
    }

    /// Adds key and indexes: after loading, which is several times faster than before.
    pub(super) fn create_indexes(&self) -> Vec<Statement> {
        let index = |number: usize, unique: &str, columns: String| {
            plain(format!("CREATE {unique}INDEX {}_{number} ON {} ({columns})", self.name, self.name))
        };
        let mut statements = vec![match self.dialect {
            Dialect::Postgres => plain(format!("ALTER TABLE {} ADD PRIMARY KEY ({})", self.name, self.key())),
            Dialect::Sqlite => index(0, "UNIQUE ", self.key()),
        }];
        for (number, columns) in self.table.indexes.iter().enumerate() {
            statements.push(index(number + 1, "", columns.join(", ")));
        }
        statements
    }

    /// Lets the plain name mean this generation.
    pub(super) fn point_view(&self) -> Vec<Statement> {
        vec![
            plain(format!("DROP VIEW IF EXISTS {}", self.table.name)),
            plain(format!("CREATE VIEW {} AS SELECT {} FROM {}", self.table.name, self.columns(), self.name)),
        ]
    }

    pub(super) fn drop_table(&self) -> Statement {
        plain(format!("DROP TABLE IF EXISTS {}", self.name))
    }

    /// Reads the rows of these keys.
    pub(super) fn load(&self, keys: Vec<Key>) -> Statement {
        let sql = match self.dialect {
            Dialect::Sqlite => {
                format!("SELECT {} FROM {} t WHERE {}", self.columns(), self.name, self.key_is_values())
            }
            Dialect::Postgres => format!(
                "SELECT {} FROM {} JOIN {} ON {}",
                self.each_column(|name| format!("t.{name}")),
                format_args!("{} t", self.name),
                self.unnest_key(),
                self.key_is_unnested(),
            ),
        };
        Statement::many(sql, keys)
    }

    /// Writes what has changed.
    pub(super) fn write(&self, changes: Changes, bare: bool) -> Vec<Statement> {
        let mut statements = Vec::new();
        if !changes.delete.is_empty() {
            statements.push(Statement::many(self.delete_sql(), changes.delete));
        }
        let mut put = changes.put.into_iter();
        loop {
            let portion: Vec<_> = put.by_ref().take(ROWS).collect();
            if portion.is_empty() {
                return statements;
            }
            statements.push(Statement::many(self.put_sql(bare), portion));
        }
    }

    fn delete_sql(&self) -> String {
        match self.dialect {
            Dialect::Sqlite => format!("DELETE FROM {} AS t WHERE {}", self.name, self.key_is_values()),
            Dialect::Postgres => format!(
                "DELETE FROM {} t USING {} WHERE {}",
                self.name,
                self.unnest_key(),
                self.key_is_unnested()
            ),
        }
    }

    fn put_sql(&self, bare: bool) -> String {
        let source = match self.dialect {
            Dialect::Sqlite => {
                let places: Vec<String> = (1..=self.table.columns.len()).map(|n| format!("${n}")).collect();
                format!("VALUES ({})", places.join(", "))
            }
            Dialect::Postgres => format!("SELECT * FROM unnest({})", arrays(self.table.columns)),
        };
        let insert = format!("INSERT INTO {} ({}) {source}", self.name, self.columns());
        if bare {
            return insert;
        }
        let rest = self.table.columns.get(self.table.key..).unwrap_or_default();
        let set: Vec<String> = rest.iter().map(|c| format!("{} = excluded.{}", c.name, c.name)).collect();
        let action =
            if set.is_empty() { "NOTHING".to_owned() } else { format!("UPDATE SET {}", set.join(", ")) };
        format!("{insert} ON CONFLICT ({}) DO {action}", self.key())
    }

    /// The types of all columns, for [`crate::sql::Database::query`].
    pub(super) fn types(&self) -> Vec<Type> {
        self.table.columns.iter().map(|column| column.kind).collect()
    }

    fn define(&self, column: &Column) -> String {
        let kind = match self.dialect {
            Dialect::Postgres => postgres_type(column.kind),
            Dialect::Sqlite => match column.kind {
                Type::Int | Type::Bool => "INTEGER",
                Type::Text | Type::Time => "TEXT",
                Type::Bytes => "BLOB",
            },
        };
        format!("{} {kind}{}", column.name, if column.nullable { "" } else { " NOT NULL" })
    }

    fn key_columns(&self) -> &'static [Column] {
        self.table.columns.get(..self.table.key).unwrap_or_default()
    }

    fn key(&self) -> String {
        names(self.key_columns(), |name| name.to_owned())
    }

    fn columns(&self) -> String {
        self.each_column(str::to_owned)
    }

    fn each_column(&self, show: impl Fn(&str) -> String) -> String {
        names(self.table.columns, show)
    }

    fn key_is_values(&self) -> String {
        let equal = |(n, column): (usize, &Column)| format!("t.{} = ${}", column.name, n + 1);
        self.key_columns().iter().enumerate().map(equal).collect::<Vec<_>>().join(" AND ")
    }

    fn unnest_key(&self) -> String {
        let key = self.key_columns();
        format!("unnest({}) AS k({})", arrays(key), names(key, |name| format!("k_{name}")))
    }

    fn key_is_unnested(&self) -> String {
        let equal = |column: &Column| format!("t.{0} = k.k_{0}", column.name);
        self.key_columns().iter().map(equal).collect::<Vec<_>>().join(" AND ")
    }
}

fn plain(sql: String) -> Statement {
    Statement::new(sql, [])
}

fn names(columns: &[Column], show: impl Fn(&str) -> String) -> String {
    columns.iter().map(|column| show(column.name)).collect::<Vec<_>>().join(", ")
}

fn arrays(columns: &[Column]) -> String {
    let array = |(n, column): (usize, &Column)| {
        format!("${}::{}[]", n + 1, postgres_type(column.kind).to_lowercase())
    };
    columns.iter().enumerate().map(array).collect::<Vec<_>>().join(", ")
}

fn postgres_type(kind: Type) -> &'static str {
    match kind {
        Type::Int => "BIGINT",
        Type::Text => "TEXT",
        Type::Bool => "BOOLEAN",
        Type::Time => "TIMESTAMPTZ",
        Type::Bytes => "BYTEA",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::projection::Projection;
    use crate::runner::testing::Switches;

    fn place(dialect: Dialect) -> Place {
        Place::new(Switches::TABLE, 3, dialect)
    }

    #[test]
    fn a_page_of_rows_is_one_statement_in_postgres() {
        assert_eq!(
            place(Dialect::Postgres).put_sql(false),
            "INSERT INTO switches_v3 (stream, seen) SELECT * FROM unnest($1::text[], $2::bigint[]) \
             ON CONFLICT (stream) DO UPDATE SET seen = excluded.seen"
        );
        assert_eq!(
            place(Dialect::Postgres).delete_sql(),
            "DELETE FROM switches_v3 t USING unnest($1::text[]) AS k(k_stream) WHERE t.stream = k.k_stream"
        );
        assert_eq!(
            place(Dialect::Postgres).load(Vec::new()).sql,
            "SELECT t.stream, t.seen FROM switches_v3 t JOIN unnest($1::text[]) AS k(k_stream) ON t.stream = k.k_stream"
        );
    }

    #[test]
    fn a_page_of_rows_is_one_prepared_statement_in_sqlite() {
        assert_eq!(
            place(Dialect::Sqlite).put_sql(false),
            "INSERT INTO switches_v3 (stream, seen) VALUES ($1, $2) ON CONFLICT (stream) DO UPDATE SET seen = excluded.seen"
        );
        assert_eq!(
            place(Dialect::Sqlite).load(Vec::new()).sql,
            "SELECT stream, seen FROM switches_v3 t WHERE t.stream = $1"
        );
    }
}
