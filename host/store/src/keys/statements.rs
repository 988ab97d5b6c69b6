//! The statements about callers' keys.

use crate::db::statements;

statements! {
    ADD = "INSERT INTO caller_key (id, caller, name, hash, terms, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    COUNT = "SELECT COUNT(*) FROM caller_key";
    ALL_KEYS = "SELECT id, caller, name, hash, terms, created_at, expires_at, revoked_at \
        FROM caller_key ORDER BY created_at, id";
    /// Only makes its time shorter.
    EXPIRE = "UPDATE caller_key SET expires_at = $2 WHERE id = $1 AND revoked_at IS NULL \
        AND (expires_at IS NULL OR expires_at > $2)";
    REVOKE = "UPDATE caller_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    LIVES = "SELECT COUNT(*) FROM caller_key WHERE id = $1 AND revoked_at IS NULL \
        AND (expires_at IS NULL OR expires_at > $2)";
    CHANGED = "UPDATE counter SET value = value + 1 WHERE name = 'keys'";
    CHANGES = "SELECT value FROM counter WHERE name = 'keys'";
}
