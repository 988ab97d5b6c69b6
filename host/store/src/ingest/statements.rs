//! The statements that write exchanges.

use crate::db::{Insert, statements};

statements! {
    ERASURES = "SELECT value FROM counter WHERE name = 'erasures'";
    RESERVE = "UPDATE counter SET value = value + $1 WHERE name = 'id' RETURNING value";
    GROWN = "UPDATE counter SET value = value + $1 WHERE name = 'bytes'";
    NAME = "SELECT id FROM name WHERE what = $1 AND parent = $2 AND name = $3";
    SESSION = "SELECT id FROM session WHERE caller = $1 AND key = $2 AND agent = $3";
    /// Which of these exchanges are stored, and whether as cut.
    KNOWN = "SELECT uuid, id, CASE ending WHEN 'cut' THEN 1 ELSE 0 END FROM exchange \
        WHERE uuid IN ({keys})";
    /// One that is stored as cut has not ended, so there is nothing to amend.
    AMEND = "UPDATE exchange SET ending = $2, cause = CASE WHEN contents = 1 THEN $3 END, \
        total = $4 WHERE uuid = $1 AND ending <> 'cut'";
    /// Which of these positions are stored.
    STORED_NODES = "SELECT hash, id, block FROM node WHERE epoch = $1 AND owner = $2 \
        AND hash IN ({keys})";
    /// Of these blocks, the first and the last of the sessions that have them, beside this one.
    REPEATED = "SELECT b.hash, b.id, \
        (SELECT MIN(n.session) FROM seen n WHERE n.block = b.id AND n.session <> $1), \
        (SELECT MAX(n.session) FROM seen n WHERE n.block = b.id AND n.session <> $1) \
        FROM block b WHERE b.epoch IN ($2, $3) AND b.owner = $4 AND b.hash IN ({keys})";
    /// A session that another one may continue: one that was there before, and is no other agent of the same.
    EARLIER = "SELECT 1 FROM session e JOIN session s ON s.caller = e.caller \
        WHERE e.id = $1 AND s.id = $2 AND e.agent = '' AND e.key <> s.key \
        AND e.first_at < s.first_at";
    /// The last blocks of what was asked when a block came.
    ASKED = "SELECT b.size, b.codec, b.content, b.kind FROM seen n \
        JOIN message m ON m.exchange = n.exchange AND m.place IN (0, 1) \
        JOIN part p ON p.body = m.body JOIN node d ON d.id = p.head \
        JOIN block b ON b.id = d.block WHERE n.block = $1 AND n.session = $2 LIMIT 64";
    CONTINUES = "UPDATE session SET continues = $1 WHERE id = $2";
    /// Which of these blocks are stored.
    STORED_BLOCKS = "SELECT hash, id FROM block WHERE epoch = $1 AND owner = $2 \
        AND hash IN ({keys})";
}

/// In the order in which they run.
#[cfg(test)]
pub(crate) const INSERTS: &[&Insert] = &[
    &NAMES,
    &SESSIONS,
    &EXCHANGES,
    &ATTEMPTS,
    &MESSAGES,
    &HEADERS,
    &BODIES,
    &PARTS,
    &NODES,
    &BLOCKS,
    &SEEN,
    &REPLY_BLOCKS,
    &VERDICTS,
    &JUDGED,
];

pub(super) const NAMES: Insert = Insert {
    table: "name",
    columns: &[
        "id", "what", "parent", "name", "first_at", "last_at", "uses",
    ],
    conflict: "ON CONFLICT (id) DO UPDATE SET uses = name.uses + excluded.uses, \
        first_at = CASE WHEN name.uses > 0 AND name.first_at < excluded.first_at \
            THEN name.first_at ELSE excluded.first_at END, \
        last_at = CASE WHEN name.uses > 0 AND name.last_at > excluded.last_at \
            THEN name.last_at ELSE excluded.last_at END",
};

