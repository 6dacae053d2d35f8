//! The log in KurrentDB: the checks that need neither an empty log nor what it has not.
//! Without `KURRENTDB_URL` these tests say so and do nothing.

use domain::log::Context;
use event_store::backend::kurrentdb::Kurrent;
use event_store::contract::Log;
use event_store::log::{Append, AppendError, Claim, EventLog, NewEvent, StreamId};
use std::sync::Arc;
use uuid::Uuid;

async fn with_log<F: Future<Output = ()>>(check: impl FnOnce(Log) -> F) {
    let Ok(address) = std::env::var("KURRENTDB_URL") else {
        eprintln!("KURRENTDB_URL is not set: not tested on KurrentDB");
        return;
    };
    check(Arc::new(Kurrent::open(&address).unwrap())).await;
}

event_store::contract! { with_log;
    appending::an_append_is_loaded_back,
    appending::the_text_of_a_payload_comes_back_as_it_was,
    appending::an_append_needs_the_last_version,
    appending::an_append_without_events_is_refused,
    appending::what_is_not_json_is_refused,
    reading::followers_are_woken,
    races::writers_of_one_stream_lose_nothing,
}

#[tokio::test]
async fn what_it_has_not_is_refused_in_words() {
    let log = Kurrent::open("kurrentdb://127.0.0.1:1?tls=false").unwrap();
    let event = NewEvent {
        id: Uuid::now_v7(),
        event_type: "Happened".to_owned(),
        schema: 1,
        payload: "{}".to_owned(),
    };
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut append = Append::new(StreamId::new("thing", "a"), 0, vec![event], Context::process(at));
    append.claims = vec![Claim::Unique { scope: "name".to_owned(), key: "a".to_owned() }];
    let refused = log.append(append).await.unwrap_err();
    let AppendError::Fault(fault) = refused else { panic!("it is refused for good, not {refused:?}") };
    assert_eq!(fault.to_string(), "KurrentDB has no claims; use SQLite or PostgreSQL for the log");
}
