//! The statements that read exchanges.

#[cfg(test)]
use crate::db::Kind;
use crate::db::statements;

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
    FACETS = "SELECT n.name, p.name, n.uses, n.first_at, n.last_at FROM name n \
        LEFT JOIN name p ON p.id = n.parent WHERE n.what = $1 AND n.uses > 0 \
        ORDER BY n.uses DESC, n.name, n.id LIMIT $2";
    SESSION = "SELECT s.id, c.name, s.key, s.agent, s.parent_agent, s.found_by, s.first_at, \
        s.last_at, s.exchanges, h.reason FROM session s LEFT JOIN name c ON c.id = s.caller \
        LEFT JOIN hold h ON h.caller = s.caller AND h.key = s.key \
        WHERE s.id = $1";
    /// All agents of a session, by the id of one of them.
    AGENTS = "SELECT s.id, c.name, s.key, s.agent, s.parent_agent, s.found_by, s.first_at, \
        s.last_at, s.exchanges, h.reason FROM session o \
        JOIN session s ON s.caller = o.caller AND s.key = o.key \
        LEFT JOIN name c ON c.id = s.caller \
        LEFT JOIN hold h ON h.caller = s.caller AND h.key = s.key WHERE o.id = $1 ORDER BY s.first_at, s.id LIMIT $2";
    /// The blocks of a chain, from its first position to its last.
    BLOCKS = "WITH RECURSIVE chain (parent, block, depth) AS ( \
        SELECT parent, block, 0 FROM node WHERE id = $1 \
        UNION ALL SELECT n.parent, n.block, c.depth + 1 \
        FROM chain c JOIN node n ON n.id = c.parent) \
        SELECT b.id, b.kind, b.role, b.size FROM chain c JOIN block b ON b.id = c.block \
        WHERE b.kind <> '' ORDER BY c.depth DESC";
    CONTENTS = "SELECT id, size, codec, content FROM block WHERE id IN ({keys})";
    CONTENT = "SELECT size, codec, content, kind, role FROM block WHERE id = $1";
}

/// The columns of a summary.
pub(super) const SUMMARY: &str = "e.id, e.received_at, c.name, e.session, s.key, s.agent, \
    s.parent_agent, s.found_by, a.name, m.name, e.method, e.path, e.streaming, e.status, e.ending, \
    e.cause, e.first_byte, e.held, e.total, e.dropped_events, e.contents, e.not_judged";

/// Where they come from. The joins are outer ones so that SQLite begins with the exchanges, in their order.
pub(super) const FROM: &str = "exchange e LEFT JOIN session s ON s.id = e.session \
    LEFT JOIN name a ON a.id = e.api LEFT JOIN name c ON c.id = e.caller \
    LEFT JOIN name m ON m.id = e.model";

/// One summary.
pub(super) fn one_summary() -> String {
    format!("SELECT {SUMMARY} FROM {FROM} WHERE e.id = $1")
}

/// The queries that are put together.
#[cfg(test)]
pub(crate) fn list_queries(kind: Kind) -> Vec<String> {
    use super::filter::{Cursor, Filter, Order};
    let cursor = |place| Some(Cursor::new(1, uuid::Uuid::nil(), place));
    let filter = Filter::full();
    let mut all = vec![one_summary()];
    for order in [Order::NewestFirst, Order::OldestFirst] {
        all.push(super::list::query(kind, &filter, order, cursor(0)).0);
        all.push(super::find::query(kind, &filter, "words", order, cursor(1)).0);
        all.push(super::session::query(Some("ann"), order, cursor(1)).0);
    }
    all
}
