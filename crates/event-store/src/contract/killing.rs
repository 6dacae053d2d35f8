//! A process that is killed in the middle of writing: what it was told is done stays done, and nothing is half done.
//!
//! The writer runs in a process of its own, which [`write_until_killed`] is; the one that kills it reads what it says
//! and calls [`nothing_is_lost_or_half_done`] afterwards.

use super::{Log, new_stream, several};
use crate::log::{Claim, StreamId};
use futures::future::join_all;
use std::io::Write;
use uuid::Uuid;

/// Writers of the process that is killed. Several, so that there are batches to break.
const WRITERS: usize = 8;

/// Events of each append.
const EVENTS: u64 = 3;

/// Writes, and says so a line an append once it is acknowledged: `done STREAM VERSION`.
#[doc(hidden)]
pub async fn write_until_killed(log: Log) {
    join_all((0..WRITERS).map(|_| write(log.clone()))).await;
}

async fn write(log: Log) {
    let stream = new_stream();
    let mut expected = 0;
    loop {
        let mut append = several(&stream, expected, EVENTS);
        append.dedup = Some(dedup(&stream, expected));
        if expected % 2 == 0 {
            append.claims = vec![claim(&stream, expected)];
        }
        expected = log.append(append).await.expect("nothing speaks against this append").version;
        writeln!(std::io::stdout(), "done {} {expected}", stream.id).expect("the parent listens");
    }
}

fn claim(stream: &StreamId, expected: u64) -> Claim {
    Claim::Unique { scope: "append".to_owned(), key: format!("{} {expected}", stream.id) }
}

fn dedup(stream: &StreamId, expected: u64) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{} {expected}", stream.id).as_bytes())
}

/// Reads a line of the writer: the stream and its version.
#[doc(hidden)]
#[must_use]
pub fn acknowledged(line: &str) -> Option<(StreamId, u64)> {
    // The test harness may write its own beginning of the line before ours.
    let (_, said) = line.split_once("done ")?;
    let (stream, version) = said.split_once(' ')?;
    Some((StreamId::new("thing", stream), version.parse().ok()?))
}

/// Everything acknowledged is there, and each append as a whole: its events, its claim and its dedup key.
#[doc(hidden)]
pub async fn nothing_is_lost_or_half_done(log: Log, acknowledged: &[(StreamId, u64)]) {
    for (stream, version) in acknowledged {
        let loaded = log.load(stream, false).await.expect("a stream can be loaded");
        let count = loaded.events.len() as u64;
        assert!(count >= *version, "{stream} was acknowledged up to {version} and has {count}");
        assert_eq!(count % EVENTS, 0, "{stream} has half an append: {count} events");
        for expected in (0..count).step_by(EVENTS as usize) {
            let done = log.done(dedup(stream, expected)).await.expect("it can be looked up");
            let last = &loaded.events[(expected + EVENTS - 1) as usize];
            assert_eq!(done, Some(last.position), "{stream} {expected}");
        }
        // The append that was not made has left nothing either: its name is free, and the writer can go on.
        assert_eq!(log.done(dedup(stream, count)).await.expect("it can be looked up"), None);
        let mut next = several(&new_stream(), 0, 1);
        next.claims = vec![claim(stream, count)];
        log.append(next).await.expect("the name of an append that was not made is free");
        log.append(several(stream, count, EVENTS)).await.expect("the stream can go on");
    }
}
