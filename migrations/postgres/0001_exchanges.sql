-- What is kept of exchanges. The tables of both databases have the same columns; a test compares them.
-- Times of day are milliseconds since 1970, durations are microseconds. 0 stands for "none" where a column is part
-- of a key. `owner` is the caller whose content it is, `epoch` the month in which it was stored. Ids come from one counter,
-- so they rise with the time of storing.

CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- `id` is the next free id of every table. `erasures` grows whenever something is deleted, so that a writer knows
-- when what it remembers may be gone. `bytes` is the size of all contents as they are kept.
INSERT INTO counter (name, value) VALUES ('id', 1), ('erasures', 0), ('bytes', 0);

-- What belongs to the installation and is made once: the key under which callers get their pseudonyms.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

-- Callers, models, dialects, upstreams, policies, their rules and revisions: each name once, with how often it was used.
CREATE TABLE name (
    id BIGINT NOT NULL PRIMARY KEY,
    what TEXT NOT NULL,
    parent BIGINT NOT NULL,
    name TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    uses BIGINT NOT NULL
);
CREATE UNIQUE INDEX name_key ON name (what, parent, name);
-- The names that were used most.
CREATE INDEX name_uses ON name (what, uses);

-- `continues` is the session of the same caller from which it goes on, if its first request tells.
CREATE TABLE session (
    id BIGINT NOT NULL PRIMARY KEY,
    caller BIGINT NOT NULL,
    key TEXT NOT NULL,
    agent TEXT NOT NULL,
    parent_agent TEXT,
    found_by TEXT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    exchanges BIGINT NOT NULL,
    continues BIGINT
);
CREATE UNIQUE INDEX session_key ON session (caller, key, agent);
CREATE INDEX session_last ON session (last_at, id);
CREATE INDEX session_caller ON session (caller, last_at, id);
CREATE INDEX session_continues ON session (continues, id) WHERE continues IS NOT NULL;

-- Sessions of which nothing may be erased, and why.
CREATE TABLE hold (
    caller BIGINT NOT NULL,
    key TEXT NOT NULL,
    reason TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (caller, key)
);

-- `uuid` is the id that everybody outside knows. `contents`: 1 while the contents are kept, 0 once only the numbers are.
CREATE TABLE exchange (
    id BIGINT NOT NULL PRIMARY KEY,
    uuid BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    caller BIGINT NOT NULL,
    session BIGINT NOT NULL,
    api BIGINT NOT NULL,
    model BIGINT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    streaming BIGINT NOT NULL,
    status BIGINT,
    ending TEXT NOT NULL,
    cause TEXT,
    first_byte BIGINT,
    held BIGINT NOT NULL,
    total BIGINT NOT NULL,
    not_judged TEXT,
    dropped_events BIGINT NOT NULL,
    contents BIGINT NOT NULL
);
CREATE UNIQUE INDEX exchange_uuid ON exchange (uuid);
-- A list walks one of these in the order of time, whichever has the fewest exchanges. Nearly all exchanges have the
-- usual status and ending, so only the others are worth an index.
CREATE INDEX exchange_time ON exchange (received_at, id);
CREATE INDEX exchange_session ON exchange (session, received_at, id);
CREATE INDEX exchange_caller ON exchange (caller, received_at, id);
CREATE INDEX exchange_model ON exchange (model, received_at, id);
CREATE INDEX exchange_api ON exchange (api, received_at, id);
CREATE INDEX exchange_status ON exchange (status, received_at, id) WHERE status <> 200;
CREATE INDEX exchange_ending ON exchange (ending, received_at, id) WHERE ending <> 'delivered';
-- Finds what has contents to forget.
CREATE INDEX exchange_contents ON exchange (received_at, id) WHERE contents = 1;

CREATE TABLE attempt (
    exchange BIGINT NOT NULL,
    number BIGINT NOT NULL,
    upstream BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    status BIGINT,
    usage_raw TEXT,
    input BIGINT,
    output BIGINT,
    cache_read BIGINT,
    cache_write_5m BIGINT,
    cache_write_1h BIGINT,
    reasoning BIGINT,
    reply_id TEXT,
    reply_model TEXT,
    stop_reason TEXT,
    error TEXT,
    first_byte BIGINT,
    held BIGINT NOT NULL,
    total BIGINT NOT NULL,
    PRIMARY KEY (exchange, number)
);

-- `place`: 0 asked, 1 sent, 2 received, 3 delivered. `attempt` is 0 for the caller's side. `frames`: a stream's frames with their
-- times. `missing`: how many bytes followed that were too many to keep.
CREATE TABLE message (
    exchange BIGINT NOT NULL,
    place BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    frames BYTEA,
    encoding TEXT,
    missing BIGINT NOT NULL,
    body BIGINT NOT NULL,
    PRIMARY KEY (exchange, place, attempt)
);

