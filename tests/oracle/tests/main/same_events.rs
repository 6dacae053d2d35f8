//! The same commands give the same events, the same refusals, in the same streams.

use crate::database;
use oracle::{hosted, ours, script};

#[tokio::test]
async fn the_same_commands_give_the_same_events_on_postgres_es_and_on_our_log() {
    let (Some(theirs), Some(our_postgres)) = (database().await, database().await) else { return };
    let program = ours::example("oracle").expect("our side builds");
    let folder = std::env::temp_dir().join(format!("tandem-oracle-{}", uuid::Uuid::new_v4()));
    let sqlite = format!("sqlite://{}", folder.join("log.db").display());

    let pool = theirs.pool().await.expect("connected");
    let expected = hosted::run(&pool, script::steps()).await.expect("postgres-es runs the script");
    pool.close().await;

    assert!(expected.iter().any(|line| line.contains("refused")), "the script has refusals in it");
    assert!(expected.len() > 100, "the script has a long stream in it: {} lines", expected.len());
    for url in [sqlite.as_str(), our_postgres.url.as_str()] {
        let printed = ours::run(&program, &["script", url]).expect("our side runs the script");
        assert_same(&printed, &expected);
    }
    std::fs::remove_dir_all(folder).expect("our side made the folder");
    theirs.remove().await.expect("dropped");
    our_postgres.remove().await.expect("dropped");
}

/// Compares line by line, so that a difference is short enough to read.
pub(crate) fn assert_same(printed: &[String], expected: &[String]) {
    for (ours, theirs) in printed.iter().zip(expected) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(printed.len(), expected.len());
}
