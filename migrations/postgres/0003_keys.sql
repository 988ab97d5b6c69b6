-- The keys that callers enter with. `id` is the part of a key that may be shown, `hash` the SHA-256 of the part that may not.
-- `terms` is what the key allows, as JSON that the server reads. A key that replaced another has its caller.

CREATE TABLE caller_key (
    id TEXT NOT NULL PRIMARY KEY,
    caller TEXT NOT NULL,
    name TEXT NOT NULL,
    hash BYTEA NOT NULL,
    terms TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX caller_key_caller ON caller_key (caller, created_at, id);
CREATE INDEX caller_key_name ON caller_key (name, caller);

-- Grows with each change of a key, so that processes know when to read them again.
INSERT INTO counter (name, value) VALUES ('keys', 0);
