-- Which media process lives, and where phones reach it. A process that is not renewed until `until` is gone.
CREATE TABLE media_processes (
    process TEXT        NOT NULL PRIMARY KEY,
    url     TEXT,
    until   TIMESTAMPTZ NOT NULL
);
-- Which media process has which segment of the users. A lease that is not renewed until `until` is free for another.
CREATE TABLE media_segments (
    segment BIGINT      NOT NULL PRIMARY KEY,
    process TEXT,
    url     TEXT,
    -- Grows each time that the lease changes hands or was let go too long.
    epoch   BIGINT      NOT NULL,
    until   TIMESTAMPTZ NOT NULL
);
