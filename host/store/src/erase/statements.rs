//! The statements that erase.

use crate::db::statements;

statements! {
    HOLD = "INSERT INTO hold (caller, key, reason, since) \
        SELECT caller, key, $2, $3 FROM session WHERE id = $1 \
        ON CONFLICT (caller, key) DO UPDATE SET reason = excluded.reason",
        postgres "INSERT INTO hold (caller, key, reason, since) \
        SELECT caller, key, CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM session WHERE id = $1 \
        ON CONFLICT (caller, key) DO UPDATE SET reason = excluded.reason";
    RELEASE = "DELETE FROM hold WHERE EXISTS (SELECT 1 FROM session s \
        WHERE s.id = $1 AND s.caller = hold.caller AND s.key = hold.key)";
    HELD = "SELECT h.reason FROM session s JOIN hold h ON h.caller = s.caller AND h.key = s.key \
        WHERE s.id = $1";
    HELD_EXCHANGES = "SELECT COUNT(*) FROM exchange e JOIN session s ON s.id = e.session \
        JOIN hold h ON h.caller = s.caller AND h.key = s.key WHERE e.caller = \
        (SELECT id FROM name WHERE what = 'caller' AND parent = 0 AND name = $1)";

    OF_SESSION = "SELECT e.id FROM exchange e WHERE e.session IN (SELECT s.id FROM session o \
        JOIN session s ON s.caller = o.caller AND s.key = o.key WHERE o.id = $1 \
        AND NOT EXISTS (SELECT 1 FROM hold h WHERE h.caller = o.caller AND h.key = o.key)) \
        LIMIT $2";
    OF_CALLER = "SELECT e.id FROM exchange e WHERE e.caller = \
        (SELECT id FROM name WHERE what = 'caller' AND parent = 0 AND name = $1) \
        AND NOT EXISTS (SELECT 1 FROM session s JOIN hold h ON h.caller = s.caller \
        AND h.key = s.key WHERE s.id = e.session) LIMIT $2";
    OLD_CONTENTS = "SELECT e.id FROM exchange e WHERE e.contents = 1 AND e.received_at < $1 \
        AND NOT EXISTS (SELECT 1 FROM session s JOIN hold h ON h.caller = s.caller \
        AND h.key = s.key WHERE s.id = e.session) ORDER BY e.received_at, e.id LIMIT $2";
    OLDEST_CONTENTS = "SELECT e.id FROM exchange e WHERE e.contents = 1 \
        AND NOT EXISTS (SELECT 1 FROM session s JOIN hold h ON h.caller = s.caller \
        AND h.key = s.key WHERE s.id = e.session) ORDER BY e.received_at, e.id LIMIT $1";
    OLD = "SELECT e.id FROM exchange e WHERE e.received_at < $1 \
        AND NOT EXISTS (SELECT 1 FROM session s JOIN hold h ON h.caller = s.caller \
        AND h.key = s.key WHERE s.id = e.session) ORDER BY e.received_at, e.id LIMIT $2";

    HEADS = "SELECT p.head FROM part p JOIN body b ON b.id = p.body WHERE b.exchange IN ({keys})";
    REPLIED = "SELECT block FROM reply_block WHERE block IS NOT NULL AND exchange IN ({keys})";
    JUDGED = "SELECT block_before, block_after FROM verdict WHERE exchange IN ({keys})";
    SHELLS = "SELECT LENGTH(shell) FROM body WHERE shell IS NOT NULL AND exchange IN ({keys})";
    DROP_PARTS = "DELETE FROM part WHERE body IN (SELECT id FROM body WHERE exchange IN ({keys}))";

    CLEAR_BODIES = "UPDATE body SET shell = NULL WHERE exchange IN ({keys})";
    CLEAR_MESSAGES = "UPDATE message SET frames = NULL WHERE exchange IN ({keys})";
    CLEAR_REPLIES = "UPDATE reply_block SET block = NULL WHERE exchange IN ({keys})";
    CLEAR_VERDICTS = "UPDATE verdict SET block_before = NULL, block_after = NULL, reason = NULL, \
        detail = NULL, pointer = NULL WHERE exchange IN ({keys})";
    CLEAR_ATTEMPTS = "UPDATE attempt SET error = NULL WHERE exchange IN ({keys})";
    CLEAR_EXCHANGES = "UPDATE exchange SET contents = 0, cause = NULL WHERE id IN ({keys})";

    DROP_HEADERS = "DELETE FROM header WHERE exchange IN ({keys})";
    DROP_BODIES = "DELETE FROM body WHERE exchange IN ({keys})";
    DROP_MESSAGES = "DELETE FROM message WHERE exchange IN ({keys})";
    DROP_REPLIES = "DELETE FROM reply_block WHERE exchange IN ({keys})";
    DROP_VERDICTS = "DELETE FROM verdict WHERE exchange IN ({keys})";
    DROP_JUDGED = "DELETE FROM judged WHERE exchange IN ({keys})";
    DROP_ATTEMPTS = "DELETE FROM attempt WHERE exchange IN ({keys})";
    DROP_EXCHANGES = "DELETE FROM exchange WHERE id IN ({keys})";

    /// Positions that nothing leads on from any more.
    DROP_NODES = "DELETE FROM node WHERE id IN ({keys}) \
        AND NOT EXISTS (SELECT 1 FROM node c WHERE c.parent = node.id) \
        AND NOT EXISTS (SELECT 1 FROM part p WHERE p.head = node.id) RETURNING parent, block";
    /// Blocks that nothing uses any more, with their sizes and whether they are indexed.
    UNUSED = "SELECT b.id, LENGTH(b.content) + COALESCE(LENGTH(b.text), 0), b.words_hash \
        FROM block b WHERE b.id IN ({keys}) \
        AND NOT EXISTS (SELECT 1 FROM node n WHERE n.block = b.id) \
        AND NOT EXISTS (SELECT 1 FROM reply_block r WHERE r.block = b.id) \
        AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.block_before = b.id) \
        AND NOT EXISTS (SELECT 1 FROM verdict v WHERE v.block_after = b.id)";
    DROP_SEEN = "DELETE FROM seen WHERE block IN ({keys})";
    DROP_BLOCKS = "DELETE FROM block WHERE id IN ({keys})";

    /// The sessions in which blocks were first seen in these exchanges.
    SEEN_IN = "SELECT DISTINCT session FROM seen WHERE exchange IN ({keys})";
    HEIR = "SELECT id FROM exchange WHERE session = $1 AND contents = 1 \
        ORDER BY received_at, id LIMIT 1";
    MOVE_SEEN = "UPDATE seen SET exchange = $1 WHERE session = $2 AND exchange IN ({keys})";
    LOSE_SEEN = "DELETE FROM seen WHERE session = $1 AND exchange IN ({keys})";

    OF_EXCHANGES = "SELECT caller, model, api, session FROM exchange WHERE id IN ({keys})";
    OF_ATTEMPTS = "SELECT upstream FROM attempt WHERE exchange IN ({keys})";
    OF_VERDICTS = "SELECT policy, rule, revision FROM verdict WHERE exchange IN ({keys})";
    LESS_NAME = "UPDATE name SET uses = uses - $1 WHERE id = $2";
    DROP_NAMES = "DELETE FROM name WHERE uses <= 0 AND id IN ({keys})";
    LESS_SESSION = "UPDATE session SET exchanges = exchanges - $1, first_at = \
        COALESCE((SELECT MIN(e.received_at) FROM exchange e WHERE e.session = session.id), first_at) \
        WHERE id = $2";
    DROP_SESSIONS = "DELETE FROM session WHERE exchanges <= 0 AND id IN ({keys})";
    /// What continued a session that is gone begins by itself.
    DROP_JOINS = "UPDATE session SET continues = NULL WHERE continues IN ({keys}) \
        AND NOT EXISTS (SELECT 1 FROM session e WHERE e.id = session.continues)";

    SIZE = "SELECT value FROM counter WHERE name = 'bytes'";
    SHRUNK = "UPDATE counter SET value = value - $1 WHERE name = 'bytes'";
    ERASED = "UPDATE counter SET value = value + 1 WHERE name = 'erasures'";
}
