//! The events that the measurements write: what a provider's refusal of a registration looks like, about 180 bytes.

use chrono::{DateTime, Utc};
use domain::ids::{Revision, UserId};
use domain::log::Context;
use domain::sip_account::{Event, SipAccount};
use event_store::codec;
use event_store::log::{Append, Fault, NewEvent, StreamId};
use uuid::Uuid;

/// Events of one stream.
pub(crate) const STREAM: u64 = 10;

/// One event.
///
/// # Errors
///
/// It is no JSON: never.
pub(crate) fn event(code: u16) -> Result<NewEvent, Fault> {
    let event = Event::RegistrationFailed { revision: Revision(1), code, reason: "x".repeat(120) };
    codec::encode::<SipAccount>(&event, Uuid::now_v7())
}

/// The append of one writer's nth event: ten to a stream.
///
/// # Errors
///
/// As [`event`].
pub(crate) fn append(run: &str, writer: usize, n: u64, at: DateTime<Utc>) -> Result<Append, Fault> {
    let stream = StreamId::new("sip_account", format!("{run}-{writer}-{}", n / STREAM));
    Ok(Append::new(stream, n % STREAM, vec![event(503)?], Context::person(UserId(1), at)))
}

/// What stands beside each event of a filled log.
pub(crate) const META: &str = r#"{"by":{"person":1},"at":"2026-01-01T00:00:00Z"}"#;

/// The payload of the first event of a filled stream.
pub(crate) const CREATED: &str = r#"{"type":"AccountCreated","owner":1,"origin":"menu","settings":{}}"#;

/// The payload of every other one.
pub(crate) fn failed() -> String {
    format!(r#"{{"type":"RegistrationFailed","revision":1,"code":503,"reason":"{}"}}"#, "x".repeat(120))
}

/// Fills an empty log in PostgreSQL with so many streams of ten events: an account that came into being and could not
/// register nine times.
pub(crate) fn fill_postgres(streams: u64) -> String {
    format!(
        "INSERT INTO es_events
            (stream_type, stream_id, version, event_id, event_type, event_version, payload, meta)
         SELECT 'sip_account', (100000000 + (n - 1) / {STREAM})::text, (n - 1) % {STREAM} + 1, gen_random_uuid(),
            CASE WHEN n % {STREAM} = 1 THEN 'AccountCreated' ELSE 'RegistrationFailed' END, 1,
            CASE WHEN n % {STREAM} = 1 THEN '{CREATED}' ELSE '{failed}' END::json, '{META}'::json
         FROM generate_series(1, {streams} * {STREAM}) n",
        failed = failed(),
    )
}

/// The same for SQLite.
pub(crate) fn fill_sqlite(streams: u64) -> String {
    format!(
        "INSERT INTO es_events
            (stream_type, stream_id, version, event_id, event_type, event_version, payload, meta)
         WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {streams} * {STREAM})
         SELECT 'sip_account', CAST(100000000 + (n - 1) / {STREAM} AS TEXT), (n - 1) % {STREAM} + 1, randomblob(16),
            CASE WHEN n % {STREAM} = 1 THEN 'AccountCreated' ELSE 'RegistrationFailed' END, 1,
            CASE WHEN n % {STREAM} = 1 THEN '{CREATED}' ELSE '{failed}' END, '{META}'
         FROM numbers",
        failed = failed(),
    )
}
