-- The last word of each call that both sides have answered: should its process die, another one hangs up. It names both
-- sides, so it is sealed.
CREATE TABLE media_farewells (
    process  TEXT NOT NULL,
    call     BIGINT NOT NULL,
    account  BIGINT NOT NULL,
    farewell TEXT NOT NULL,
    PRIMARY KEY (process, call)
);
