//! Every statement the log speaks to SQLite.

/// How each connection is set up. `recursive_triggers` lets the append-only triggers see `INSERT OR REPLACE` too.
pub(super) const SETUP: &str = "
    PRAGMA busy_timeout = 5000;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA cache_size = -16000;
    PRAGMA temp_store = MEMORY;";

/// What only the writer sets: an append that was acknowledged survives a power cut.
pub(super) const DURABLE: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";

pub(super) const VERSION: &str =
    "SELECT coalesce(max(version), 0) FROM es_events WHERE stream_type = ?1 AND stream_id = ?2";

pub(super) const INSERT_EVENT: &str = "INSERT INTO es_events
    (tenant, stream_type, stream_id, version, event_id, event_type, event_version, payload, meta)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

pub(super) const DONE: &str = "SELECT position FROM es_dedup WHERE key = ?1";
pub(super) const INSERT_DONE: &str = "INSERT INTO es_dedup (key, tx, position) VALUES (?1, 0, ?2)";

/// Dedup keys are kept for seven days (the log's port promises as much) and one more.
pub(super) const FORGET_DONE: &str =
    "DELETE FROM es_dedup WHERE at < strftime('%Y-%m-%dT%H:%M:%f', 'now', '-8 days')";

pub(super) const HOLDER: &str = "SELECT stream_type, stream_id FROM es_claims WHERE scope = ?1 AND key = ?2";
pub(super) const HOLDS_PLACE: &str =
    "SELECT EXISTS (SELECT 1 FROM es_claims WHERE stream_type = ?1 AND stream_id = ?2 AND scope = ?3)";
pub(super) const FREE_PLACE: &str = "
    WITH RECURSIVE places(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM places WHERE n < ?2)
    SELECT CAST(n AS TEXT) FROM places
    WHERE n <= ?2 AND NOT EXISTS (SELECT 1 FROM es_claims WHERE scope = ?1 AND key = CAST(n AS TEXT))
    ORDER BY n LIMIT 1";
pub(super) const CLAIM: &str =
    "INSERT INTO es_claims (scope, key, stream_type, stream_id) VALUES (?1, ?2, ?3, ?4)";
pub(super) const RELEASE: &str =
    "DELETE FROM es_claims WHERE stream_type = ?1 AND stream_id = ?2 AND scope = ?3";

pub(super) const PUT_SNAPSHOT: &str = "
    INSERT INTO es_snapshots (stream_type, stream_id, version, schema, state) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (stream_type, stream_id) DO UPDATE
    SET version = excluded.version, schema = excluded.schema, state = excluded.state
    WHERE excluded.version > version";
pub(super) const SNAPSHOT: &str =
    "SELECT version, schema, state FROM es_snapshots WHERE stream_type = ?1 AND stream_id = ?2";

/// In the order that [`super::read`] takes them.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT position, tenant, stream_type, stream_id, version, event_id, meta, event_type, event_version, ",
            "payload FROM es_events ",
            $rest
        )
    };
}

pub(super) const STREAM: &str =
    select_events!("WHERE stream_type = ?1 AND stream_id = ?2 AND version > ?3 ORDER BY version");
pub(super) const PAGE: &str = select_events!("WHERE position > ?1 ORDER BY position LIMIT ?2");
pub(super) const HEAD: &str = "SELECT coalesce(max(position), 0) FROM es_events";
