-- What the bot has to say, in the order in which it was decided. Sent rows stay nine days without their text, so that
-- nothing is said twice.
CREATE TABLE outbox (
    -- `update:<id>:<n>` or `event:<id>:<n>`
    key         TEXT    NOT NULL PRIMARY KEY,
    -- What keeps its order: one chat, or one inline message.
    lane        TEXT    NOT NULL,
    seq         INTEGER NOT NULL,
    -- 1 answer to a person, 2 notice, 3 broadcast
    priority    INTEGER NOT NULL,
    -- 0 waiting, 1 being sent, 2 sent, 3 dropped
    state       INTEGER NOT NULL,
    owner       TEXT    NOT NULL,
    body        TEXT,
    attempts    INTEGER NOT NULL,
    error       TEXT,
    created_at  TEXT    NOT NULL,
    not_before  TEXT,
    sending_at  TEXT,
    finished_at TEXT
);
CREATE INDEX outbox_open ON outbox (lane, seq) WHERE state < 2;
CREATE INDEX outbox_by_age ON outbox (created_at);
