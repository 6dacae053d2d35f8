-- What the bot waits for from a person: a value in a message, or somebody out of Telegram's own picker.
CREATE TABLE pending_input (
    user_id    BIGINT  NOT NULL,
    -- Made of the update that asked; also the number of the picker's request.
    request    BIGINT  NOT NULL,
    awaited    TEXT    NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    -- The update that answered or ended it. The same update, delivered again, still finds it.
    answered_by BIGINT,
    PRIMARY KEY (user_id, request)
);
CREATE INDEX pending_input_by_expiry ON pending_input (expires_at);
