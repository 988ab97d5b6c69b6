-- What is kept of exchanges. The tables of both databases have the same columns; a test compares them.
-- Times of day are milliseconds since 1970, durations are microseconds. 0 stands for "none" where a column is part
-- of a key. `owner` is the caller whose content it is, `epoch` the month in which it was stored. Ids come from one counter,
-- so they rise with the time of storing.

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- `id` is the next free id of every table. `erasures` grows whenever something is deleted, so that a writer knows
-- when what it remembers may be gone. `bytes` is the size of all contents as they are kept.
INSERT INTO counter (name, value) VALUES ('id', 1), ('erasures', 0), ('bytes', 0);

-- What belongs to the installation and is made once: the key under which callers get their pseudonyms.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Callers, models, dialects, upstreams, policies, their rules and revisions: each name once, with how often it was used.
CREATE TABLE name (
    id INTEGER NOT NULL PRIMARY KEY,
    what TEXT NOT NULL,
    parent INTEGER NOT NULL,
    name TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    uses INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX name_key ON name (what, parent, name);
-- The names that were used most.
CREATE INDEX name_uses ON name (what, uses);

-- `continues` is the session of the same caller from which it goes on, if its first request tells.
CREATE TABLE session (
    id INTEGER NOT NULL PRIMARY KEY,
    caller INTEGER NOT NULL,
    key TEXT NOT NULL,
    agent TEXT NOT NULL,
    parent_agent TEXT,
    found_by TEXT NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    exchanges INTEGER NOT NULL,
    continues INTEGER
) STRICT;
CREATE UNIQUE INDEX session_key ON session (caller, key, agent);
CREATE INDEX session_last ON session (last_at);
CREATE INDEX session_caller ON session (caller, last_at);
CREATE INDEX session_continues ON session (continues) WHERE continues IS NOT NULL;

-- Sessions of which nothing may be erased, and why.
CREATE TABLE hold (
    caller INTEGER NOT NULL,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT, WITHOUT ROWID;

-- `uuid` is the id that everybody outside knows. `contents`: 1 while the contents are kept, 0 once only the numbers are.
CREATE TABLE exchange (
    id INTEGER NOT NULL PRIMARY KEY,
    uuid BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    caller INTEGER NOT NULL,
    session INTEGER NOT NULL,
    api INTEGER NOT NULL,
    model INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    streaming INTEGER NOT NULL,
    status INTEGER,
    ending TEXT NOT NULL,
    cause TEXT,
    first_byte INTEGER,
    held INTEGER NOT NULL,
    total INTEGER NOT NULL,
    not_judged TEXT,
    dropped_events INTEGER NOT NULL,
    contents INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX exchange_uuid ON exchange (uuid);
-- A list walks one of these in the order of time, whichever has the fewest exchanges. Nearly all exchanges have the
-- usual status and ending, so only the others are worth an index.
CREATE INDEX exchange_time ON exchange (received_at);
CREATE INDEX exchange_session ON exchange (session, received_at);
CREATE INDEX exchange_caller ON exchange (caller, received_at);
CREATE INDEX exchange_model ON exchange (model, received_at);
CREATE INDEX exchange_api ON exchange (api, received_at);
CREATE INDEX exchange_status ON exchange (status, received_at) WHERE status <> 200;
CREATE INDEX exchange_ending ON exchange (ending, received_at) WHERE ending <> 'delivered';
-- Finds what has contents to forget.
CREATE INDEX exchange_contents ON exchange (received_at) WHERE contents = 1;

CREATE TABLE attempt (
    exchange INTEGER NOT NULL,
    number INTEGER NOT NULL,
    upstream INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    status INTEGER,
    usage_raw TEXT,
    input INTEGER,
    output INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    reasoning INTEGER,
    reply_id TEXT,
    reply_model TEXT,
    stop_reason TEXT,
    error TEXT,
    first_byte INTEGER,
    held INTEGER NOT NULL,
    total INTEGER NOT NULL,
    PRIMARY KEY (exchange, number)
) STRICT, WITHOUT ROWID;

-- `place`: 0 asked, 1 sent, 2 received, 3 delivered. `attempt` is 0 for the caller's side. `frames`: a stream's frames with their
-- times. `missing`: how many bytes followed that were too many to keep.
CREATE TABLE message (
    exchange INTEGER NOT NULL,
    place INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    frames BLOB,
    encoding TEXT,
    missing INTEGER NOT NULL,
    body INTEGER NOT NULL,
    PRIMARY KEY (exchange, place, attempt)
) STRICT, WITHOUT ROWID;

-- The headers of all messages of an exchange, packed together, because they resemble each other.
CREATE TABLE header (
    exchange INTEGER NOT NULL PRIMARY KEY,
    lists BLOB NOT NULL
) STRICT;

-- A body is the blocks of its parts, in order, and the shell: the bytes behind them and what was cut out of them.
-- Length and digest stay when the content goes.
CREATE TABLE body (
    id INTEGER NOT NULL PRIMARY KEY,
    exchange INTEGER NOT NULL,
    length INTEGER NOT NULL,
    digest BLOB NOT NULL,
    shell BLOB
) STRICT;
CREATE INDEX body_exchange ON body (exchange);

-- The last position of each chain that a body is made of.
CREATE TABLE part (
    body INTEGER NOT NULL,
    number INTEGER NOT NULL,
    head INTEGER NOT NULL,
    PRIMARY KEY (body, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX part_head ON part (head);

-- A position in a conversation: a block, the bytes before it, and the position before those. `hash` is over all
-- of that, so it stands for everything up to here.
CREATE TABLE node (
    id INTEGER NOT NULL PRIMARY KEY,
    owner INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    hash BLOB NOT NULL,
    parent INTEGER NOT NULL,
    block INTEGER NOT NULL,
    frame BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX node_key ON node (epoch, owner, hash);
CREATE INDEX node_parent ON node (parent);
CREATE INDEX node_block ON node (block);

-- The bytes of one block. `codec`: 0 as they are, 1 zstd. `words`: where the text of the search index comes from;
-- 0 nowhere, 1 the dialect, 2 the content, 3 `text`. `words_hash` tells whether it is still the same.
CREATE TABLE block (
    id INTEGER NOT NULL PRIMARY KEY,
    owner INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    hash BLOB NOT NULL,
    api TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT,
    size INTEGER NOT NULL,
    codec INTEGER NOT NULL,
    content BLOB NOT NULL,
    words INTEGER NOT NULL,
    words_hash INTEGER NOT NULL,
    text BLOB
) STRICT;
CREATE UNIQUE INDEX block_key ON block (epoch, owner, hash);

-- The first exchange of a session that has a block.
CREATE TABLE seen (
    block INTEGER NOT NULL,
    session INTEGER NOT NULL,
    exchange INTEGER NOT NULL,
    PRIMARY KEY (block, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_exchange ON seen (exchange);

CREATE TABLE reply_block (
    exchange INTEGER NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    tool TEXT,
    block INTEGER,
    PRIMARY KEY (exchange, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX reply_block_block ON reply_block (block) WHERE block IS NOT NULL;

-- `revision` is the name of what judged: a digest of the component, its configuration, limits and grants.
CREATE TABLE verdict (
    exchange INTEGER NOT NULL,
    number INTEGER NOT NULL,
    policy INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    hook TEXT NOT NULL,
    side TEXT NOT NULL,
    block_number INTEGER,
    verdict TEXT,
    action TEXT,
    rule INTEGER NOT NULL,
    reason TEXT,
    detail TEXT,
    fuel INTEGER NOT NULL,
    time INTEGER NOT NULL,
    block_before INTEGER,
    block_after INTEGER,
    pointer TEXT,
    outcome TEXT,
    emitted TEXT,
    PRIMARY KEY (exchange, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX verdict_before ON verdict (block_before) WHERE block_before IS NOT NULL;
CREATE INDEX verdict_after ON verdict (block_after) WHERE block_after IS NOT NULL;

-- Which verdicts an exchange has, each once, for lists that are filtered by them. `verdict` is empty if there was none.
CREATE TABLE judged (
    exchange INTEGER NOT NULL,
    policy INTEGER NOT NULL,
    rule INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    PRIMARY KEY (exchange, policy, rule, verdict)
) STRICT, WITHOUT ROWID;
CREATE INDEX judged_policy ON judged (policy, received_at, exchange);
CREATE INDEX judged_rule ON judged (rule, received_at, exchange) WHERE rule <> 0;
CREATE INDEX judged_verdict ON judged (verdict, received_at, exchange) WHERE verdict <> 'allow';

-- Exchanges that are under way, as far as they are known: `payload` is what there is of each, in the form of
-- `host/store/src/encoded.rs`. A row goes when its exchange is stored. `caller` and `session` are names, because an
-- exchange may be the first that has them.
CREATE TABLE journal (
    id BLOB NOT NULL PRIMARY KEY,
    process BLOB NOT NULL,
    received_at INTEGER NOT NULL,
    caller TEXT,
    session TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX journal_process ON journal (process, id);

-- The processes that have exchanges under way, and when each was last seen, by the database's clock.
CREATE TABLE process (
    id BLOB NOT NULL PRIMARY KEY,
    seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
