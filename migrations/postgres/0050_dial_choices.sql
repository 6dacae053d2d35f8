-- Numbers that wait until their person has chosen a line, or one number of several.
CREATE TABLE dial_choices (
    person     BIGINT      NOT NULL,
    -- The number of the update that brought them.
    choice     BIGINT      NOT NULL,
    -- Sealed under the person's key.
    numbers    TEXT        NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (person, choice)
);
CREATE INDEX dial_choices_by_expiry ON dial_choices (expires_at);
