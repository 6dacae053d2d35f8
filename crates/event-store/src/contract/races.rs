//! Many writers at once, and a reader among them.

use super::{Log, append, new_name, new_stream, one, reached, read_all, several, version};
use crate::log::{AppendError, Appended, Claim, StreamId};
use domain::log::Position;
use futures::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const WRITERS: usize = 16;

#[doc(hidden)]
pub async fn a_refused_append_fails_alone(log: Log) {
    let there = new_stream();
    append(&log, one(&there, 0)).await;
    // Every fourth is refused, and all of them meet in one batch.
    let appends = (0..64).map(|number| match number % 4 {
        0 if number % 8 == 0 => one(&there, 0),
        0 => {
            let mut broken = one(&new_stream(), 0);
            broken.events[0].payload = "not JSON".to_owned();
            broken
        }
        _ => one(&new_stream(), 0),
    });
    let results = join_all(appends.map(|append| log.append(append))).await;
    for (number, result) in results.iter().enumerate() {
        match number % 4 {
            0 if number % 8 == 0 => {
                assert!(matches!(result, Err(AppendError::Conflict)), "{number}: {result:?}")
            }
            0 => assert!(matches!(result, Err(AppendError::Fault(_))), "{number}: {result:?}"),
            _ => assert!(result.is_ok(), "{number}: {result:?}"),
        }
    }
    for appended in results.into_iter().flatten() {
        reached(&log, appended.position).await;
    }
    assert_eq!(read_all(&log, Position::START, 1000).await.len(), 1 + 48);
}

#[doc(hidden)]
pub async fn writers_of_one_stream_lose_nothing(log: Log) {
    const EACH: u64 = 5;
    let stream = new_stream();
    let writer = || async {
        let mut done = 0;
        while done < EACH {
            match log.append(one(&stream, version(&log, &stream).await)).await {
                Ok(_) => done += 1,
                Err(AppendError::Conflict) => (),
                Err(other) => panic!("{other:?}"),
            }
        }
    };
    join_all((0..WRITERS).map(|_| writer())).await;

    let loaded = log.load(&stream, false).await.expect("a stream can be loaded");
    let versions: Vec<_> = loaded.events.iter().map(|event| event.version).collect();
    assert_eq!(versions, (1..=WRITERS as u64 * EACH).collect::<Vec<_>>());
}

#[doc(hidden)]
pub async fn a_reader_never_misses_an_event(log: Log) {
    a_reader_never_misses_an_event_of(vec![log], 40).await;
}

/// The same with several processes' logs over one database, all of them writing. Each writer appends so many times.
#[doc(hidden)]
pub async fn a_reader_never_misses_an_event_of(logs: Vec<Log>, each: u64) {
    let over = CancellationToken::new();
    let tasks = TaskTracker::new();
    let reader = tasks.spawn(follow(logs[0].clone(), over.clone()));
    let written: BTreeMap<_, _> =
        join_all((0..WRITERS).map(|number| tasks.spawn(write(logs[number % logs.len()].clone(), each))))
            .await
            .into_iter()
            .map(|written| written.expect("a writer does not panic"))
            .collect();
    for end in written.values() {
        reached(&logs[0], end.position).await;
    }
    over.cancel();

    let read = reader.await.expect("the reader does not panic");
    assert!(read.is_sorted_by(|one, other| one.0 < other.0), "an event was read out of order or twice");
    let mut seen: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for (_, stream, version) in read {
        seen.entry(stream).or_default().push(version);
    }
    for (stream, end) in written {
        assert_eq!(seen.get(&stream), Some(&(1..=end.version).collect()), "{stream}");
    }
}

/// Appends two events at a time, every other time with a claim, which goes another way in some backends.
async fn write(log: Log, each: u64) -> (String, Appended) {
    let stream: StreamId = new_stream();
    let mut last = Appended { version: 0, position: Position::START };
    for number in 0..each {
        let mut wanted = several(&stream, last.version, 2);
        if number % 2 == 0 {
            wanted.claims = vec![Claim::Unique { scope: "name".to_owned(), key: new_name() }];
        }
        last = append(&log, wanted).await;
    }
    (stream.id, last)
}

/// Reads as fast as it can, so as to be at the very end while others write there, until the writers are done and the end is reached.
async fn follow(log: Log, over: CancellationToken) -> Vec<(Position, String, u64)> {
    let mut events: Vec<(Position, String, u64)> = Vec::new();
    let mut known = BTreeSet::new();
    loop {
        // Asked before reading: what was written before it is over can then be read.
        let last_round = over.is_cancelled();
        let cursor = events.last().map_or(Position::START, |event| event.0);
        let page = read_all(&log, cursor, 1000).await;
        for (position, stream, version) in page {
            assert!(known.insert((stream.clone(), version)), "{stream} {version} was read twice");
            events.push((position, stream, version));
        }
        if last_round {
            return events;
        }
        tokio::task::yield_now().await;
    }
}
