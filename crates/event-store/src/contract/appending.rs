//! Appends, their versions, dedup keys and snapshots.

use super::{Log, append, event, new_name, new_stream, noon, one, refusal, several, version};
use crate::log::{AppendError, Claim, Snapshot};
use domain::ids::UserId;
use domain::log::Context;
use uuid::Uuid;

#[doc(hidden)]
pub async fn an_append_is_loaded_back(log: Log) {
    let stream = new_stream();
    let mut wanted = several(&stream, 0, 2);
    wanted.tenant = 3;
    wanted.cause = Some("update 12".to_owned());
    wanted.events[1].schema = 2;
    let ids: Vec<String> = wanted.events.iter().map(|event| event.id.to_string()).collect();

    let appended = append(&log, wanted).await;
    assert_eq!(appended.version, 2);

    let loaded = log.load(&stream, true).await.expect("a stream can be loaded");
    assert_eq!(loaded.snapshot, None);
    let [first, second] = loaded.events.as_slice() else { panic!("two events, not {:?}", loaded.events) };
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(second.position, appended.position);
    assert!(first.position < second.position);
    assert_eq!([&first.id, &second.id], [&ids[0], &ids[1]]);
    assert_eq!((second.category.as_str(), &second.stream), ("thing", &stream.id));
    assert_eq!(second.tenant, 3);
    assert_eq!(second.context, Context::person(UserId(7), noon()));
    assert_eq!(second.cause.as_deref(), Some("update 12"));
    assert_eq!((second.event.event_type.as_str(), second.event.schema), ("Happened", 2));
    assert_eq!(second.event.payload, r#"{"n":2}"#);
}

#[doc(hidden)]
pub async fn the_text_of_a_payload_comes_back_as_it_was(log: Log) {
    let stream = new_stream();
    let texts = [
        r#"{"b":1,"a":2,"b":3}"#,
        r#"{"space": 1.0, "big": 18446744073709551615}"#,
        r#"{"zero":"\u0000","emoji":"☎️","quote":"'\"$1"}"#,
    ];
    let mut wanted = one(&stream, 0);
    wanted.events = texts.into_iter().map(event).collect();
    append(&log, wanted).await;

    let loaded = log.load(&stream, false).await.expect("a stream can be loaded");
    let payloads: Vec<_> = loaded.events.iter().map(|event| event.event.payload.as_str()).collect();
    assert_eq!(payloads, texts);
}

#[doc(hidden)]
pub async fn an_append_needs_the_last_version(log: Log) {
    let stream = new_stream();
    assert!(matches!(refusal(&log, one(&stream, 1)).await, AppendError::Conflict));
    append(&log, several(&stream, 0, 2)).await;
    for wrong in [0, 1, 3, 100] {
        assert!(matches!(refusal(&log, one(&stream, wrong)).await, AppendError::Conflict), "version {wrong}");
    }
    append(&log, one(&stream, 2)).await;
    assert_eq!(version(&log, &stream).await, 3);
}

#[doc(hidden)]
pub async fn an_append_without_events_is_refused(log: Log) {
    assert!(matches!(refusal(&log, several(&new_stream(), 0, 0)).await, AppendError::Fault(_)));
}

#[doc(hidden)]
pub async fn what_is_not_json_is_refused(log: Log) {
    let stream = new_stream();
    let mut wanted = several(&stream, 0, 2);
    wanted.events[1].payload = "{".to_owned();
    assert!(matches!(refusal(&log, wanted).await, AppendError::Fault(_)));
    assert_eq!(version(&log, &stream).await, 0);
}

#[doc(hidden)]
pub async fn a_repeat_is_answered_with_where_the_first_ended(log: Log) {
    let stream = new_stream();
    let key = Uuid::now_v7();
    let mut wanted = several(&stream, 0, 2);
    wanted.dedup = Some(key);
    assert_eq!(log.done(key).await.expect("it can be looked up"), None);

    let appended = append(&log, wanted.clone()).await;
    assert_eq!(log.done(key).await.expect("it can be looked up"), Some(appended.position));

    // As it was, decided anew on the newest version, and for another stream.
    let mut decided_anew = one(&stream, 2);
    decided_anew.dedup = Some(key);
    let mut elsewhere = one(&new_stream(), 0);
    elsewhere.dedup = Some(key);
    for repeat in [wanted, decided_anew, elsewhere] {
        let refused = refusal(&log, repeat).await;
        let AppendError::Duplicate { first } = refused else {
            panic!("a repeat is a duplicate, not {refused:?}")
        };
        assert_eq!(first, appended.position);
    }
    assert_eq!(version(&log, &stream).await, 2);
}

#[doc(hidden)]
pub async fn a_snapshot_is_loaded_with_what_follows_it(log: Log) {
    let stream = new_stream();
    let snapshot = Snapshot { version: 2, schema: 4, state: r#"{"n":2}"#.to_owned() };
    let mut wanted = several(&stream, 0, 2);
    wanted.snapshot = Some(snapshot.clone());
    append(&log, wanted).await;
    append(&log, one(&stream, 2)).await;

    let loaded = log.load(&stream, true).await.expect("a stream can be loaded");
    assert_eq!(loaded.snapshot, Some(snapshot));
    assert_eq!(loaded.events.iter().map(|event| event.version).collect::<Vec<_>>(), [3]);

    let whole = log.load(&stream, false).await.expect("a stream can be loaded");
    assert_eq!(whole.snapshot, None);
    assert_eq!(whole.events.iter().map(|event| event.version).collect::<Vec<_>>(), [1, 2, 3]);
}

#[doc(hidden)]
pub async fn an_older_snapshot_never_replaces_a_newer_one(log: Log) {
    let stream = new_stream();
    let at = |version: u64| Snapshot { version, schema: 1, state: version.to_string() };
    let mut first = several(&stream, 0, 2);
    first.snapshot = Some(at(2));
    append(&log, first).await;
    let mut second = one(&stream, 2);
    second.snapshot = Some(at(3));
    append(&log, second).await;
    let mut wrong = one(&stream, 3);
    wrong.snapshot = Some(at(1));
    assert!(matches!(refusal(&log, wrong).await, AppendError::Fault(_)));

    let loaded = log.load(&stream, true).await.expect("a stream can be loaded");
    assert_eq!(loaded.snapshot, Some(at(3)));
}

#[doc(hidden)]
pub async fn a_refused_append_leaves_nothing_behind(log: Log) {
    let (holder, stream, other) = (new_stream(), new_stream(), new_stream());
    let claim = |key: &str| Claim::Unique { scope: "name".to_owned(), key: key.to_owned() };
    let (taken, free) = (new_name(), new_name());
    let mut first = one(&holder, 0);
    first.claims = vec![claim(&taken)];
    append(&log, first).await;

    let key = Uuid::now_v7();
    let mut refused = one(&stream, 0);
    refused.claims = vec![claim(&free), claim(&taken)];
    refused.dedup = Some(key);
    refused.snapshot = Some(Snapshot { version: 1, schema: 1, state: "{}".to_owned() });
    let refused = refusal(&log, refused).await;
    let AppendError::Taken { scope, key: name } = refused else {
        panic!("the name is taken, not {refused:?}")
    };
    assert_eq!((scope.as_str(), name), ("name", taken));

    let loaded = log.load(&stream, true).await.expect("a stream can be loaded");
    assert!(loaded.snapshot.is_none() && loaded.events.is_empty(), "{loaded:?}");
    assert_eq!(log.done(key).await.expect("it can be looked up"), None);
    let mut second = one(&other, 0);
    second.claims = vec![claim(&free)];
    append(&log, second).await;
}
