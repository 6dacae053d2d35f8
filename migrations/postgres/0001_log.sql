-- The log, and what stands beside it in every append: claims, dedup keys, snapshots. And the keys of sealed values.
-- The order of the log is (tx, position), read below the oldest transaction that is still open.

CREATE SEQUENCE es_position;

CREATE TABLE es_events (
  bucket        integer     NOT NULL DEFAULT 0, -- a function of the stream: 0 for long-lived ones, yyyymm for calls
  tx            bigint      NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  position      bigint      NOT NULL DEFAULT nextval('es_position'),
  tenant        bigint      NOT NULL DEFAULT 0,
  stream_type   text        NOT NULL,
  stream_id     text        NOT NULL,
  version       bigint      NOT NULL CHECK (version > 0),
  event_id      uuid        NOT NULL,
  event_type    text        NOT NULL,
  event_version integer     NOT NULL,
  payload       json        NOT NULL, -- json gives back the very text that was written; jsonb would not
  meta          json        NOT NULL,
  recorded_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (bucket, stream_type, stream_id, version)
) PARTITION BY LIST (bucket);

CREATE INDEX es_events_log ON es_events (tx, position);

CREATE FUNCTION es_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('es.maintenance', true) = 'on' THEN
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION es_no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('es.maintenance', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION 'the log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER es_events_append_only BEFORE UPDATE OR DELETE ON es_events
  FOR EACH ROW EXECUTE FUNCTION es_append_only();
CREATE TRIGGER es_events_no_truncate BEFORE TRUNCATE ON es_events
  FOR EACH STATEMENT EXECUTE FUNCTION es_no_truncate();

-- The row trigger reaches partitions by itself; the one for TRUNCATE has to be put on each.
CREATE FUNCTION es_add_bucket(bucket integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('es_add_bucket'));
  IF to_regclass(format('es_events_%s', bucket)) IS NULL THEN
    EXECUTE format('CREATE TABLE es_events_%s PARTITION OF es_events FOR VALUES IN (%s)', bucket, bucket);
    EXECUTE format('CREATE TRIGGER es_events_no_truncate BEFORE TRUNCATE ON es_events_%s
                    FOR EACH STATEMENT EXECUTE FUNCTION es_no_truncate()', bucket);
  END IF;
END $$;

SELECT es_add_bucket(0);

CREATE TABLE es_snapshots (
  stream_type text   NOT NULL,
  stream_id   text   NOT NULL,
  version     bigint NOT NULL,
  schema      bigint NOT NULL,
  state       text   NOT NULL,
  PRIMARY KEY (stream_type, stream_id)
);

CREATE TABLE es_claims (
  scope       text NOT NULL,
  key         text NOT NULL, -- of a place: its number, from 1
  stream_type text NOT NULL,
  stream_id   text NOT NULL,
  PRIMARY KEY (scope, key)
);

CREATE INDEX es_claims_holder ON es_claims (stream_type, stream_id);

CREATE TABLE es_dedup (
  key      uuid        NOT NULL PRIMARY KEY,
  tx       bigint      NOT NULL,
  position bigint      NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX es_dedup_at ON es_dedup (at);

CREATE TABLE es_keys (
  subject     text        NOT NULL,
  gen         bigint      NOT NULL,
  wrapped     bytea, -- NULL once it is shredded
  kek_id      text        NOT NULL,
  created_at  timestamptz NOT NULL,
  shredded_at timestamptz,
  PRIMARY KEY (subject, gen)
);
