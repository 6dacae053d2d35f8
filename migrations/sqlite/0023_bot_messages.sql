-- The messages of the bot that it comes back to: the live menu, the prompt it waits on.
CREATE TABLE bot_messages (
    chat       INTEGER NOT NULL,
    slot       TEXT    NOT NULL,
    message_id INTEGER NOT NULL,
    sent_at    TEXT    NOT NULL,
    PRIMARY KEY (chat, slot)
);
