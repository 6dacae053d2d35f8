//! What postgres-es 0.5.0 does wrong. Each test expects the defect: when one fails, a release has mended it, and the
//! decision against postgres-es in production may be looked at anew (reference: event-store 1.2).

use crate::database;
use cqrs_es::persist::{GenericQuery, PersistedEventRepository as _, PersistedEventStore};
use cqrs_es::{EventStore as _, Query};
use futures::future::join_all;
use oracle::database::Database;
use oracle::tally::{Tally, TallyView};
use postgres_es::{PostgresEventRepository, PostgresViewRepository, postgres_cqrs, postgres_snapshot_cqrs};
use sqlx::{Executor as _, Pool, Postgres};
use std::sync::Arc;

/// What a snapshot of every fifth event says after these commands, and what replaying the events says.
async fn counts(pool: &Pool<Postgres>, commands: &[u64]) -> (u64, u64) {
    let framework = postgres_snapshot_cqrs::<Tally>(pool.clone(), Vec::new(), 5, ());
    for times in commands {
        framework.execute("one", *times).await.expect("nothing speaks against it");
    }
    let repository = || PostgresEventRepository::new(pool.clone());
    let snapshots = PersistedEventStore::<_, Tally>::new_snapshot_store(repository(), 5);
    let replayed = PersistedEventStore::<_, Tally>::new_event_store(repository());
    let count = |context: cqrs_es::persist::EventStoreAggregateContext<Tally>| context.aggregate.count;
    (
        count(snapshots.load_aggregate("one").await.expect("readable")),
        count(replayed.load_aggregate("one").await.expect("readable")),
    )
}

#[tokio::test]
async fn a_snapshot_of_postgres_es_has_events_applied_twice() {
    let Some(database) = database().await else { return };
    let pool = database.pool().await.expect("connected");
    let (from_snapshot, replayed) = counts(&pool, &[1; 10]).await;
    assert_eq!(replayed, 10);
    assert_eq!(from_snapshot, 12, "two snapshots were taken, each with its last event twice");
    finish(pool, database).await;
}

#[tokio::test]
async fn a_command_of_eight_events_makes_a_snapshot_of_postgres_es_wrong_at_once() {
    let Some(database) = database().await else { return };
    let pool = database.pool().await.expect("connected");
    let (from_snapshot, replayed) = counts(&pool, &[8]).await;
    assert_eq!(replayed, 8);
    assert_eq!(from_snapshot, 13, "five events up to the snapshot are in it twice");
    finish(pool, database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_view_of_postgres_es_loses_updates_when_several_write() {
    const WRITERS: u64 = 8;
    const EACH: u64 = 25;
    let Some(database) = database().await else { return };
    let pool = database.pool().await.expect("connected");
    let views = Arc::new(PostgresViewRepository::<TallyView, Tally>::new("tally_view", pool.clone()));
    let query = || GenericQuery::new(views.clone());
    let framework =
        postgres_cqrs::<Tally>(pool.clone(), vec![Box::new(query()) as Box<dyn Query<Tally>>], ());

    join_all((0..WRITERS).map(|_| async {
        for _ in 0..EACH {
            while framework.execute("one", 1).await.is_err() {}
        }
    }))
    .await;

    let events = PersistedEventStore::<_, Tally>::new_event_store(PostgresEventRepository::new(pool.clone()));
    let recorded = events.load_events("one").await.expect("readable").len() as u64;
    let view = query().load("one").await.expect("there is a view");
    assert_eq!(recorded, WRITERS * EACH, "every command was done");
    assert!(view.count < recorded, "the view has seen all {recorded} events: the defect is gone");
    finish(pool, database).await;
}

#[tokio::test]
async fn a_replay_of_postgres_es_is_not_in_the_order_in_which_things_happened() {
    let Some(database) = database().await else { return };
    let pool = database.pool().await.expect("connected");
    let framework = postgres_cqrs::<Tally>(pool.clone(), Vec::new(), ());
    for id in ["x", "x", "y"] {
        framework.execute(id, 1).await.expect("nothing speaks against it");
    }

    let repository = PostgresEventRepository::new(pool.clone());
    let mut stream = repository.stream_all_events::<Tally>().await.expect("a stream");
    let mut order = Vec::new();
    while let Some(event) = stream.next::<Tally>(&[]).await {
        order.push(event.expect("readable").aggregate_id);
    }
    assert_eq!(order, ["x", "y", "x"], "sorted by the number within the aggregate; `y` happened last");
    finish(pool, database).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replay_of_postgres_es_that_breaks_off_looks_like_one_that_ended() {
    const EVENTS: usize = 50_000;
    let Some(database) = database().await else { return };
    let pool = database.pool().await.expect("connected");
    // Fifty megabytes: more than the connection holds on its way, so that it ends before all has come.
    let fill = format!(
        "INSERT INTO events SELECT 'tally', n::text, 1, 'Counted', '1', 'null',
                json_build_object('padding', repeat('x', 1000)) FROM generate_series(1, {EVENTS}) n"
    );
    pool.execute(fill.as_str()).await.expect("filled");

    let repository = PostgresEventRepository::new(pool.clone());
    let mut stream = repository.stream_all_events::<Tally>().await.expect("a stream");
    let (mut seen, mut errors) = (0, 0);
    while let Some(event) = stream.next::<Tally>(&[]).await {
        seen += 1;
        errors += usize::from(event.is_err());
        if seen == 1 {
            // The server ends the connection that the replay reads from, as a restart or a failover does.
            let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid()";
            pool.execute(kill).await.expect("ended");
        }
    }
    assert!(seen < EVENTS, "the replay went on after its connection had ended");
    assert_eq!(errors, 0, "the broken replay says so now: the defect is gone");
    finish(pool, database).await;
}

async fn finish(pool: Pool<Postgres>, database: Database) {
    pool.close().await;
    database.remove().await.expect("dropped");
}
