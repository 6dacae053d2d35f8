//! How fast postgres-es persists, for `cargo xtask bench log`: `persist DATABASE-URL WRITERS MILLISECONDS`.
//!
//! Closed loop: every writer persists one event after another. It prints one JSON object: events and seconds.

use cqrs_es::persist::{PersistedEventRepository as _, SerializedEvent};
use futures::future::try_join_all;
use oracle::database::make_tables;
use oracle::hosted::AnyError;
use oracle::tally::Tally;
use postgres_es::PostgresEventRepository;
use serde_json::json;
use sqlx::postgres::PgPoolOptions;
use std::time::{Duration, Instant};

/// Events in a stream, as in the other measurements.
const STREAM: usize = 10;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [url, writers, milliseconds] = arguments.as_slice() else {
        return Err("persist DATABASE-URL WRITERS MILLISECONDS".into());
    };
    let writers: u32 = writers.parse()?;
    let limit = Duration::from_millis(milliseconds.parse()?);
    let pool = PgPoolOptions::new().min_connections(writers).max_connections(writers).connect(url).await?;
    // There already in every round but the first.
    let _ = make_tables(&pool).await;
    let repository = PostgresEventRepository::new(pool);
    let run = uuid::Uuid::new_v4();

    #[expect(clippy::disallowed_methods, reason = "a measurement looks at the machine's clock")]
    let begun = Instant::now();
    let persisted = try_join_all((0..writers).map(|writer| {
        let repository = &repository;
        async move {
            let mut done = 0;
            while begun.elapsed() < limit {
                let event = event(&format!("{run}-{writer}-{}", done / STREAM), done % STREAM + 1);
                repository.persist::<Tally>(&[event], None).await?;
                done += 1;
            }
            Ok::<_, AnyError>(done)
        }
    }))
    .await?;
    let answer = json!({"events": persisted.iter().sum::<usize>(), "seconds": begun.elapsed().as_secs_f64()});
    println!("{answer}");
    Ok(())
}

/// An event as large as those of the other measurements.
fn event(stream: &str, sequence: usize) -> SerializedEvent {
    let payload =
        json!({"type": "RegistrationFailed", "revision": sequence, "code": 503, "reason": "x".repeat(120)});
    let metadata = json!({"by": "{\"person\":1}", "at": "2026-01-01T00:00:00Z"});
    let (kind, name, version) = ("tally".to_owned(), "RegistrationFailed".to_owned(), "1".to_owned());
    SerializedEvent::new(stream.to_owned(), sequence, kind, name, version, payload, metadata)
}
