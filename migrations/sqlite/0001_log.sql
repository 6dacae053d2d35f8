-- The log, and what stands beside it in every append: claims, dedup keys, snapshots. And the keys of sealed values.
-- One writer commits in the order of positions, so a reader never meets a gap that is filled later.

CREATE TABLE es_events (
  position      INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant        INTEGER NOT NULL DEFAULT 0,
  stream_type   TEXT    NOT NULL,
  stream_id     TEXT    NOT NULL,
  version       INTEGER NOT NULL CHECK (version > 0),
  event_id      BLOB    NOT NULL CHECK (length(event_id) = 16),
  event_type    TEXT    NOT NULL,
  event_version INTEGER NOT NULL,
  payload       TEXT    NOT NULL CHECK (json_valid(payload)),
  meta          TEXT    NOT NULL CHECK (json_valid(meta)),
  recorded_at   INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)), -- microseconds
  UNIQUE (stream_type, stream_id, version)
) STRICT;

CREATE TRIGGER es_events_no_update BEFORE UPDATE ON es_events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TRIGGER es_events_no_delete BEFORE DELETE ON es_events
BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

CREATE TABLE es_snapshots (
  stream_type TEXT    NOT NULL,
  stream_id   TEXT    NOT NULL,
  version     INTEGER NOT NULL,
  schema      INTEGER NOT NULL,
  state       TEXT    NOT NULL,
  PRIMARY KEY (stream_type, stream_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE es_claims (
  scope       TEXT NOT NULL,
  key         TEXT NOT NULL, -- of a place: its number, from 1
  stream_type TEXT NOT NULL,
  stream_id   TEXT NOT NULL,
  PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX es_claims_holder ON es_claims (stream_type, stream_id);

CREATE TABLE es_dedup (
  key      BLOB    NOT NULL PRIMARY KEY,
  tx       INTEGER NOT NULL,
  position INTEGER NOT NULL,
  at       TEXT    NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
) STRICT, WITHOUT ROWID;

CREATE INDEX es_dedup_at ON es_dedup (at);

CREATE TABLE es_keys (
  subject     TEXT    NOT NULL,
  gen         INTEGER NOT NULL,
  wrapped     BLOB, -- NULL once it is shredded
  kek_id      TEXT    NOT NULL,
  created_at  TEXT    NOT NULL,
  shredded_at TEXT,
  PRIMARY KEY (subject, gen)
) STRICT, WITHOUT ROWID;
