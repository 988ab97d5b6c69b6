//! The statements on the search index, whose tables differ.

use crate::db::statements;

statements! {
    ADD = "INSERT INTO words (rowid, text) VALUES ($1, $2)",
        postgres "INSERT INTO words (block, lexemes) VALUES ($1, CAST($2 AS tsvector))";
}
