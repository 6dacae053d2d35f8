//! Brings a database up to date: forward only, each migration once, and never one that was changed afterwards.

use crate::log::Fault;
use crate::migrations::Migration;
use crate::sql::Dialect;
use rusqlite::{Connection, TransactionBehavior};
use sha2::{Digest, Sha256};
use sqlx::{Connection as _, PgConnection, Row as _};
use std::collections::BTreeMap;
use std::fmt::Write;

const CREATE: &str = "CREATE TABLE IF NOT EXISTS schema_migrations
    (name TEXT NOT NULL PRIMARY KEY, sha256 TEXT NOT NULL, applied_at TEXT NOT NULL)";
const SELECT: &str = "SELECT name, sha256 FROM schema_migrations ORDER BY name";

/// The advisory lock that lets one process at a time bring a PostgreSQL database up to date: "tandem" in ASCII.
const LOCK: i64 = 0x7461_6e64_656d;

/// Brings a SQLite database up to date; the writer lock keeps others away. Returns the names of what was applied.
pub(crate) fn sqlite(conn: &mut Connection, migrations: &[Migration]) -> Result<Vec<&'static str>, Fault> {
    let fault = |error| Fault::new("bring the SQLite database up to date", error);
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fault)?;
    tx.execute_batch(CREATE).map_err(fault)?;
    let applied = tx
        .prepare(SELECT)
        .and_then(|mut select| {
            select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()
        })
        .map_err(fault)?;

    let mut names = Vec::new();
    for migration in pending(migrations, Dialect::Sqlite, &applied)? {
        let sql = migration.sql(Dialect::Sqlite);
        tx.execute_batch(sql).map_err(|error| failed(migration, error))?;
        tx.execute(
            "INSERT INTO schema_migrations VALUES (?1, ?2, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
            [migration.name, &sha256(sql)],
        )
        .map_err(fault)?;
        names.push(migration.name);
    }
    tx.commit().map_err(fault)?;
    Ok(names)
}

/// Checks a SQLite database that another process has.
///
/// # Errors
///
/// That process has not brought it to where this one would.
pub(crate) fn sqlite_is_up_to_date(conn: &Connection, migrations: &[Migration]) -> Result<(), Fault> {
    let fault = |error| Fault::new("look how far the SQLite database is", error);
    let mut select = conn.prepare(SELECT).map_err(fault)?;
    let applied = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(fault)?;
    let applied = applied.collect::<Result<_, _>>().map_err(fault)?;
    match pending(migrations, Dialect::Sqlite, &applied)?.first() {
        None => Ok(()),
        Some(migration) => Err(Fault::because(format!(
            "the process that has the database is of an older version, and has not made {}: start it anew with this \
             version",
            migration.name
        ))),
    }
}

/// Brings a PostgreSQL database up to date. Several processes may do so at once: one works, the others wait for it.
pub(crate) async fn postgres(
    conn: &mut PgConnection,
    migrations: &[Migration],
) -> Result<Vec<&'static str>, Fault> {
    let fault = |error| Fault::new("bring the PostgreSQL database up to date", error);
    let mut tx = conn.begin().await.map_err(fault)?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await.map_err(fault)?;
    sqlx::query(CREATE).execute(&mut *tx).await.map_err(fault)?;
    let rows = sqlx::query(SELECT).fetch_all(&mut *tx).await.map_err(fault)?;
    let applied = rows
        .iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect::<Result<_, sqlx::Error>>()
        .map_err(fault)?;

    let mut names = Vec::new();
    for migration in pending(migrations, Dialect::Postgres, &applied)? {
        let sql = migration.sql(Dialect::Postgres);
        sqlx::raw_sql(sql).execute(&mut *tx).await.map_err(|error| failed(migration, error))?;
        sqlx::query("INSERT INTO schema_migrations VALUES ($1, $2, to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'))")
            .bind(migration.name)
            .bind(sha256(sql))
            .execute(&mut *tx)
            .await
            .map_err(fault)?;
        names.push(migration.name);
    }
    tx.commit().await.map_err(fault)?;
    Ok(names)
}

/// What is still to be applied.
fn pending<'m>(
    migrations: &'m [Migration],
    dialect: Dialect,
    applied: &BTreeMap<String, String>,
) -> Result<Vec<&'m Migration>, Fault> {
    if let Some(unknown) = applied.keys().find(|name| !migrations.iter().any(|known| known.name == **name)) {
        return Err(Fault::because(format!(
            "the database was made by a newer version: it has the migration {unknown}, which this one does not know"
        )));
    }
    let mut pending = Vec::new();
    for migration in migrations {
        match applied.get(migration.name) {
            None => pending.push(migration),
            Some(sha) if *sha == sha256(migration.sql(dialect)) => (),
            Some(_) => {
                return Err(Fault::because(format!(
                    "the migration {} was changed after it was applied to this database; undo the change and add \
                     another migration",
                    migration.name
                )));
            }
        }
    }
    Ok(pending)
}

fn failed(migration: &Migration, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
    Fault::new(format!("apply the migration {}", migration.name), error)
}

fn sha256(sql: &str) -> String {
    Sha256::digest(sql).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
