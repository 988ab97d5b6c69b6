//! The statements about exchanges that are under way.
//!
//! What time it is, the database says: it is the one clock that all its processes share.

use crate::db::{Insert, statements};

/// In the order in which they run.
#[cfg(test)]
pub(crate) const INSERTS: &[&Insert] = &[&BEGUN];

pub(super) const BEGUN: Insert = Insert {
    table: "journal",
    columns: &[
        "id",
        "process",
        "received_at",
        "caller",
        "session",
        "payload",
    ],
    conflict: "ON CONFLICT (id) DO UPDATE SET process = excluded.process, \
        payload = excluded.payload",
};

statements! {
    ENDED = "DELETE FROM journal WHERE id IN ({keys})";
    SEEN = "INSERT INTO process (id, seen_at) \
        VALUES ($1, CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER)) \
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at",
        postgres "INSERT INTO process (id, seen_at) \
        VALUES ($1, CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)) \
        ON CONFLICT (id) DO UPDATE SET seen_at = excluded.seen_at";
    UNSEEN = "INSERT INTO process (id, seen_at) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING";
    /// Whether a process has exchanges under way.
    BUSY = "SELECT 1 FROM journal WHERE process = $1 LIMIT 1";
    /// Other processes that were not seen for so many milliseconds.
    DEAD = "SELECT id FROM process WHERE id <> $1 \
        AND seen_at < CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) - $2 ORDER BY id",
        postgres "SELECT id FROM process WHERE id <> $1 \
        AND seen_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - $2 \
        ORDER BY id";
    /// What a process has under way, page by page, with the size of each.
    LEFT = "SELECT id, LENGTH(payload) FROM journal WHERE process = $1 AND id > $2 \
        ORDER BY id LIMIT $3";
    PAYLOADS = "SELECT payload FROM journal WHERE id IN ({keys})";
    /// Which of these exchanges are under way in a process that is dead, or in this one, which knows better.
    STILL_LEFT = "SELECT j.id FROM journal j JOIN process p ON p.id = j.process WHERE (p.id = $1 \
        OR p.seen_at < CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) - $2) \
        AND j.id IN ({keys})",
        postgres "SELECT j.id FROM journal j JOIN process p ON p.id = j.process WHERE (p.id = $1 \
        OR p.seen_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - $2) \
        AND j.id IN ({keys})";
    /// Forgets a process that has nothing under way and is dead.
    BURY = "DELETE FROM process WHERE id = $1 \
        AND seen_at < CAST(unixepoch('now', 'subsec') * 1000 AS INTEGER) - $2 \
        AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.process = process.id)",
        postgres "DELETE FROM process WHERE id = $1 \
        AND seen_at < CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) - $2 \
        AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.process = process.id)";
    /// Forgets a process that has nothing under way.
    LEAVE = "DELETE FROM process WHERE id = $1 \
        AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.process = process.id)";

    ERASE_SESSION = "DELETE FROM journal WHERE EXISTS (SELECT 1 FROM session s \
        LEFT JOIN name n ON n.id = s.caller WHERE s.id = $1 AND s.key = journal.session \
        AND n.name IS NOT DISTINCT FROM journal.caller) \
        AND NOT EXISTS (SELECT 1 FROM hold h LEFT JOIN name n ON n.id = h.caller \
        WHERE h.key = journal.session AND n.name IS NOT DISTINCT FROM journal.caller)";
    ERASE_CALLER = "DELETE FROM journal WHERE caller = $1 \
        AND NOT EXISTS (SELECT 1 FROM hold h LEFT JOIN name n ON n.id = h.caller \
        WHERE h.key = journal.session AND n.name IS NOT DISTINCT FROM journal.caller)";
    ERASE_OLD = "DELETE FROM journal WHERE received_at < $1 \
        AND NOT EXISTS (SELECT 1 FROM hold h LEFT JOIN name n ON n.id = h.caller \
        WHERE h.key = journal.session AND n.name IS NOT DISTINCT FROM journal.caller)";
}