-- The headers of all messages of an exchange, packed together, because they resemble each other.
CREATE TABLE header (
    exchange BIGINT NOT NULL PRIMARY KEY,
    lists BYTEA NOT NULL
);

-- A body is the blocks of its parts, in order, and the shell: the bytes behind them and what was cut out of them.
-- Length and digest stay when the content goes.
CREATE TABLE body (
    id BIGINT NOT NULL PRIMARY KEY,
    exchange BIGINT NOT NULL,
    length BIGINT NOT NULL,
    digest BYTEA NOT NULL,
    shell BYTEA
);
CREATE INDEX body_exchange ON body (exchange);

-- The last position of each chain that a body is made of.
CREATE TABLE part (
    body BIGINT NOT NULL,
    number BIGINT NOT NULL,
    head BIGINT NOT NULL,
    PRIMARY KEY (body, number)
);
CREATE INDEX part_head ON part (head);

-- A position in a conversation: a block, the bytes before it, and the position before those. `hash` is over all
-- of that, so it stands for everything up to here.
CREATE TABLE node (
    id BIGINT NOT NULL PRIMARY KEY,
    owner BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    parent BIGINT NOT NULL,
    block BIGINT NOT NULL,
    frame BYTEA NOT NULL
);
CREATE UNIQUE INDEX node_key ON node (epoch, owner, hash);
CREATE INDEX node_parent ON node (parent);
CREATE INDEX node_block ON node (block);

-- The bytes of one block. `codec`: 0 as they are, 1 zstd. `words`: where the text of the search index comes from;
-- 0 nowhere, 1 the dialect, 2 the content, 3 `text`. `words_hash` tells whether it is still the same.
CREATE TABLE block (
    id BIGINT NOT NULL PRIMARY KEY,
    owner BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    api TEXT NOT NULL,
    kind TEXT NOT NULL,
    role TEXT,
    size BIGINT NOT NULL,
    codec BIGINT NOT NULL,
    content BYTEA NOT NULL,
    words BIGINT NOT NULL,
    words_hash BIGINT NOT NULL,
    text BYTEA
);
CREATE UNIQUE INDEX block_key ON block (epoch, owner, hash);

-- The first exchange of a session that has a block.
CREATE TABLE seen (
    block BIGINT NOT NULL,
    session BIGINT NOT NULL,
    exchange BIGINT NOT NULL,
    PRIMARY KEY (block, session)
);
CREATE INDEX seen_exchange ON seen (exchange);

CREATE TABLE reply_block (
    exchange BIGINT NOT NULL,
    number BIGINT NOT NULL,
    kind TEXT NOT NULL,
    tool TEXT,
    block BIGINT,
    PRIMARY KEY (exchange, number)
);
CREATE INDEX reply_block_block ON reply_block (block) WHERE block IS NOT NULL;

-- `revision` is the name of what judged: a digest of the component, its configuration, limits and grants.
CREATE TABLE verdict (
    exchange BIGINT NOT NULL,
    number BIGINT NOT NULL,
    policy BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    hook TEXT NOT NULL,
    side TEXT NOT NULL,
    block_number BIGINT,
    verdict TEXT,
    action TEXT,
    rule BIGINT NOT NULL,
    reason TEXT,
    detail TEXT,
    fuel BIGINT NOT NULL,
    time BIGINT NOT NULL,
    block_before BIGINT,
    block_after BIGINT,
    pointer TEXT,
    outcome TEXT,
    emitted TEXT,
    PRIMARY KEY (exchange, number)
);
CREATE INDEX verdict_before ON verdict (block_before) WHERE block_before IS NOT NULL;
CREATE INDEX verdict_after ON verdict (block_after) WHERE block_after IS NOT NULL;

-- Which verdicts an exchange has, each once, for lists that are filtered by them. `verdict` is empty if there was none.
CREATE TABLE judged (
    exchange BIGINT NOT NULL,
    policy BIGINT NOT NULL,
    rule BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (exchange, policy, rule, verdict)
);
CREATE INDEX judged_policy ON judged (policy, received_at, exchange);
CREATE INDEX judged_rule ON judged (rule, received_at, exchange) WHERE rule <> 0;
CREATE INDEX judged_verdict ON judged (verdict, received_at, exchange) WHERE verdict <> 'allow';

-- Exchanges that are under way, as far as they are known: `payload` is what there is of each, in the form of
-- `host/store/src/encoded.rs`. A row goes when its exchange is stored. `caller` and `session` are names, because an
-- exchange may be the first that has them.
CREATE TABLE journal (
    id BYTEA NOT NULL PRIMARY KEY,
    process BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    caller TEXT,
    session TEXT NOT NULL,
    payload BYTEA NOT NULL
);
CREATE INDEX journal_process ON journal (process, id);

-- The processes that have exchanges under way, and when each was last seen, by the database's clock.
CREATE TABLE process (
    id BYTEA NOT NULL PRIMARY KEY,
    seen_at BIGINT NOT NULL
);
