-- Who tried to take which account away by its password, so that several processes count together. Kept for a day.
CREATE TABLE take_away_tries (
    try     TEXT    NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL,
    account INTEGER NOT NULL,
    -- A password is typed letter by letter and each pause is a query. A text that only goes on from the last one is
    -- the same try; length and keyed fingerprint of the last one tell.
    length  INTEGER NOT NULL,
    print   TEXT    NOT NULL,
    at      TEXT    NOT NULL
);
CREATE INDEX take_away_tries_by_account ON take_away_tries (account, at);
