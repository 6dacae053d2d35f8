//! How a database is brought up to date.

use super::postgres::with_address;
use event_store::backend::postgres::{Postgres, Tuning};
use event_store::backend::sqlite::Sqlite;
use event_store::log::Fault;
use event_store::migrations::{MIGRATIONS, Migration};
use event_store::sql::{Database, Statement, Type};
use std::path::Path;

const FIRST: Migration = Migration {
    name: "0001_first",
    sqlite: "CREATE TABLE one (a INTEGER); CREATE TABLE two (a INTEGER);",
    postgres: "CREATE TABLE one (a bigint); CREATE TABLE two (a bigint);",
};
const SECOND: Migration = Migration {
    name: "0002_second",
    sqlite: "INSERT INTO one VALUES (1);",
    postgres: "INSERT INTO one VALUES (1);",
};
const BROKEN: Migration = Migration {
    name: "0003_broken",
    sqlite: "INSERT INTO one VALUES (2); INSERT INTO nowhere VALUES (1);",
    postgres: "INSERT INTO one VALUES (2); INSERT INTO nowhere VALUES (1);",
};

fn changed() -> Migration {
    Migration { sqlite: "CREATE TABLE one (b INTEGER)", postgres: "CREATE TABLE one (b bigint)", ..FIRST }
}

async fn check<D: Database>(open: impl AsyncFn(&[Migration]) -> Result<D, Fault>) {
    open(&[FIRST]).await.unwrap();
    open(&[FIRST, SECOND]).await.unwrap();
    let database = open(&[FIRST, SECOND]).await.unwrap();
    let count = || Statement::new("SELECT a FROM one", []);
    assert_eq!(database.query(count(), &[Type::Int]).await.unwrap().len(), 1, "each migration runs once");
    drop(database);

    let why = |error: Option<Fault>| error.unwrap().to_string();
    let error = why(open(&[changed(), SECOND]).await.err());
    assert!(error.contains("0001_first was changed after it was applied"), "{error}");
    let error = why(open(&[FIRST]).await.err());
    assert!(error.contains("newer version") && error.contains("0002_second"), "{error}");
    let error = why(open(&[FIRST, SECOND, BROKEN]).await.err());
    assert!(error.contains("0003_broken"), "{error}");

    let database = open(&[FIRST, SECOND]).await.unwrap();
    let rows = database.query(count(), &[Type::Int]).await.unwrap();
    assert_eq!(rows.len(), 1, "a migration that fails leaves nothing behind");
}

#[tokio::test]
async fn a_sqlite_database_is_brought_up_to_date() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    check(async |migrations: &[Migration]| Sqlite::open(Path::new(&path), migrations)).await;
}

#[tokio::test]
async fn a_postgres_database_is_brought_up_to_date() {
    with_address(async |address| {
        let tuning = Tuning { connections: 1, notify: false };
        // The log's own tables come first; without them it does not open.
        let open = async |migrations: &[Migration]| {
            let all: Vec<_> = MIGRATIONS[..1].iter().chain(migrations).copied().collect();
            Postgres::open(&address, &all, tuning).await
        };
        check(open).await;
    })
    .await;
}
