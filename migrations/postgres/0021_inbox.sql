-- Updates from Telegram, stored before Telegram may forget them. Done rows stay nine days, so that a repeat is known.
CREATE TABLE inbox (
    update_id   BIGINT      NOT NULL PRIMARY KEY,
    person      BIGINT      NOT NULL,
    -- 0 waiting, 1 done, 2 set aside for the operator
    state       BIGINT      NOT NULL,
    -- The update as it came, sealed; it may hold a password. Empty as soon as it is done.
    raw         TEXT,
    error       TEXT,
    received_at TIMESTAMPTZ NOT NULL,
    finished_at TIMESTAMPTZ
);
CREATE INDEX inbox_waiting ON inbox (person, update_id) WHERE state = 0;
CREATE INDEX inbox_by_age ON inbox (received_at);

-- Which process works on a person's updates just now, so that they keep their order.
CREATE TABLE inbox_claims (
    person BIGINT      NOT NULL PRIMARY KEY,
    owner  TEXT        NOT NULL
);
