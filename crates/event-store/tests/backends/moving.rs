//! A log that moves up from SQLite to PostgreSQL.

use super::postgres::with_address;
use domain::log::{Context, Position};
use event_store::contract::{Log, reached};
use event_store::copy::copy;
use event_store::log::{Append, AppendError, Claim, NewEvent, Snapshot, StreamId};
use event_store::open::{OpenOptions, Opened, open};
use event_store::sql::{Statement, Type, Value};
use event_store::verify::{Verified, is_json, verify};
use uuid::Uuid;

async fn sqlite(directory: &tempfile::TempDir) -> Opened {
    let address = format!("sqlite://{}", directory.path().join("log.db").display());
    open(&address, OpenOptions::default()).await.unwrap()
}

fn append(stream: &StreamId, expected: u64) -> Append {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let event = NewEvent {
        id: Uuid::now_v7(),
        event_type: "Happened".to_owned(),
        schema: 1,
        payload: r#"{"b":1,"a":"☎️"}"#.to_owned(),
    };
    let mut append = Append::new(stream.clone(), expected, vec![event], Context::process(at));
    append.claims = vec![Claim::Unique { scope: "name".to_owned(), key: stream.id.clone() }];
    append
}

#[tokio::test]
async fn everything_moves_but_the_read_models() {
    with_address(async |address| {
        let directory = tempfile::tempdir().unwrap();
        let from = sqlite(&directory).await;
        let streams: Vec<_> = (0..20).map(|n| StreamId::new("thing", format!("s{n}"))).collect();
        let call = StreamId::new("call", Uuid::now_v7().to_string());
        let mut last = Position::START;
        for expected in 0..3 {
            for stream in streams.iter().chain([&call]) {
                last = from.log.append(append(stream, expected)).await.unwrap().position;
            }
        }
        let key = Uuid::now_v7();
        let mut with_all = append(&streams[0], 3);
        with_all.dedup = Some(key);
        with_all.snapshot = Some(Snapshot { version: 4, schema: 1, state: "{}".to_owned() });
        last = last.max(from.log.append(with_all).await.unwrap().position);
        let database = from.database.clone().unwrap();
        let follower = |name: &str, generation: i64| {
            Statement::new(
                "INSERT INTO es_processors (name, generation, shape, state, tx, position, epoch, updated_at)
                 VALUES ($1, $2, 1, 'active', 0, 42, 1, $3)",
                [name.into(), generation.into(), Value::Time("2026-01-01T00:00:00Z".parse().ok())],
            )
        };
        let table = Statement::new("CREATE TABLE board_v3 (id TEXT)", []);
        database.transact(vec![table, follower("board", 3), follower("teller", 1)]).await.unwrap();

        let to = open(&address, OpenOptions::default()).await.unwrap();
        let mut told = Vec::new();
        let copied = copy(&from, &to, |progress| told.push(progress.table)).await.unwrap();
        assert_eq!(copied.events, 64);
        assert!(told.contains(&"es_claims".to_owned()), "{told:?}");

        reached(&to.log, last).await;
        assert_eq!(read(&to.log).await, read(&from.log).await);
        let loaded = to.log.load(&streams[0], true).await.unwrap();
        assert_eq!((loaded.snapshot.map(|snapshot| snapshot.version), loaded.events.len()), (Some(4), 0));
        assert_eq!(to.log.done(key).await.unwrap(), Some(last));
        let mut taken = append(&StreamId::new("thing", "another"), 0);
        taken.claims = vec![Claim::Unique { scope: "name".to_owned(), key: "s3".to_owned() }];
        assert!(matches!(to.log.append(taken).await, Err(AppendError::Taken { .. })));
        let next = to.log.append(append(&streams[0], 4)).await.unwrap();
        assert!(next.position > last);

        let followers = Statement::new("SELECT name, position FROM es_processors", []);
        let rows = to.database.clone().unwrap().query(followers, &[Type::Text, Type::Int]).await.unwrap();
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((rows[0].text(0).unwrap(), rows[0].int(1).unwrap()), ("teller".to_owned(), 42));

        reached(&to.log, next.position).await;
        let verified = verify(&*to.log, to.database.as_deref(), is_json).await.unwrap();
        assert_eq!(verified, Verified { events: 65, streams: 21, claims: 21, ..Verified::default() });

        let error = copy(&from, &to, |_| ()).await.unwrap_err();
        assert!(error.to_string().contains("not empty"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_log_does_not_move_from_one_sqlite_file_to_another() {
    let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let (from, to) = (sqlite(&directories[0]).await, sqlite(&directories[1]).await);
    assert!(copy(&from, &to, |_| ()).await.is_err());
}

#[tokio::test]
async fn a_name_held_by_a_stream_without_events_is_found() {
    let directory = tempfile::tempdir().unwrap();
    let opened = sqlite(&directory).await;
    opened.log.append(append(&StreamId::new("thing", "a"), 0)).await.unwrap();
    let database = opened.database.clone().unwrap();
    let claim =
        "INSERT INTO es_claims (scope, key, stream_type, stream_id) VALUES ('name', 'x', 'thing', 'gone')";
    database.transact(vec![Statement::new(claim, [])]).await.unwrap();
    let verified = verify(&*opened.log, Some(&*database), is_json).await.unwrap();
    assert_eq!((verified.wrong, verified.claims), (1, 2));
    assert_eq!(verified.problems[0].to_string(), "name/x is held by thing/gone, which has no events");
}

async fn read(log: &Log) -> Vec<domain::log::Recorded<event_store::log::Stored>> {
    log.read(Position::START, 1000).await.unwrap().events
}
