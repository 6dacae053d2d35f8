//! Every statement the log speaks to PostgreSQL.

use crate::log::Append;
use std::sync::LazyLock;

/// Which parts an append's statement has. Each part costs time even without rows, so each combination is a statement
/// of its own, prepared when it is first needed (reference: event-store 4.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Parts {
    pub(super) dedup: bool,
    pub(super) claims: bool,
    pub(super) places: bool,
    pub(super) releases: bool,
    pub(super) snapshots: bool,
}

impl Parts {
    /// What these appends need between them.
    pub(super) fn of(appends: &[&Append]) -> Self {
        let any = |has: fn(&Append) -> bool| appends.iter().any(|append| has(append));
        Self {
            dedup: any(|append| append.dedup.is_some()),
            claims: any(|append| append.claims.iter().any(|claim| !claim.is_place())),
            places: any(|append| append.claims.iter().any(|claim| claim.is_place())),
            releases: any(|append| !append.releases.is_empty()),
            snapshots: any(|append| append.snapshot.is_some()),
        }
    }

    /// The statement with these parts. Its values are those of [`EVENTS`] and then of each part, in the order of the
    /// fields above.
    pub(super) fn sql(self) -> &'static str {
        static ALL: LazyLock<Vec<String>> =
            LazyLock::new(|| (0..32).map(|number| Parts::numbered(number).write()).collect());
        ALL.get(self.number()).map_or("", String::as_str)
    }

    fn list(self) -> [(bool, &'static str); 5] {
        [
            (self.dedup, DEDUP),
            (self.claims, CLAIMS),
            (self.places, PLACES),
            (self.releases, RELEASES),
            (self.snapshots, SNAPSHOTS),
        ]
    }

    fn number(self) -> usize {
        self.list().iter().enumerate().map(|(bit, (there, _))| usize::from(*there) << bit).sum()
    }

    fn numbered(number: usize) -> Self {
        let bit = |bit: u32| number >> bit & 1 == 1;
        Self { dedup: bit(0), claims: bit(1), places: bit(2), releases: bit(3), snapshots: bit(4) }
    }

    fn write(self) -> String {
        let parts = self.list().into_iter().filter(|(there, _)| *there).map(|(_, sql)| sql);
        let mut numbered = 0;
        let mut sql: String = std::iter::once(EVENTS)
            .chain(parts)
            .map(|part| {
                let part = number(part, numbered);
                numbered += part.matches('$').count();
                part
            })
            .collect();
        sql.push_str(" SELECT event_id, tx, position FROM i");
        sql
    }
}

/// Writes `$1`, `$2`, … for each `?`, going on after those that are there.
fn number(part: &str, after: usize) -> String {
    let mut pieces = part.split('?');
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.zip(after + 1..).fold(first, |sql, (piece, number)| format!("{sql}${number}{piece}"))
}

/// The events. A version that does not follow on one that is there becomes NULL, which the table refuses: only so can
/// one statement both check and insert.
const EVENTS: &str = "WITH i AS (
    INSERT INTO es_events
        (bucket, tenant, stream_type, stream_id, version, event_id, event_type, event_version, payload, meta)
    SELECT u.bucket, u.tenant, u.stream_type, u.stream_id,
        CASE WHEN u.expected = 0 OR EXISTS (
            SELECT 1 FROM es_events e WHERE e.bucket = u.bucket AND e.stream_type = u.stream_type
                AND e.stream_id = u.stream_id AND e.version = u.expected)
        THEN u.version END,
        u.event_id, u.event_type, u.event_version, u.payload::json, u.meta::json
    FROM unnest(?::int[], ?::bigint[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::uuid[], ?::text[], ?::int[],
        ?::text[], ?::text[]) WITH ORDINALITY
        AS u(bucket, tenant, stream_type, stream_id, expected, version, event_id, event_type, event_version, payload,
             meta, n)
    ORDER BY u.n
    RETURNING event_id, tx, position)";

const DEDUP: &str = ", d AS (
    INSERT INTO es_dedup (key, tx, position)
    SELECT u.key, i.tx, i.position FROM unnest(?::uuid[], ?::uuid[]) AS u(key, event_id) JOIN i USING (event_id))";

/// What the stream holds already is left alone.
const CLAIMS: &str = ", c AS (
    INSERT INTO es_claims (scope, key, stream_type, stream_id)
    SELECT u.scope, u.key, u.stream_type, u.stream_id
    FROM unnest(?::text[], ?::text[], ?::text[], ?::text[]) AS u(scope, key, stream_type, stream_id)
    WHERE NOT EXISTS (SELECT 1 FROM es_claims h WHERE h.scope = u.scope AND h.key = u.key
        AND h.stream_type = u.stream_type AND h.stream_id = u.stream_id))";

/// Where no place is free the key is NULL, and the table refuses.
const PLACES: &str = ", p AS (
    INSERT INTO es_claims (scope, key, stream_type, stream_id)
    SELECT u.scope,
        (SELECT n::text FROM generate_series(1, u.places) n
         WHERE NOT EXISTS (SELECT 1 FROM es_claims t WHERE t.scope = u.scope AND t.key = n::text) ORDER BY n LIMIT 1),
        u.stream_type, u.stream_id
    FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[]) AS u(scope, places, stream_type, stream_id)
    WHERE NOT EXISTS (SELECT 1 FROM es_claims h WHERE h.scope = u.scope
        AND h.stream_type = u.stream_type AND h.stream_id = u.stream_id))";

