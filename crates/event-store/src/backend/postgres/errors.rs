//! What PostgreSQL's errors mean for an append.

use sqlx::postgres::PgDatabaseError;

/// What an error of an append says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The version is taken, or the one before it is missing.
    Version,
    /// A name is held by somebody.
    Claim,
    /// No place was free.
    Full,
    /// The dedup key was used.
    Done,
    /// The partition is missing.
    Bucket,
    /// The transaction lost to another one and may simply be repeated.
    Again,
    /// Whether it happened is unknown.
    Unknown,
    /// It did not happen, and repeating it does not help.
    Refused,
}

/// A unique violation names the constraint of the partition, never that of the whole table.
pub(super) fn meaning(error: &sqlx::Error) -> Meaning {
    let Some(error) = error.as_database_error() else { return Meaning::Unknown };
    let error = error.downcast_ref::<PgDatabaseError>();
    let constraint = error.constraint().unwrap_or_default();
    match (error.code(), error.table().unwrap_or_default()) {
        ("23505", _) if constraint.starts_with("es_events_") && constraint.ends_with("_pkey") => {
            Meaning::Version
        }
        ("23505", "es_claims") => Meaning::Claim,
        ("23505", "es_dedup") => Meaning::Done,
        ("23502", "es_claims") => Meaning::Full,
        ("23502", table) if table.starts_with("es_events") && error.column() == Some("version") => {
            Meaning::Version
        }
        ("23514", "es_events") if constraint.is_empty() => Meaning::Bucket,
        ("40001" | "40P01", _) => Meaning::Again,
        // 08: the connection; 57P: the server is going down or has cut us off; 53: it is out of something.
        (code, _) if code.starts_with("08") || code.starts_with("57P") || code.starts_with("53") => {
            Meaning::Unknown
        }
        (_, _) => Meaning::Refused,
    }
}
