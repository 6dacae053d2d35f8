-- What the bot waits for from a person: a value in a message, or somebody out of Telegram's own picker.
CREATE TABLE pending_input (
    user_id    INTEGER NOT NULL,
    -- Made of the update that asked; also the number of the picker's request.
    request    INTEGER NOT NULL,
    awaited    TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    -- The update that answered or ended it. The same update, delivered again, still finds it.
    answered_by INTEGER,
    PRIMARY KEY (user_id, request)
);
CREATE INDEX pending_input_by_expiry ON pending_input (expires_at);
