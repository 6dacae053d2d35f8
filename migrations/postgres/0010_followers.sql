-- Who follows the log, how far they have come, and what they could not digest.

CREATE TABLE es_processors (
  name         text        NOT NULL,
  generation   bigint      NOT NULL, -- the read model's table is <name>_v<generation>
  shape        bigint      NOT NULL, -- the version of the fold and its columns that this generation is made with
  state        text        NOT NULL CHECK (state IN ('building', 'active')),
  cell         bigint      NOT NULL DEFAULT 0,
  tx           bigint      NOT NULL,
  position     bigint      NOT NULL,
  epoch        bigint      NOT NULL, -- raised with every change of hands; a writer of an older epoch changes nothing
  owner        text,
  leased_until timestamptz,
  updated_at   timestamptz NOT NULL,
  PRIMARY KEY (name, generation)
);

CREATE UNIQUE INDEX es_processors_active ON es_processors (name) WHERE state = 'active';

CREATE TABLE es_parked (
  name       text        NOT NULL,
  generation bigint      NOT NULL,
  cell       bigint      NOT NULL DEFAULT 0,
  tx         bigint      NOT NULL,
  position   bigint      NOT NULL,
  stream     text        NOT NULL, -- category/id
  error      text, -- of the event that failed; NULL for those that wait behind it
  wish       text CHECK (wish IN ('retry', 'skip')),
  parked_at  timestamptz NOT NULL,
  PRIMARY KEY (name, generation, tx, position)
);

CREATE INDEX es_parked_stream ON es_parked (name, generation, stream);
