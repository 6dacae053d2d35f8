-- Service accounts: Telegram users of the operator that call people. Whoever could read a session would be that user, so
-- it is sealed, as the phone number is.
CREATE TABLE telegram_accounts (
    id       BIGINT NOT NULL PRIMARY KEY,
    user_id  BIGINT NOT NULL UNIQUE,
    username TEXT,
    phone    TEXT NOT NULL,
    session  TEXT NOT NULL,
    -- ready, or signed_out when Telegram has ended the session.
    state    TEXT NOT NULL,
    created  TIMESTAMPTZ NOT NULL
);
-- Which service account has met whom. Without the access hash, which Telegram gives to each account for itself, a person
-- can't be called.
CREATE TABLE telegram_peers (
    user_id     BIGINT NOT NULL,
    account_id  BIGINT NOT NULL,
    access_hash BIGINT NOT NULL,
    met_at      TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (user_id, account_id)
);
