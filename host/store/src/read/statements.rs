//! The statements that read exchanges.

#[cfg(test)]
use crate::db::Kind;
use std::sync::LazyLock;

use crate::db::{Statement, statements};

statements! {
    ATTEMPTS = "SELECT a.number, u.name, a.started_at, a.status, a.usage_raw, a.input, a.output, \
        a.cache_read, a.cache_write_5m, a.cache_write_1h, a.reasoning, a.reply_id, a.reply_model, \
        a.stop_reason, a.error, a.first_byte, a.held, a.total \
        FROM attempt a JOIN name u ON u.id = a.upstream WHERE a.exchange = $1 ORDER BY a.number";
    HEADERS = "SELECT lists FROM header WHERE exchange = $1";
    MESSAGES = "SELECT m.place, m.attempt, m.frames, m.encoding, m.body, b.length, \
        b.digest, CASE WHEN b.shell IS NULL THEN 0 ELSE 1 END, m.missing \
        FROM message m JOIN body b ON b.id = m.body WHERE m.exchange = $1 \
        ORDER BY m.place, m.attempt";
    VERDICTS = "SELECT p.name, n.name, v.hook, v.side, v.block_number, v.verdict, v.action, \
        r.name, v.reason, v.detail, v.fuel, v.time, v.block_before, v.block_after, v.pointer, \
        v.outcome, v.emitted FROM verdict v JOIN name p ON p.id = v.policy \
        JOIN name n ON n.id = v.revision \
        LEFT JOIN name r ON r.id = v.rule WHERE v.exchange = $1 ORDER BY v.number";
    REPLY = "SELECT number, kind, tool, block FROM reply_block WHERE exchange = $1 ORDER BY number";
    /// A name, and how often it was used.
    NAMED = "SELECT id, uses FROM name WHERE what = $1 AND parent = 0 AND name = $2";
    /// A rule may be one of several policies.
    RULES = "SELECT id, uses, parent FROM name WHERE what = 'rule' AND name = $1";
    USES_OF_SESSION = "SELECT exchanges FROM session WHERE id = $1";
    USES_OF_STATUS = "SELECT COUNT(*) FROM (SELECT 1 FROM exchange \
        WHERE status <> 200 AND status = $1 LIMIT $2) few";
    USES_OF_ENDING = "SELECT COUNT(*) FROM (SELECT 1 FROM exchange \
        WHERE ending <> 'delivered' AND ending = $1 LIMIT $2) few";
    USES_OF_VERDICT = "SELECT COUNT(*) FROM (SELECT 1 FROM judged \
        WHERE verdict <> 'allow' AND verdict = $1 LIMIT $2) few";
    /// The exchanges that brought blocks into their sessions.
    SEEN_BLOCKS = "SELECT exchange FROM seen WHERE block IN ({keys})";
    /// The blocks that exchanges brought into their sessions.
    SEEN = "SELECT exchange, block FROM seen WHERE exchange IN ({keys})";
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
    /// The agent of a session that has no name, by the id of any of its agents.
    FIRST_AGENT = "SELECT f.id FROM session s \
        JOIN session f ON f.caller = s.caller AND f.key = s.key AND f.agent = '' WHERE s.id = $1";
    /// A session and those that it continues, from the first one on.
    BEFORE = "WITH RECURSIVE line (id, continues, steps) AS ( \
        SELECT id, continues, 1 FROM session WHERE id = $1 \
        UNION ALL SELECT s.id, s.continues, l.steps + 1 \
        FROM line l JOIN session s ON s.id = l.continues WHERE l.steps < $2) \
        SELECT id FROM line ORDER BY steps DESC";
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
pub(super) const SUMMARY: &str = "e.uuid, e.received_at, c.name, e.session, s.key, s.agent, \
    s.parent_agent, s.found_by, a.name, m.name, e.method, e.path, e.streaming, e.status, e.ending, \
    e.cause, e.first_byte, e.held, e.total, e.dropped_events, e.contents, e.not_judged, e.id, \
    s.continues";

/// Where they come from, beside the exchange itself. The joins are outer ones so that SQLite begins with the exchanges, in
/// their order.
pub(super) const JOINS: &str = "LEFT JOIN session s ON s.id = e.session \
    LEFT JOIN name a ON a.id = e.api LEFT JOIN name c ON c.id = e.caller \
    LEFT JOIN name m ON m.id = e.model";

/// One summary.
pub(super) fn one_summary() -> String {
    format!("SELECT {SUMMARY} FROM exchange e {JOINS} WHERE e.uuid = $1")
}

/// The summaries of many.
pub(super) fn many_summaries() -> &'static Statement {
    static TEXT: LazyLock<Statement> = LazyLock::new(|| {
        let text = format!("SELECT {SUMMARY} FROM exchange e {JOINS} WHERE e.id IN ({{keys}})");
        let text: &'static str = text.leak();
        Statement {
            sqlite: text,
            postgres: text,
        }
    });
    &TEXT
}

/// The queries that are put together.
#[cfg(test)]
pub(crate) fn list_queries(kind: Kind) -> Vec<String> {
    use super::filter::{Cursor, Order};
    use super::narrow::Narrow;
    use super::scan::Scan;
    let many = crate::db::with_keys(many_summaries().sqlite, 0, 2);
    let mut all = vec![one_summary(), many];
    for order in [Order::NewestFirst, Order::OldestFirst] {
        let narrow = Narrow::full();
        let (among, values) = Scan::among(&narrow, kind);
        all.push(crate::db::with_keys(&among, values.len(), 2));
        for mut scan in Scan::each(&narrow, kind) {
            scan.after(order, Cursor::new(1, 2, 3));
            all.push(scan.text(order, SUMMARY, JOINS));
        }
        all.push(super::session::query(Some(1), order, Some(Cursor::new(1, 2, 0))).0);
    }
    all.extend(super::session::queries());
    all.push(super::line::query());
    all
}