pub(super) const SESSIONS: Insert = Insert {
    table: "session",
    columns: &[
        "id",
        "caller",
        "key",
        "agent",
        "parent_agent",
        "found_by",
        "first_at",
        "last_at",
        "exchanges",
    ],
    conflict: "ON CONFLICT (id) DO UPDATE SET exchanges = session.exchanges + excluded.exchanges, \
        parent_agent = COALESCE(session.parent_agent, excluded.parent_agent), \
        first_at = CASE WHEN session.first_at < excluded.first_at \
            THEN session.first_at ELSE excluded.first_at END, \
        last_at = CASE WHEN session.last_at > excluded.last_at \
            THEN session.last_at ELSE excluded.last_at END",
};

pub(super) const EXCHANGES: Insert = Insert {
    table: "exchange",
    columns: &[
        "id",
        "uuid",
        "received_at",
        "caller",
        "session",
        "api",
        "model",
        "method",
        "path",
        "streaming",
        "status",
        "ending",
        "cause",
        "first_byte",
        "held",
        "total",
        "not_judged",
        "dropped_events",
        "contents",
    ],
    conflict: "",
};

pub(super) const ATTEMPTS: Insert = Insert {
    table: "attempt",
    columns: &[
        "exchange",
        "number",
        "upstream",
        "started_at",
        "status",
        "usage_raw",
        "input",
        "output",
        "cache_read",
        "cache_write_5m",
        "cache_write_1h",
        "reasoning",
        "reply_id",
        "reply_model",
        "stop_reason",
        "error",
        "first_byte",
        "held",
        "total",
    ],
    conflict: "ON CONFLICT (exchange, number) DO NOTHING",
};

pub(super) const MESSAGES: Insert = Insert {
    table: "message",
    columns: &[
        "exchange", "place", "attempt", "frames", "encoding", "missing", "body",
    ],
    conflict: "ON CONFLICT (exchange, place, attempt) DO NOTHING",
};

pub(super) const HEADERS: Insert = Insert {
    table: "header",
    columns: &["exchange", "lists"],
    conflict: "",
};

pub(super) const BODIES: Insert = Insert {
    table: "body",
    columns: &["id", "exchange", "length", "digest", "shell"],
    conflict: "",
};

pub(super) const PARTS: Insert = Insert {
    table: "part",
    columns: &["body", "number", "head"],
    conflict: "",
};

pub(super) const NODES: Insert = Insert {
    table: "node",
    columns: &["id", "owner", "epoch", "hash", "parent", "block", "frame"],
    conflict: "",
};

pub(super) const BLOCKS: Insert = Insert {
    table: "block",
    columns: &[
        "id",
        "owner",
        "epoch",
        "hash",
        "api",
        "kind",
        "role",
        "size",
        "codec",
        "content",
        "words",
        "words_hash",
        "text",
    ],
    conflict: "",
};

pub(super) const SEEN: Insert = Insert {
    table: "seen",
    columns: &["block", "session", "exchange"],
    conflict: "ON CONFLICT (block, session) DO NOTHING",
};

pub(super) const REPLY_BLOCKS: Insert = Insert {
    table: "reply_block",
    columns: &["exchange", "number", "kind", "tool", "block"],
    conflict: "ON CONFLICT (exchange, number) DO NOTHING",
};

pub(super) const VERDICTS: Insert = Insert {
    table: "verdict",
    columns: &[
        "exchange",
        "number",
        "policy",
        "revision",
        "hook",
        "side",
        "block_number",
        "verdict",
        "action",
        "rule",
        "reason",
        "detail",
        "fuel",
        "time",
        "block_before",
        "block_after",
        "pointer",
        "outcome",
        "emitted",
    ],
    conflict: "",
};

pub(super) const JUDGED: Insert = Insert {
    table: "judged",
    columns: &["exchange", "policy", "rule", "verdict", "received_at"],
    conflict: "ON CONFLICT (exchange, policy, rule, verdict) DO NOTHING",
};
