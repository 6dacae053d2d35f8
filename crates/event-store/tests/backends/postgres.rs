//! The log in PostgreSQL. Without `TANDEM_TEST_POSTGRES` these tests say so and do nothing.

use domain::log::{Context, Position};
use event_store::backend::postgres::{Postgres, Tuning};
use event_store::contract::{self, Log, TestDatabase};
use event_store::log::{Append, AppendError, EventLog, NewEvent, StreamId};
use event_store::migrations::MIGRATIONS;
use event_store::sql::{Database, Statement, TransactError, Type, Value};
use futures::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

async fn with_log<F: Future<Output = ()>>(check: impl FnOnce(Log) -> F) {
    with_address(async |address| {
        let log = Arc::new(open(&address).await);
        check(log.clone()).await;
        log.close().await;
    })
    .await;
}

event_store::contract!(with_log);

async fn open(address: &str) -> Postgres {
    Postgres::open(address, MIGRATIONS, Tuning { connections: 8, ..Tuning::default() }).await.unwrap()
}

/// Hands over the address of an empty database and drops it afterwards, also when the test fails.
pub(crate) async fn with_address(test: impl AsyncFnOnce(String)) {
    let Ok(server) = std::env::var("TANDEM_TEST_POSTGRES") else {
        eprintln!("TANDEM_TEST_POSTGRES is not set: not tested on PostgreSQL");
        return;
    };
    let database = TestDatabase::create(&server).await.unwrap();
    let result = AssertUnwindSafe(test(database.address())).catch_unwind().await;
    database.drop().await.unwrap();
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

fn one(stream: &StreamId, expected: u64) -> Append {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let event = NewEvent {
        id: Uuid::now_v7(),
        event_type: "Happened".to_owned(),
        schema: 1,
        payload: r#"{"type":"Happened"}"#.to_owned(),
    };
    Append::new(stream.clone(), expected, vec![event], Context::process(at))
}

fn stream(id: &str) -> StreamId {
    StreamId::new("thing", id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_never_misses_an_event_of_several_processes() {
    with_address(async |address| {
        let mut logs: Vec<Log> = Vec::new();
        for _ in 0..4 {
            logs.push(Arc::new(open(&address).await));
        }
        contract::races::a_reader_never_misses_an_event_of(logs, 60).await;
    })
    .await;
}

#[tokio::test]
async fn an_event_behind_an_open_transaction_is_read_after_it_and_not_instead_of_it() {
    with_address(async |address| {
        let log: Log = Arc::new(open(&address).await);
        let slow = open(&address).await;
        // A writer that has its place in the order and has not committed.
        let mut tx = slow.pool().begin().await.unwrap();
        sqlx::query(
            "INSERT INTO es_events (stream_type, stream_id, version, event_id, event_type, event_version, payload, meta)
             VALUES ('thing', 'slow', 1, gen_random_uuid(), 'Happened', 1, '{}',
                     '{\"by\":\"process\",\"at\":\"2026-01-01T00:00:00Z\"}')",
        )
        .execute(&mut *tx)
        .await
        .unwrap();
        let fast = log.append(one(&stream("fast"), 0)).await.unwrap();

        assert_eq!(log.read(Position::START, 10).await.unwrap().events, []);
        assert!(log.head().await.unwrap() < fast.position);
        assert_eq!(log.newest().await.unwrap(), fast.position, "whoever appended it waits for it");
        let horizon = slow.horizon().await.unwrap();
        assert!(horizon.pid.is_some(), "{horizon:?}");

        tx.commit().await.unwrap();
        contract::reached(&log, fast.position).await;
        let page = log.read(Position::START, 10).await.unwrap();
        let order: Vec<_> = page.events.iter().map(|event| event.stream.as_str()).collect();
        assert_eq!(order, ["slow", "fast"]);
        assert_eq!(log.head().await.unwrap(), fast.position);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_to_change_or_remove_an_event() {
    with_address(async |address| {
        let log = open(&address).await;
        log.append(one(&stream("a"), 0)).await.unwrap();
        for sql in [
            "UPDATE es_events SET tenant = 1",
            "DELETE FROM es_events",
            "DELETE FROM es_events_0",
            "TRUNCATE es_events",
            "TRUNCATE es_events_0",
        ] {
            let error = log.transact(vec![Statement::new(sql, [])]).await.unwrap_err();
            assert!(format!("{error:?}").contains("the log is append-only"), "{sql}: {error:?}");
        }
        assert_eq!(log.load(&stream("a"), false).await.unwrap().events.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn another_process_is_woken_with_and_without_notify() {
    with_address(async |address| {
        for notify in [true, false] {
            let tuning = Tuning { connections: 2, notify };
            let here = Postgres::open(&address, MIGRATIONS, tuning).await.unwrap();
            let there = Postgres::open(&address, MIGRATIONS, tuning).await.unwrap();
            let mut wakeups = there.wakeups();
            wakeups.mark_unchanged();
            let stream = stream(&format!("notify {notify}"));
            let appended = here.append(one(&stream, 0)).await.unwrap();
            // Nothing but wakeups makes it look.
            let seen = async {
                loop {
                    wakeups.changed().await.unwrap();
                    if there.head().await.unwrap() >= appended.position {
                        return;
                    }
                }
            };
            timeout(Duration::from_secs(60), seen).await.expect("the other process is woken");
        }
    })
    .await;
}

#[tokio::test]
async fn calls_live_in_the_partition_of_their_month() {
    with_address(async |address| {
        let log = Arc::new(open(&address).await);
        let as_log: Log = log.clone();
        let call = StreamId::new("call", Uuid::now_v7().to_string());
        log.append(one(&call, 0)).await.unwrap();
        let second = log.append(one(&call, 1)).await.unwrap();
        contract::reached(&as_log, second.position).await;
        assert_eq!(log.read(Position::START, 10).await.unwrap().events.len(), 2);
        assert!(matches!(log.append(one(&call, 1)).await, Err(AppendError::Conflict)));
        assert_eq!(log.load(&call, false).await.unwrap().events.len(), 2);
        let buckets = Statement::new("SELECT DISTINCT bucket FROM es_events", []);
        let rows = log.query(buckets, &[Type::Int]).await.unwrap();
        assert!(rows[0].int(0).unwrap() > 202_600, "{rows:?}");
        let error =
            log.transact(vec![Statement::new(format!("TRUNCATE es_events_{}", rows[0].int(0).unwrap()), [])]);
        assert!(error.await.is_err());
    })
    .await;
}

#[tokio::test]
async fn a_log_from_another_cluster_is_refused_until_it_is_rebased() {
    with_address(async |address| {
        let log = Arc::new(open(&address).await);
        let as_log: Log = log.clone();
        for version in 0..3 {
            let appended = log.append(one(&stream("a"), version)).await.unwrap();
            contract::reached(&as_log, appended.position).await;
        }
        // As after a restore: the third event's transaction is one that this cluster has not come to.
        let far = "UPDATE es_events SET tx = tx + 1000000000 WHERE version = 3";
        let mut tx = log.pool().begin().await.unwrap();
        sqlx::query("SET LOCAL es.maintenance = 'on'").execute(&mut *tx).await.unwrap();
        sqlx::query(far).execute(&mut *tx).await.unwrap();
        sqlx::query("INSERT INTO es_dedup (key, tx, position) SELECT gen_random_uuid(), tx, position FROM es_events WHERE version = 2")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(log.read(Position::START, 10).await.unwrap().events.len(), 2);
        log.close().await;

        let error = Postgres::open(&address, MIGRATIONS, Tuning::default()).await.unwrap_err();
        assert!(error.to_string().contains("tandem log rebase"), "{error}");

        let last = Postgres::rebase(&address).await.unwrap();
        let log = open(&address).await;
        let events = log.read(Position::START, 10).await.unwrap().events;
        let positions: Vec<_> = events.iter().map(|event| event.position.to_string()).collect();
        assert_eq!(positions, ["0-0-1", "0-0-2", "0-0-3"]);
        assert_eq!(last, events[2].position);
        let cursor = log.query(Statement::new("SELECT position FROM es_dedup", []), &[Type::Int]).await.unwrap();
        assert_eq!(cursor[0].int(0).unwrap(), 2);
        let next = log.append(one(&stream("a"), 3)).await.unwrap();
        assert!(next.position > last);
        assert_eq!(next.position.pos, 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_may_start_at_once() {
    with_address(async |address| {
        let opened = futures::future::join_all(
            (0..6).map(|_| Postgres::open(&address, MIGRATIONS, Tuning { connections: 1, notify: false })),
        );
        for log in opened.await {
            log.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn a_closed_log_has_done_what_was_queued_and_is_unavailable() {
    with_address(async |address| {
        let log = open(&address).await;
        let names: Vec<_> = (0..100).map(|n| stream(&format!("s{n}"))).collect();
        let appends = futures::future::join_all(names.iter().map(|stream| log.append(one(stream, 0))));
        let (appended, ()) = futures::join!(appends, log.close());
        assert!(appended.iter().all(Result::is_ok), "{appended:?}");
        let error = log.append(one(&stream("a"), 0)).await.unwrap_err();
        assert!(matches!(error, AppendError::Unavailable(_)), "{error:?}");
    })
    .await;
}

#[tokio::test]
async fn reopening_keeps_everything() {
    with_address(async |address| {
        let log = open(&address).await;
        let appended = log.append(one(&stream("a"), 0)).await.unwrap();
        log.close().await;
        let log: Log = Arc::new(open(&address).await);
        contract::reached(&log, appended.position).await;
        assert_eq!(log.head().await.unwrap(), appended.position);
    })
    .await;
}

#[tokio::test]
async fn every_kind_of_value_comes_back() {
    with_address(async |address| {
        let log = open(&address).await;
        every_kind_of_value_comes_back_from(&log, "BIGINT, TEXT, BOOLEAN, TIMESTAMPTZ, BYTEA").await;
    })
    .await;
}

#[tokio::test]
async fn a_compare_and_set_that_lost_changes_nothing() {
    with_address(async |address| a_compare_and_set_that_lost_changes_nothing_in(&open(&address).await).await)
        .await;
}

#[tokio::test]
async fn one_statement_writes_many_rows() {
    with_address(async |address| {
        let log = open(&address).await;
        log.transact(vec![Statement::new("CREATE TABLE t (a BIGINT PRIMARY KEY, b TEXT)", [])])
            .await
            .unwrap();
        let insert = "INSERT INTO t (a, b) SELECT * FROM unnest($1::bigint[], $2::text[])";
        let rows = (0_i64..1000).map(|n| vec![Value::from(n), Value::Text(None)]).collect();
        assert_eq!(log.transact(vec![Statement::many(insert, rows).expecting(1000)]).await.unwrap(), [1000]);
        assert_eq!(log.transact(vec![Statement::many(insert, Vec::new())]).await.unwrap(), [0]);
        let select = "SELECT a FROM t WHERE a = ANY($1) ORDER BY a";
        let keys = vec![vec![Value::from(3_i64)], vec![Value::from(5_i64)]];
        let rows = log.query(Statement::many(select, keys), &[Type::Int]).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.int(0).unwrap()).collect::<Vec<_>>(), [3, 5]);
    })
    .await;
}

/// On either dialect.
pub(crate) async fn every_kind_of_value_comes_back_from(database: &dyn Database, types: &str) {
    let columns: Vec<String> =
        types.split(", ").zip('a'..).map(|(kind, name)| format!("{name} {kind}")).collect();
    let create = format!("CREATE TABLE t ({})", columns.join(", "));
    database.transact(vec![Statement::new(create, [])]).await.unwrap();
    let kinds = [Type::Int, Type::Text, Type::Bool, Type::Time, Type::Bytes];
    let time: chrono::DateTime<chrono::Utc> = "2026-01-01T00:05:00.000001Z".parse().unwrap();
    let full = [
        Value::from(-5_i64),
        Value::from("don't $1 ☎️"),
        Value::from(true),
        Value::from(time),
        Value::from(vec![0, 255]),
    ];
    let empty = kinds.map(Value::null);
    // The values are named out of their order.
    let insert = "INSERT INTO t (e, d, c, b, a) VALUES ($5, $4, $3, $2, $1)";
    let both = [full.clone(), empty.clone()].map(|values| Statement::new(insert, values));
    assert_eq!(database.transact(both.to_vec()).await.unwrap(), [1, 1]);

    let select = Statement::new(
        "SELECT a, b, c, d, e FROM t WHERE a = $1 OR a IS NULL ORDER BY a IS NULL",
        [Value::from(-5_i64)],
    );
    let rows = database.query(select, &kinds).await.unwrap();
    assert_eq!(rows.into_iter().map(|row| row.0).collect::<Vec<_>>(), [full.to_vec(), empty.to_vec()]);
    let wrong = database.query(Statement::new("SELECT b FROM t WHERE b IS NOT NULL", []), &[Type::Int]).await;
    assert!(wrong.is_err(), "{wrong:?}");
}

/// On either dialect.
pub(crate) async fn a_compare_and_set_that_lost_changes_nothing_in(database: &dyn Database) {
    let run = |sql: &str| Statement::new(sql, []);
    database
        .transact(vec![run("CREATE TABLE t (a INTEGER)"), run("INSERT INTO t VALUES (1)")])
        .await
        .unwrap();
    let error = database
        .transact(vec![run("INSERT INTO t VALUES (2)"), run("UPDATE t SET a = 9 WHERE a = 7").expecting(1)])
        .await
        .unwrap_err();
    assert!(matches!(error, TransactError::Raced { statement: 1, rows: 0 }), "{error:?}");
    let rows = database.query(run("SELECT a FROM t"), &[Type::Int]).await.unwrap();
    assert_eq!(rows.len(), 1);
}
