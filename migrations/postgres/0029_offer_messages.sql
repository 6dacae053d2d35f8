-- The inline message that shows an offer, to change it when the offer is taken elsewhere, called back or over.
CREATE TABLE offer_messages (
    token          TEXT NOT NULL PRIMARY KEY,
    inline_message TEXT NOT NULL,
    sent_at        TIMESTAMPTZ NOT NULL
);
