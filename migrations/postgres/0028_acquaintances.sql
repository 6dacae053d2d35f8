-- What the bot knows about a person from the person's own updates: the language of the app, and whether they ever
-- opened the chat with the bot.
CREATE TABLE acquaintances (
    user_id       BIGINT  NOT NULL PRIMARY KEY,
    app_language  TEXT    NOT NULL,
    opened        BOOLEAN NOT NULL
);