const RELEASES: &str = ", r AS (
    DELETE FROM es_claims c USING unnest(?::text[], ?::text[], ?::text[]) AS u(scope, stream_type, stream_id)
    WHERE c.stream_type = u.stream_type AND c.stream_id = u.stream_id AND c.scope = u.scope)";

const SNAPSHOTS: &str = ", s AS (
    INSERT INTO es_snapshots (stream_type, stream_id, version, schema, state)
    SELECT * FROM unnest(?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[])
    ON CONFLICT (stream_type, stream_id) DO UPDATE
    SET version = excluded.version, schema = excluded.schema, state = excluded.state
    WHERE es_snapshots.version < excluded.version)";

pub(super) const ADD_BUCKET: &str = "SELECT es_add_bucket($1)";

pub(super) const HOLDERS: &str = "SELECT c.scope, c.key, c.stream_type, c.stream_id
    FROM es_claims c JOIN unnest($1::text[], $2::text[]) AS u(scope, key) USING (scope, key)";

pub(super) const HELD: &str = "SELECT count(*) FROM es_claims WHERE scope = $1";

/// Columns in the order that [`super::read`] takes them. `tx` is qualified wherever rows are ordered by it.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT e.tx, e.position, e.tenant, e.stream_type, e.stream_id, e.version, e.event_id, e.meta::text, ",
            "e.event_type, e.event_version, e.payload::text FROM es_events e ",
            $rest
        )
    };
}

pub(super) const STREAM: &str = select_events!(
    "WHERE e.bucket = $1 AND e.stream_type = $2 AND e.stream_id = $3 AND e.version > $4 ORDER BY e.version"
);

/// A snapshot and what follows it, in one round trip. The row of the snapshot comes first and has position 0; its
/// schema is the tenant and its state the payload.
pub(super) const SNAPSHOT_AND_STREAM: &str = concat!(
    "WITH s AS (SELECT * FROM es_snapshots WHERE stream_type = $2 AND stream_id = $3)
     (SELECT 0::bigint, 0::bigint, schema, stream_type, stream_id, version, NULL::uuid, '', '', 0, state FROM s)
     UNION ALL (",
    select_events!(
        "WHERE e.bucket = $1 AND e.stream_type = $2 AND e.stream_id = $3
         AND e.version > coalesce((SELECT version FROM s), 0) ORDER BY e.version"
    ),
    ")"
);

/// Below the oldest open transaction, for an event of a lower position may still be on its way above it
/// (reference: event-store 3.5).
macro_rules! below_horizon {
    () => {
        "e.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    };
}

pub(super) const PAGE: &str = concat!(
    select_events!("WHERE (e.tx, e.position) > ($1, $2) AND "),
    below_horizon!(),
    " ORDER BY e.tx, e.position LIMIT $3"
);

pub(super) const HEAD: &str = concat!(
    "SELECT e.tx, e.position FROM es_events e WHERE ",
    below_horizon!(),
    " ORDER BY e.tx DESC, e.position DESC LIMIT 1"
);

/// As [`HEAD`], also where an older transaction is still open.
pub(super) const NEWEST: &str = "SELECT tx, position FROM es_events ORDER BY tx DESC, position DESC LIMIT 1";

pub(super) const DONE: &str = "SELECT tx, position FROM es_dedup WHERE key = $1";

/// Dedup keys are kept for seven days (the log's port promises as much) and one more.
pub(super) const FORGET_DONE: &str = "DELETE FROM es_dedup WHERE at < clock_timestamp() - interval '8 days'";

/// Whether an event stands in a transaction that this cluster has not come to yet.
pub(super) const IS_FROM_ELSEWHERE: &str = "SELECT EXISTS (SELECT 1 FROM es_events e
    WHERE e.tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint)";

pub(super) const HORIZON: &str = "SELECT extract(epoch FROM clock_timestamp() - xact_start)::float8, pid,
        coalesce(application_name, ''), coalesce(datname, '')
    FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()
    ORDER BY age(backend_xid) DESC LIMIT 1";

pub(super) const NOTIFY: &str = "NOTIFY es_appended";

/// The channel of [`NOTIFY`].
pub(super) const CHANNEL: &str = "es_appended";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_number_their_values_one_after_another() {
        let sql = Parts { dedup: true, releases: true, ..Parts::default() }.sql();
        let numbers = (1..).map(|number| format!("${number}::")).take_while(|number| sql.contains(number));
        assert_eq!(numbers.count(), 11 + 2 + 3);
        assert!(sql.contains(", d AS") && sql.contains(", r AS") && !sql.contains(", c AS"));
    }

    #[test]
    fn each_combination_has_a_statement_of_its_own() {
        let all: std::collections::BTreeSet<_> =
            (0..32).map(|number| Parts::numbered(number).sql()).collect();
        assert_eq!(all.len(), 32);
        for number in 0..32 {
            assert_eq!(Parts::numbered(number).number(), number);
        }
    }
}
