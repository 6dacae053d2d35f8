-- Recordings on their way to a chat. What was said is in the chunks, sealed; without its key none of it can be read.
CREATE TABLE blobs (
    id         TEXT    NOT NULL PRIMARY KEY,
    -- Whose key seals it.
    subject    TEXT    NOT NULL,
    media_type TEXT    NOT NULL,
    -- Of the content in clear.
    bytes      INTEGER NOT NULL,
    chunks     INTEGER NOT NULL,
    finished   INTEGER NOT NULL,
    created_at TEXT    NOT NULL
);
CREATE INDEX blobs_by_subject ON blobs (subject);
CREATE INDEX blobs_by_age ON blobs (created_at);
CREATE TABLE blob_chunks (
    blob   TEXT    NOT NULL,
    number INTEGER NOT NULL,
    sealed TEXT    NOT NULL,
    PRIMARY KEY (blob, number)
) WITHOUT ROWID;
