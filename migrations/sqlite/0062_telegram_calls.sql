-- Calls that are open at Telegram: whoever works an account after its process has died ends them.
CREATE TABLE telegram_calls (
    account_id  INTEGER NOT NULL,
    call_id     INTEGER NOT NULL,
    access_hash INTEGER NOT NULL,
    PRIMARY KEY (account_id, call_id)
);
