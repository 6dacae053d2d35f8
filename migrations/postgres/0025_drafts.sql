-- What stands behind a result of an inline query, and behind a one-time link, until it is sent, taken or opened.
-- Anything secret is in `sealed`. A row lives minutes; it is no fact and is never an event.
CREATE TABLE drafts (
    token      TEXT        NOT NULL PRIMARY KEY,
    kind       TEXT        NOT NULL,
    by_user    BIGINT      NOT NULL,
    to_user    BIGINT,
    account    BIGINT,
    -- Which of the templates that fit the sealed line; empty where there is no choice.
    choice     TEXT        NOT NULL,
    -- The results of one inline query share it; a person keeps the newest five.
    query      TEXT        NOT NULL,
    sealed     TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX drafts_by_user ON drafts (by_user, created_at);
CREATE INDEX drafts_by_expiry ON drafts (expires_at);
