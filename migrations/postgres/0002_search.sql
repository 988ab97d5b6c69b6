-- The words of each block, by the block's id. It holds words alone and no text.

CREATE TABLE words (
    block BIGINT NOT NULL PRIMARY KEY,
    lexemes TSVECTOR NOT NULL
);
CREATE INDEX words_lexemes ON words USING gin (lexemes);
