-- How much of its story each card shows that the bot comes back to: one that is drawn from less, by somebody who has read
-- the log a moment earlier, is not shown over it.
CREATE TABLE bot_shown (
    chat     INTEGER NOT NULL,
    slot     TEXT    NOT NULL,
    version  INTEGER NOT NULL,
    shown_at TEXT    NOT NULL,
    PRIMARY KEY (chat, slot)
);
