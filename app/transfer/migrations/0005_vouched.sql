-- A person knows that a place, which may have all of a file, has it not: it may be sent elsewhere then.
CREATE TABLE vouched (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    destination TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (transfer, destination)
) STRICT, WITHOUT ROWID;
