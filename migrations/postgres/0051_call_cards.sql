-- The calls that have a card in their person's chat with the bot. The card's message is kept in bot_messages under
-- `call/<call>`.
CREATE TABLE call_cards (
    call      TEXT        NOT NULL PRIMARY KEY,
    person    BIGINT      NOT NULL,
    opened_at TIMESTAMPTZ NOT NULL,
    ended_at  TIMESTAMPTZ
);
CREATE INDEX call_cards_open ON call_cards (person) WHERE ended_at IS NULL;
CREATE INDEX call_cards_by_age ON call_cards (opened_at);
