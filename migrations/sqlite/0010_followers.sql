-- Who follows the log, how far they have come, and what they could not digest.

CREATE TABLE es_processors (
  name         TEXT    NOT NULL,
  generation   INTEGER NOT NULL, -- the read model's table is <name>_v<generation>
  shape        INTEGER NOT NULL, -- the version of the fold and its columns that this generation is made with
  state        TEXT    NOT NULL CHECK (state IN ('building', 'active')),
  cell         INTEGER NOT NULL DEFAULT 0,
  tx           INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  epoch        INTEGER NOT NULL, -- raised with every change of hands; a writer of an older epoch changes nothing
  owner        TEXT,
  leased_until TEXT,
  updated_at   TEXT    NOT NULL,
  PRIMARY KEY (name, generation)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX es_processors_active ON es_processors (name) WHERE state = 'active';

CREATE TABLE es_parked (
  name       TEXT    NOT NULL,
  generation INTEGER NOT NULL,
  cell       INTEGER NOT NULL DEFAULT 0,
  tx         INTEGER NOT NULL,
  position   INTEGER NOT NULL,
  stream     TEXT    NOT NULL, -- category/id
  error      TEXT, -- of the event that failed; NULL for those that wait behind it
  wish       TEXT CHECK (wish IN ('retry', 'skip')),
  parked_at  TEXT    NOT NULL,
  PRIMARY KEY (name, generation, tx, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX es_parked_stream ON es_parked (name, generation, stream);
