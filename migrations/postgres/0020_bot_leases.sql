-- Which bot process lives, and which of them polls. A lease that is not renewed until `until` is free for another.
CREATE TABLE bot_leases (
    name  TEXT        NOT NULL PRIMARY KEY,
    owner TEXT        NOT NULL,
    -- Grows each time that the lease changes hands.
    epoch BIGINT      NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
