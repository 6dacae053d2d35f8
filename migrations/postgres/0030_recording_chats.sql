-- The title of the chat that an account's recordings go to, sealed under the account's key: Telegram tells it once, when
-- the chat is picked.
CREATE TABLE recording_chats (
    account BIGINT  NOT NULL PRIMARY KEY,
    chat    BIGINT  NOT NULL,
    title   TEXT    NOT NULL
);
