CREATE TABLE transfers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    destination TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    sha256 TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    source_path TEXT NOT NULL,
    source_mtime_ns INTEGER NOT NULL,
    source_head TEXT NOT NULL,
    source_tail TEXT NOT NULL,
    remote TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    resumed INTEGER NOT NULL DEFAULT 0,
    error_code TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    updated REAL NOT NULL
) STRICT;

CREATE INDEX transfers_by_state ON transfers (state, updated);

CREATE TABLE parts (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    length INTEGER NOT NULL CHECK (length > 0),
    sha256 TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    PRIMARY KEY (transfer, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
    transfer INTEGER PRIMARY KEY REFERENCES transfers (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    until REAL NOT NULL
) STRICT;
