-- The words of each block, by the block's id. It holds words alone and no text.

-- A phrase is looked for in the words of each block that has all of them. So words up to 8 KB stay in their row: from 2 KB on they
-- would lie in pieces in another table, where to find them takes longer than the search in them, and saves no space.
CREATE TABLE words (
    block BIGINT NOT NULL PRIMARY KEY,
    lexemes TSVECTOR NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX words_lexemes ON words USING gin (lexemes);
