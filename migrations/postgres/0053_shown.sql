-- How much of its story each card shows that the bot comes back to: one that is drawn from less, by somebody who has read
-- the log a moment earlier, is not shown over it.
CREATE TABLE bot_shown (
    chat     BIGINT      NOT NULL,
    slot     TEXT        NOT NULL,
    version  BIGINT      NOT NULL,
    shown_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat, slot)
);
