//! The statements on the search index, whose tables differ.

use crate::db::{Kind, statements};

/// Adds the words of so many blocks. SQLite takes them one by one in any case: a single statement with several rows would
/// make FTS5 write what it has so far, to be able to undo that statement.
pub(crate) fn add(kind: Kind, blocks: usize) -> String {
    match kind {
        Kind::Sqlite => "INSERT INTO words (rowid, text) VALUES (?, ?);".repeat(blocks),
        Kind::Postgres => {
            let row = |at| format!("(${}, CAST(${} AS tsvector))", at * 2 + 1, at * 2 + 2);
            let rows: Vec<_> = (0..blocks).map(row).collect();
            format!(
                "INSERT INTO words (block, lexemes) VALUES {}",
                rows.join(", ")
            )
        }
    }
}

statements! {
    /// SQLite wants to be told the words that it shall forget.
    REMOVE = "INSERT INTO words (words, rowid, text) VALUES ('delete', $1, $2)",
        postgres "DELETE FROM words WHERE block = $1";
    /// What is removed is overwritten (1) or only marked (0). The change comes after everything before it.
    OVERWRITE = "INSERT INTO words (words, rank) VALUES ('secure-delete', $1)", postgres "SELECT $1";
    CLEAR = "INSERT INTO words (words) VALUES ('delete-all')", postgres "DELETE FROM words";
    BLOCK = "SELECT size, codec, content, kind, role, api, words, text, words_hash FROM block \
        WHERE id = $1";
    NEXT = "SELECT id FROM block WHERE id > $1 AND words <> 0 ORDER BY id LIMIT 64";
    /// Some blocks that have words.
    MATCHES = "SELECT rowid FROM words WHERE words MATCH $1 LIMIT $2",
        postgres "SELECT block FROM words WHERE lexemes @@ CAST($1 AS tsquery) LIMIT $2";
    /// How many of the newest blocks have words. SQLite's index knows positions, so nobody asks it.
    NEWEST = "SELECT COUNT(*) FROM (SELECT rowid FROM words WHERE words MATCH $1 LIMIT $2) few",
        postgres "SELECT COUNT(*) FROM (SELECT lexemes FROM words ORDER BY block DESC LIMIT $2) newest \
        WHERE lexemes @@ CAST($1 AS tsquery)";
    /// Which blocks of a range have words.
    RANGE = "SELECT rowid FROM words WHERE words MATCH $1 AND rowid BETWEEN $2 AND $3",
        postgres "SELECT block FROM words WHERE lexemes @@ CAST($1 AS tsquery) \
        AND block BETWEEN $2 AND $3";
    /// Which of some blocks have words.
    SOME = "SELECT rowid FROM words WHERE words MATCH $1 AND rowid IN ({keys})",
        postgres "SELECT block FROM words WHERE lexemes @@ CAST($1 AS tsquery) AND block IN ({keys})";
    HASH = "UPDATE block SET words_hash = $1 WHERE id = $2";
}
