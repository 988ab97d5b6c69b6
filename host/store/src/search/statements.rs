//! The statements on the search index, whose tables differ.

use crate::db::statements;

statements! {
    ADD = "INSERT INTO words (rowid, text) VALUES ($1, $2)",
        postgres "INSERT INTO words (block, lexemes) VALUES ($1, CAST($2 AS tsvector))";
    /// SQLite wants to be told the words that it shall forget.
    REMOVE = "INSERT INTO words (words, rowid, text) VALUES ('delete', $1, $2)",
        postgres "DELETE FROM words WHERE block = $1";
    CLEAR = "INSERT INTO words (words) VALUES ('delete-all')", postgres "DELETE FROM words";
    BLOCK = "SELECT size, codec, content, kind, role, api, words, text, words_hash FROM block \
        WHERE id = $1";
    NEXT = "SELECT id FROM block WHERE id > $1 AND words <> 0 ORDER BY id LIMIT 64";
    HASH = "UPDATE block SET words_hash = $1 WHERE id = $2";
}
