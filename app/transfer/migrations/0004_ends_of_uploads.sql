-- Until when (seconds since 1970) the peer keeps an unfinished file, as it said last.
CREATE TABLE ends (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    until REAL NOT NULL,
    PRIMARY KEY (transfer, name)
) STRICT, WITHOUT ROWID;
