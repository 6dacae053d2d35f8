-- Cards of calls that service accounts have sent into chats and that the bot has not been told of yet. Whoever works the
-- account takes such a card away after a while: nobody would ever bring it up to date. The bot deletes the row when it is
-- told.
CREATE TABLE telegram_cards (
    call       TEXT NOT NULL PRIMARY KEY,
    account_id INTEGER NOT NULL,
    -- Its number among the account's messages; none while it is on its way.
    message    INTEGER,
    sent_at    TEXT NOT NULL
);
CREATE INDEX telegram_cards_by_age ON telegram_cards (sent_at);
