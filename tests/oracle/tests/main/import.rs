//! What postgres-es wrote comes into our log: whole, once, and with its claims.

use crate::database;
use crate::same_events::assert_same;
use oracle::{hosted, ours, script};
use sqlx::Executor as _;

#[tokio::test]
async fn a_log_of_postgres_es_is_imported_event_by_event_and_only_once() {
    let (Some(theirs), Some(our_postgres)) = (database().await, database().await) else { return };
    let program = ours::example("oracle").expect("our side builds");
    let folder = std::env::temp_dir().join(format!("tandem-import-{}", uuid::Uuid::new_v4()));
    let sqlite = format!("sqlite://{}", folder.join("log.db").display());
    let pool = theirs.pool().await.expect("connected");
    let (first, second) = halves(script::steps());
    let mut written = events(hosted::run(&pool, first).await.expect("postgres-es runs the first half"));
    let from = theirs.url.as_str();

    for to in [sqlite.as_str(), our_postgres.url.as_str()] {
        let import = || ours::run(&program, &["import", from, to]).expect("our side imports");
        let imported = import();
        assert_eq!(imported[0], format!("imported {} present 0 refused 0", written.len()));
        assert_same(&imported[1..], &written);
        assert_eq!(
            import()[0],
            format!("imported 0 present {} refused 0", written.len()),
            "a repeat adds nothing"
        );
    }

    let before = written.len();
    hosted::run(&pool, second).await.expect("postgres-es runs the second half");
    pool.execute("INSERT INTO events VALUES ('wheel', '1', 1, 'Turned', '1', '{}', '{}')")
        .await
        .expect("inserted");
    written = events(hosted::recorded_all(&pool).await.expect("readable"));
    for to in [sqlite.as_str(), our_postgres.url.as_str()] {
        let imported = ours::run(&program, &["import", from, to]).expect("our side imports");
        let more = written.len() - before;
        assert_eq!(
            imported[0],
            format!("imported {more} present {before} refused 1"),
            "what is new, and no wheel"
        );
        assert_same(&imported[1..], &written);
    }
    pool.close().await;
    std::fs::remove_dir_all(folder).expect("our side made the folder");
    theirs.remove().await.expect("dropped");
    our_postgres.remove().await.expect("dropped");
}

fn halves(mut steps: Vec<script::Step>) -> (Vec<script::Step>, Vec<script::Step>) {
    let second = steps.split_off(steps.len() / 2);
    (steps, second)
}

fn events(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().filter(|line| !line.contains("\"refused\"")).collect()
}
