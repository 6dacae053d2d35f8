-- The messages of the bot that it comes back to: the live menu, the prompt it waits on.
CREATE TABLE bot_messages (
    chat       BIGINT      NOT NULL,
    slot       TEXT        NOT NULL,
    message_id BIGINT      NOT NULL,
    sent_at    TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat, slot)
);
