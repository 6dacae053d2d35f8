//! What every backend promises, as code that runs against each of them.
//!
//! A check is a function that panics where a promise is broken. It gets an empty log; [`contract!`](crate::contract)
//! makes one test of each.

pub mod appending;
pub mod claims;
pub mod killing;
pub mod races;
pub mod reading;
mod test_database;

pub use test_database::TestDatabase;

use crate::log::{Append, AppendError, Appended, EventLog, NewEvent, StreamId};
use chrono::{DateTime, Utc};
use domain::ids::UserId;
use domain::log::{Context, Position};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// A log as the checks get it.
pub type Log = Arc<dyn EventLog>;

/// Makes one test of each check. The argument is an `async fn(check)` that hands the check an empty log and cleans up.
#[macro_export]
macro_rules! contract {
    ($with_log:path) => {
        $crate::contract! { $with_log;
            appending::an_append_is_loaded_back,
            appending::the_text_of_a_payload_comes_back_as_it_was,
            appending::an_append_needs_the_last_version,
            appending::an_append_without_events_is_refused,
            appending::what_is_not_json_is_refused,
            appending::a_repeat_is_answered_with_where_the_first_ended,
            appending::a_snapshot_is_loaded_with_what_follows_it,
            appending::an_older_snapshot_never_replaces_a_newer_one,
            appending::a_refused_append_leaves_nothing_behind,
            claims::a_name_has_one_holder_until_it_is_given_up,
            claims::claiming_again_what_one_holds_changes_nothing,
            claims::one_of_many_racers_gets_a_name,
            claims::as_many_racers_as_there_are_places_get_one,
            claims::a_place_given_up_is_free_again,
            claims::giving_up_what_another_holds_changes_nothing,
            claims::a_scope_given_up_and_claimed_at_once_is_refused,
            reading::an_empty_log_is_at_its_start,
            reading::the_log_has_one_order,
            reading::pages_join_up,
            reading::followers_are_woken,
            races::a_refused_append_fails_alone,
            races::writers_of_one_stream_lose_nothing,
            races::a_reader_never_misses_an_event,
        }
    };
    ($with_log:path; $($module:ident::$check:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $check() {
            $with_log($crate::contract::$module::$check).await;
        }
    )+};
}

/// The moment of every append in the suite.
fn noon() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + chrono::TimeDelta::microseconds(1_767_268_800_123_456)
}

/// A stream that nobody has written to.
fn new_stream() -> StreamId {
    StreamId::new("thing", Uuid::now_v7().to_string())
}

/// A name that nobody has claimed.
fn new_name() -> String {
    Uuid::now_v7().to_string()
}

fn event(payload: impl Into<String>) -> NewEvent {
    NewEvent { id: Uuid::now_v7(), event_type: "Happened".to_owned(), schema: 1, payload: payload.into() }
}

/// One event for a stream.
fn one(stream: &StreamId, expected: u64) -> Append {
    several(stream, expected, 1)
}

fn several(stream: &StreamId, expected: u64, count: u64) -> Append {
    let events = (1..=count).map(|n| event(format!(r#"{{"n":{}}}"#, expected + n))).collect();
    Append::new(stream.clone(), expected, events, Context::person(UserId(7), noon()))
}

async fn append(log: &Log, append: Append) -> Appended {
    log.append(append).await.expect("nothing speaks against this append")
}

/// Why an append was refused.
async fn refusal(log: &Log, append: Append) -> AppendError {
    log.append(append).await.expect_err("this append must be refused")
}

/// The version of a stream.
async fn version(log: &Log, stream: &StreamId) -> u64 {
    let loaded = log.load(stream, false).await.expect("a stream can be loaded");
    loaded.events.last().map_or(0, |event| event.version)
}

/// Waits until the log can be read up to here. PostgreSQL holds events back while an older transaction is open anywhere
/// in its cluster, and other tests have theirs.
#[doc(hidden)]
pub async fn reached(log: &Log, position: Position) {
    let mut wakeups = log.wakeups();
    let readable = async {
        while log.head().await.expect("the log has an end") < position {
            // Woken or not, it looks again soon.
            let _ = timeout(Duration::from_millis(20), wakeups.changed()).await;
        }
    };
    timeout(Duration::from_secs(60), readable)
        .await
        .expect("an event can be read soon after it was appended");
}

/// Every event from here on, read page by page.
async fn read_all(log: &Log, after: Position, limit: u32) -> Vec<(Position, String, u64)> {
    let mut cursor = after;
    let mut events = Vec::new();
    loop {
        let page = log.read(cursor, limit).await.expect("the log can be read");
        if page.events.is_empty() {
            return events;
        }
        cursor = page.cursor;
        events.extend(page.events.into_iter().map(|event| (event.position, event.stream, event.version)));
    }
}
