//! The statements of the spool. Its file is SQLite's whatever the database is.

use crate::db::{Insert, statements};

pub(crate) const SPOOLED: Insert = Insert {
    table: "spooled",
    columns: &["kind", "process", "id", "payload", "refused"],
    conflict: "",
};

/// Rows that had a place in another file.
pub(crate) const RESTORED: Insert = Insert {
    table: "spooled",
    columns: &["seq", "kind", "process", "id", "payload", "refused"],
    // A damaged file may have two for one place.
    conflict: "ON CONFLICT (seq) DO NOTHING",
};

statements! {
    /// Rows have the order in which they came. Those of a kind: 0 begun, 1 ended, 2 amended.
    TABLE = "CREATE TABLE IF NOT EXISTS spooled (seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, \
        kind INTEGER NOT NULL, process BLOB, id BLOB NOT NULL, payload BLOB NOT NULL, \
        refused INTEGER NOT NULL) STRICT";
    /// What this version does not refuse, an earlier one may have.
    RETRY = "UPDATE spooled SET refused = 0 WHERE refused <> 0";
    COUNT = "SELECT COUNT(*), COALESCE(SUM(LENGTH(payload)), 0), COALESCE(SUM(refused), 0) \
        FROM spooled";
    SIZES = "SELECT seq, LENGTH(payload) FROM spooled WHERE refused = 0 ORDER BY seq LIMIT $1";
    NEXT = "SELECT seq, kind, process, id, payload FROM spooled WHERE refused = 0 AND seq <= $1 \
        ORDER BY seq";
    /// The last place that was ever taken.
    LAST = "SELECT seq FROM sqlite_sequence WHERE name = 'spooled'";
    UP_TO = "SELECT seq, kind, process, id, payload FROM spooled WHERE seq <= $1 \
        ORDER BY seq DESC LIMIT 1";
    SHIPPING = "SELECT COUNT(*), COALESCE(SUM(LENGTH(payload)), 0) FROM spooled \
        WHERE refused = 0 AND seq <= $1";
    SHIPPED = "DELETE FROM spooled WHERE refused = 0 AND seq <= $1";
    REFUSED = "UPDATE spooled SET refused = 1 WHERE seq = $1";
}
