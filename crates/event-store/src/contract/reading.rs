//! The order of the whole log, its pages and its end.

use super::{Log, append, new_stream, one, reached, read_all, several};
use domain::log::Position;
use std::time::Duration;
use tokio::time::timeout;

#[doc(hidden)]
pub async fn an_empty_log_is_at_its_start(log: Log) {
    assert_eq!(log.head().await.expect("the log has an end"), Position::START);
    let page = log.read(Position::START, 10).await.expect("the log can be read");
    assert!(page.events.is_empty());
    assert_eq!(page.cursor, Position::START);
    let loaded = log.load(&new_stream(), true).await.expect("a stream can be loaded");
    assert!(loaded.snapshot.is_none() && loaded.events.is_empty());
}

#[doc(hidden)]
pub async fn the_log_has_one_order(log: Log) {
    let (first, second) = (new_stream(), new_stream());
    append(&log, several(&first, 0, 2)).await;
    append(&log, one(&second, 0)).await;
    append(&log, one(&first, 2)).await;
    let last = append(&log, several(&second, 1, 2)).await;
    reached(&log, last.position).await;

    let events = read_all(&log, Position::START, 100).await;
    let order: Vec<_> = events.iter().map(|(_, stream, version)| (stream, *version)).collect();
    let (a, b) = (&first.id, &second.id);
    assert_eq!(order, [(a, 1), (a, 2), (b, 1), (a, 3), (b, 2), (b, 3)]);
    assert!(events.is_sorted_by(|one, other| one.0 < other.0), "{events:?}");
    assert_eq!(events.last().map(|event| event.0), Some(last.position));
    assert_eq!(log.head().await.expect("the log has an end"), last.position);
}

#[doc(hidden)]
pub async fn pages_join_up(log: Log) {
    let stream = new_stream();
    for expected in 0..10 {
        let appended = append(&log, one(&stream, expected)).await;
        reached(&log, appended.position).await;
    }
    let whole = read_all(&log, Position::START, 100).await;
    assert_eq!(whole.len(), 10);
    for limit in [1, 3, 10] {
        assert_eq!(read_all(&log, Position::START, limit).await, whole, "{limit} at a time");
    }
    assert_eq!(read_all(&log, whole[3].0, 100).await, whole[4..]);

    let end = log.head().await.expect("the log has an end");
    let page = log.read(end, 10).await.expect("the log can be read");
    assert!(page.events.is_empty());
    assert_eq!(page.cursor, end);
}

#[doc(hidden)]
pub async fn followers_are_woken(log: Log) {
    let mut wakeups = log.wakeups();
    wakeups.mark_unchanged();
    append(&log, one(&new_stream(), 0)).await;
    timeout(Duration::from_secs(5), wakeups.changed())
        .await
        .expect("a follower is woken soon after an append")
        .expect("the log is still open");
}
