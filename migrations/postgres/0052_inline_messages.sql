-- Inline messages that the bot comes back to: the cards of calls that a service account has sent into its chat with a
-- person. While there is one under a name, it takes the place of the message in bot_messages under the same name.
CREATE TABLE bot_inline_messages (
    chat           BIGINT      NOT NULL,
    slot           TEXT        NOT NULL,
    inline_message TEXT        NOT NULL,
    sent_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (chat, slot)
);
