//! The statements about migrations.

use crate::db::statements;

statements! {
    TABLE = "CREATE TABLE IF NOT EXISTS migration (version INTEGER NOT NULL PRIMARY KEY, \
        name TEXT NOT NULL, checksum BLOB NOT NULL, applied_at INTEGER NOT NULL) STRICT",
        postgres "CREATE TABLE IF NOT EXISTS migration (version BIGINT NOT NULL PRIMARY KEY, \
        name TEXT NOT NULL, checksum BYTEA NOT NULL, applied_at BIGINT NOT NULL)";
    LIST = "SELECT version, checksum, applied_at FROM migration ORDER BY version";
    APPLIED = "INSERT INTO migration (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
    /// A table of ours that no migration is recorded for.
    FOREIGN = "SELECT name FROM sqlite_master WHERE type = 'table' \
        AND name IN ('counter', 'name', 'session', 'exchange') ORDER BY name LIMIT 1",
        postgres "SELECT CAST(table_name AS TEXT) FROM information_schema.tables \
        WHERE table_schema = current_schema() \
        AND table_name IN ('counter', 'name', 'session', 'exchange') ORDER BY 1 LIMIT 1";
}
