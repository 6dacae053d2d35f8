//! The log in a SQLite file.

use event_store::backend::sqlite::Sqlite;
use event_store::contract::Log;
use event_store::log::{Append, AppendError, EventLog, NewEvent, StreamId};
use event_store::migrations::MIGRATIONS;
use event_store::open::{Access, OpenOptions, open};
use event_store::sql::{Database, Statement, TransactError, Type, Value};
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;

async fn with_log<F: Future<Output = ()>>(check: impl FnOnce(Log) -> F) {
    let (_directory, log) = fresh();
    check(log).await;
}

event_store::contract!(with_log);

fn fresh() -> (TempDir, Arc<Sqlite>) {
    let directory = tempfile::tempdir().unwrap();
    let log = Sqlite::open(&directory.path().join("log.db"), MIGRATIONS).unwrap();
    (directory, Arc::new(log))
}

fn one(stream: &str) -> Append {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let event = NewEvent {
        id: Uuid::now_v7(),
        event_type: "Happened".to_owned(),
        schema: 1,
        payload: r#"{"type":"Happened"}"#.to_owned(),
    };
    Append::new(StreamId::new("thing", stream), 0, vec![event], domain::log::Context::process(at))
}

#[tokio::test]
async fn the_database_refuses_to_change_or_remove_an_event() {
    let (_directory, log) = fresh();
    log.append(one("a")).await.unwrap();
    for sql in [
        "UPDATE es_events SET payload = '{}'",
        "DELETE FROM es_events",
        "INSERT OR REPLACE INTO es_events SELECT position, tenant, stream_type, stream_id, version, event_id, event_type, \
         event_version, '{}', meta, recorded_at FROM es_events",
    ] {
        let error = log.transact(vec![Statement::new(sql, [])]).await.unwrap_err();
        assert!(format!("{error:?}").contains("the log is append-only"), "{sql}: {error:?}");
    }
    let loaded = log.load(&StreamId::new("thing", "a"), false).await.unwrap();
    assert_eq!(loaded.events[0].event.payload, r#"{"type":"Happened"}"#);
}

#[tokio::test]
async fn a_second_writer_is_sent_away_and_told_what_to_do() {
    let (directory, log) = fresh();
    let path = directory.path().join("log.db");
    let error = Sqlite::open(&path, MIGRATIONS).unwrap_err().to_string();
    assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
    assert!(error.contains("PostgreSQL"), "{error}");

    drop(log);
    Sqlite::open(&path, MIGRATIONS).expect("the lock is given back");
}

#[tokio::test]
async fn one_may_look_while_another_writes() {
    let (directory, log) = fresh();
    log.append(one("a")).await.unwrap();
    let address = address(&directory.path().join("log.db"));
    let looking =
        open(&address, OpenOptions { access: Access::Look, ..OpenOptions::default() }).await.unwrap();
    assert_eq!(looking.log.head().await.unwrap(), log.head().await.unwrap());
    assert!(looking.log.append(one("b")).await.is_err());
}

#[tokio::test]
async fn tables_are_written_beside_the_process_that_has_the_log() {
    let (directory, log) = fresh();
    let address = address(&directory.path().join("log.db"));
    let make = Statement::new("CREATE TABLE notes (n INTEGER NOT NULL)", []);
    log.transact(vec![make]).await.unwrap();
    let options = OpenOptions { access: Access::Tables, ..OpenOptions::default() };
    let beside = open(&address, options).await.unwrap();
    let tables = beside.database.clone().unwrap();

    // Both at once: whoever comes second waits for the other.
    let note = |n: i64| vec![Statement::new("INSERT INTO notes VALUES ($1)", [n.into()])];
    let theirs = async {
        for n in 0..50 {
            tables.transact(note(n)).await.unwrap();
        }
    };
    let ours = async {
        for n in 50..100 {
            log.transact(note(n)).await.unwrap();
            log.append(one(&n.to_string())).await.unwrap();
        }
    };
    tokio::join!(theirs, ours);

    let count = Statement::new("SELECT count(*) FROM notes", []);
    assert_eq!(log.query(count, &[Type::Int]).await.unwrap()[0].int(0).unwrap(), 100);
    let error = beside.log.append(one("b")).await.unwrap_err();
    assert!(matches!(error, AppendError::Fault(_)), "{error:?}");
}

#[tokio::test]
async fn whoever_writes_tables_keeps_the_log_from_nobody() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let beside = Sqlite::open_tables(&path, MIGRATIONS).expect("nobody has it: it is made");
    let log = Sqlite::open(&path, MIGRATIONS).expect("the lock is free");
    log.append(one("a")).await.unwrap();
    drop(beside);
}

