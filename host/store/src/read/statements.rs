//! The statements that read exchanges.

use crate::db::{Kind, statements};

statements! {
    ATTEMPTS = "SELECT a.number, u.name, a.started_at, a.status, a.usage_raw, a.input, a.output, \
        a.cache_read, a.cache_write_5m, a.cache_write_1h, a.reasoning, a.reply_id, a.reply_model, \
        a.stop_reason, a.error, a.first_byte, a.held, a.total \
        FROM attempt a JOIN name u ON u.id = a.upstream WHERE a.exchange = $1 ORDER BY a.number";
    MESSAGES = "SELECT m.place, m.attempt, m.headers, m.frames, m.encoding, m.body, b.length, \
        b.digest, CASE WHEN b.shell IS NULL THEN 0 ELSE 1 END, b.id \
        FROM message m JOIN body b ON b.id = m.body WHERE m.exchange = $1 \
        ORDER BY m.place, m.attempt";
    VERDICTS = "SELECT p.name, v.revision, v.hook, v.side, v.block_number, v.verdict, v.action, \
        r.name, v.reason, v.detail, v.fuel, v.time, v.block_before, v.block_after, v.pointer, \
        v.outcome, v.emitted FROM verdict v JOIN name p ON p.id = v.policy \
        LEFT JOIN name r ON r.id = v.rule WHERE v.exchange = $1 ORDER BY v.number";
    REPLY = "SELECT number, kind, tool, block FROM reply_block WHERE exchange = $1 ORDER BY number";
    BODY = "SELECT length, digest, shell FROM body WHERE id = $1";
    PARTS = "SELECT head FROM part WHERE body = $1 ORDER BY number";
    /// A chain from its first position to its last, with the size of each block.
    CHAIN = "WITH RECURSIVE chain (parent, block, frame, depth) AS ( \
        SELECT parent, block, frame, 0 FROM node WHERE id = $1 \
        UNION ALL SELECT n.parent, n.block, n.frame, c.depth + 1 \
        FROM chain c JOIN node n ON n.id = c.parent) \
        SELECT c.frame, c.block, b.size FROM chain c JOIN block b ON b.id = c.block \
        ORDER BY c.depth DESC";
    CONTENT = "SELECT size, codec, content, kind, role FROM block WHERE id = $1";
}

/// The columns of a summary, and where they come from.
pub(super) const SUMMARY: &str = "SELECT e.id, e.received_at, c.name, e.session, s.key, s.agent, \
    s.parent_agent, s.found_by, a.name, m.name, e.method, e.path, e.streaming, e.status, e.ending, \
    e.cause, e.first_byte, e.held, e.total, e.dropped_events, e.contents, e.not_judged \
    FROM exchange e JOIN session s ON s.id = e.session JOIN name a ON a.id = e.api \
    LEFT JOIN name c ON c.id = e.caller LEFT JOIN name m ON m.id = e.model";

/// One summary.
pub(super) fn one_summary() -> String {
    format!("{SUMMARY} WHERE e.id = $1")
}

/// The contents of blocks.
pub(super) fn contents(_: Kind, keys: &str) -> String {
    format!("SELECT id, size, codec, content FROM block WHERE id IN ({keys})")
}

/// The queries that are put together.
#[cfg(test)]
pub(crate) fn list_queries(kind: Kind) -> Vec<String> {
    vec![one_summary(), contents(kind, "$1, $2")]
}
