-- The offline copy of a contact's cases, drafts and the outbox. Times are microseconds since 1970 UTC.

-- Names that repeat (accounts, contacts, components), so that the indexes of `case_keys` stay small.
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

-- What lists sort and filter by. `turn`: 0 you, 1 support, 2 third party, 3 nobody (closed).
-- `closes` is the end of the follow-up timer, or a far number when none runs; `recency` is -updated.
CREATE TABLE case_keys (
    number TEXT PRIMARY KEY,
    turn INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES names(id),
    contact INTEGER NOT NULL REFERENCES names(id),
    component INTEGER NOT NULL REFERENCES names(id),
    type INTEGER NOT NULL,
    status INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    recency INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    closes INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    subject TEXT NOT NULL
) WITHOUT ROWID;

-- One per sort, each with everything a filter looks at: a list is read from its index alone, in order.
CREATE INDEX case_keys_updated ON case_keys
    (turn, updated, number, account, contact, component, type, status, priority, closed);
CREATE INDEX case_keys_opened ON case_keys
    (turn, opened, number, account, contact, component, type, status, priority, closed);
CREATE INDEX case_keys_number ON case_keys
    (turn, number, account, contact, component, type, status, priority, closed);
CREATE INDEX case_keys_priority ON case_keys
    (turn, priority, recency, number, account, contact, component, type, status, closed);
CREATE INDEX case_keys_status ON case_keys
    (turn, status, recency, number, account, contact, component, type, priority, closed);
CREATE INDEX case_keys_closes ON case_keys
    (turn, closes, recency, number, account, contact, component, type, status, priority, closed);
CREATE INDEX case_keys_subject ON case_keys
    (turn, subject, recency, number, account, contact, component, type, status, priority, closed);

-- The case as the portal gave it (JSON), and its words, folded, for finding.
CREATE TABLE case_rows (
    number TEXT PRIMARY KEY REFERENCES case_keys(number) ON DELETE CASCADE,
    body BLOB NOT NULL,
    words TEXT NOT NULL
);

-- What the copy knows of itself: the last event's id, when it was complete, who is signed in.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Texts that were not sent yet. `place` is such as ``reply``.
CREATE TABLE drafts (
    case_number TEXT NOT NULL,
    place TEXT NOT NULL,
    text TEXT NOT NULL,
    changed INTEGER NOT NULL,
    PRIMARY KEY (case_number, place)
) WITHOUT ROWID;

-- Comments that wait for the portal. The key makes a second delivery the same comment.
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    case_number TEXT NOT NULL,
    text TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    written INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    problem_code TEXT NOT NULL DEFAULT '',
    problem TEXT NOT NULL DEFAULT ''
);
CREATE INDEX outbox_of_case ON outbox(case_number, id);