#[tokio::test]
async fn tables_of_another_version_are_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("log.db");
    let (last, older) = MIGRATIONS.split_last().unwrap();
    let _log = Sqlite::open(&path, older).unwrap();
    let error = Sqlite::open_tables(&path, MIGRATIONS).unwrap_err().to_string();
    assert!(error.contains(last.name) && error.contains("start it anew"), "{error}");
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let directory = tempfile::tempdir().unwrap();
    let address = address(&directory.path().join("new").join("log.db"));
    let mut wanted = one("a");
    wanted.dedup = Some(Uuid::from_u128(1));
    let opened = open(&address, OpenOptions::default()).await.unwrap();
    let appended = opened.log.append(wanted).await.unwrap();
    drop(opened);

    let opened = open(&address, OpenOptions::default()).await.unwrap();
    assert_eq!(opened.log.head().await.unwrap(), appended.position);
    assert_eq!(opened.log.done(Uuid::from_u128(1)).await.unwrap(), Some(appended.position));
}

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    let (_directory, log) = fresh();
    super::postgres::every_kind_of_value_comes_back_from(&*log, "INTEGER, TEXT, INTEGER, TEXT, BLOB").await;
}

#[tokio::test]
async fn a_compare_and_set_that_lost_changes_nothing() {
    let (_directory, log) = fresh();
    super::postgres::a_compare_and_set_that_lost_changes_nothing_in(&*log).await;
}

#[tokio::test]
async fn one_statement_writes_many_rows() {
    let (_directory, log) = fresh();
    log.transact(vec![Statement::new("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", [])]).await.unwrap();
    let rows = (0_i64..1000).map(|n| vec![Value::from(n), Value::Text(None)]).collect();
    let insert = Statement::many("INSERT INTO t (b, a) VALUES ($2, $1)", rows);
    assert_eq!(log.transact(vec![insert.expecting(1000)]).await.unwrap(), [1000]);
    let nothing = Statement::many("INSERT INTO t (b, a) VALUES ($2, $1)", Vec::new());
    assert_eq!(log.transact(vec![nothing]).await.unwrap(), [0]);
    let keys = vec![vec![Value::from(3_i64)], vec![Value::from(5_i64)]];
    let rows = log.query(Statement::many("SELECT a FROM t WHERE a = $1", keys), &[Type::Int]).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.int(0).unwrap()).collect::<Vec<_>>(), [3, 5]);
}

#[tokio::test]
async fn statements_that_fail_leave_the_appends_beside_them_alone() {
    let (_directory, log) = fresh();
    let streams: Vec<String> = (0..50).map(|n| format!("s{n}")).collect();
    let appends = futures::future::join_all(streams.iter().map(|stream| log.append(one(stream))));
    let broken = || log.transact(vec![Statement::new("INSERT INTO nowhere VALUES (1)", [])]);
    let broken = futures::future::join_all((0..50).map(|_| broken()));
    let (appends, broken) = futures::join!(appends, broken);
    assert!(appends.iter().all(Result::is_ok), "{appends:?}");
    assert!(broken.iter().all(|result| matches!(result, Err(TransactError::Fault(_)))), "{broken:?}");
}

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}
