-- The built-in portal's store. Times are microseconds since 1970 UTC, digests lower-case hex SHA-256.
-- Secrets are hashed (passwords: scrypt; tokens and client secrets: SHA-256 of 256 random bits) or sealed
-- (AES-256-GCM, what a rule wants shown again: PIN, SFTP password).

-- R-ACC-1: a (Sold To, End User) combination.
CREATE TABLE accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    sold_to TEXT NOT NULL,
    end_user TEXT NOT NULL,
    direct INTEGER NOT NULL,
    support_level TEXT NOT NULL
);

-- R-ACC-5 to 7. `pin` is sealed.
CREATE TABLE contacts (
    id TEXT PRIMARY KEY,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT NOT NULL UNIQUE COLLATE NOCASE,
    employer TEXT NOT NULL,
    country TEXT NOT NULL,
    password TEXT NOT NULL,
    pin BLOB
);

-- R-ACC-2: write access ends with the last contract of a combination.
CREATE TABLE contracts (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    products TEXT NOT NULL,
    support_level TEXT NOT NULL,
    active_from INTEGER NOT NULL,
    active_to INTEGER NOT NULL
);
CREATE INDEX contracts_of_account ON contracts(account);

-- R-ACC-3, 4: an unapproved membership counts as basic.
CREATE TABLE memberships (
    contact TEXT NOT NULL REFERENCES contacts(id),
    account TEXT NOT NULL REFERENCES accounts(id),
    level TEXT NOT NULL CHECK (level IN ('basic', 'read-only', 'read-write')),
    approved INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (contact, account)
) WITHOUT ROWID;
CREATE INDEX memberships_of_account ON memberships(account);

-- R-ACC-8: visible until decided.
CREATE TABLE access_requests (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contacts(id),
    account TEXT NOT NULL REFERENCES accounts(id),
    level TEXT NOT NULL,
    asked INTEGER NOT NULL,
    decided INTEGER,
    granted INTEGER,
    note TEXT NOT NULL DEFAULT ''
);

-- R-CASE. `revision` counts changes (ETag); `last_update` is the newest row of the feed, `last_message*` the
-- newest message of support, kept here so that lists need one table.
CREATE TABLE cases (
    number TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    contact TEXT NOT NULL REFERENCES contacts(id),
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL,
    substatus TEXT NOT NULL,
    priority TEXT NOT NULL,
    stage TEXT NOT NULL,
    component TEXT NOT NULL,
    version TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL DEFAULT '',
    opened INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    waiting_since INTEGER,
    closed_at INTEGER,
    closed_by_follow_up INTEGER NOT NULL DEFAULT 0,
    closure_comment TEXT NOT NULL DEFAULT '',
    escalated_since INTEGER,
    agents_affected INTEGER,
    reference TEXT NOT NULL DEFAULT '',
    ask TEXT NOT NULL DEFAULT '',
    last_update INTEGER NOT NULL DEFAULT 0,
    last_message TEXT NOT NULL DEFAULT '',
    last_message_at INTEGER,
    deployment TEXT NOT NULL DEFAULT '',
    sub_type TEXT NOT NULL DEFAULT 'Problem',
    business_impact TEXT NOT NULL DEFAULT '',
    security_threat INTEGER NOT NULL DEFAULT 0,
    refers_to TEXT NOT NULL DEFAULT ''
);
-- Every order of a list is an index, so that a page of 100 000 cases is read, not sorted; the expressions are
-- those of store/caselist.py. The last one answers the counts of the views by itself.
CREATE INDEX cases_by_update ON cases(updated, number);
CREATE INDEX cases_by_opening ON cases(opened, number);
CREATE INDEX cases_by_priority ON cases(
    CASE priority WHEN 'Critical' THEN 0 WHEN 'High' THEN 1 WHEN 'Medium' THEN 2 WHEN 'Low' THEN 3 END, number
);
CREATE INDEX cases_by_subject ON cases(lower(subject), number);
CREATE INDEX cases_by_status ON cases(
    CASE status WHEN 'Open' THEN 0 WHEN 'Awaiting Information' THEN 1 WHEN 'Solution Proposed' THEN 2
        WHEN 'Closed' THEN 3 END, number
);
CREATE INDEX cases_by_closing ON cases(coalesce(waiting_since, 4611686018427387904), number);
CREATE INDEX cases_counted ON cases(account, status, contact, type, priority, substatus, closed_at);

-- The feed of a case. `contact` is the customer's author, or null.
CREATE TABLE updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    case_number TEXT NOT NULL REFERENCES cases(number),
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    contact TEXT REFERENCES contacts(id),
    from_support INTEGER NOT NULL,
    channel TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL
);
CREATE INDEX updates_of_case ON updates(case_number, at, seq);

-- How far a contact has read a case's feed.
CREATE TABLE seen (
    contact TEXT NOT NULL REFERENCES contacts(id),
    case_number TEXT NOT NULL REFERENCES cases(number),
    update_seq INTEGER NOT NULL,
    PRIMARY KEY (contact, case_number)
) WITHOUT ROWID;

-- R-FILE-3. The bytes lie at <data>/cases/<number>/files/<id>, or .../aside/<id> when the check says `differs`.
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    case_number TEXT NOT NULL REFERENCES cases(number),
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    origin TEXT NOT NULL,
    verdict TEXT NOT NULL,
    via TEXT NOT NULL DEFAULT '',
    sent INTEGER NOT NULL,
    sent_by TEXT NOT NULL,
    resumed INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX files_of_case ON files(case_number, sent);

-- The first member of a bundle, as it was sent.
CREATE TABLE manifests (
    file TEXT PRIMARY KEY REFERENCES files(id),
    body BLOB NOT NULL
);

CREATE TABLE update_files (
    update_seq INTEGER NOT NULL REFERENCES updates(seq),
    file TEXT NOT NULL REFERENCES files(id),
    PRIMARY KEY (update_seq, file)
) WITHOUT ROWID;

-- R-FILE-1.
CREATE TABLE acknowledgements (
    id TEXT PRIMARY KEY,
    case_number TEXT NOT NULL REFERENCES cases(number),
    contact TEXT NOT NULL REFERENCES contacts(id),
    at INTEGER NOT NULL,
    expires INTEGER NOT NULL
);

-- R-FILE-5. `password` is sealed; at most one account of a case lives.
CREATE TABLE sftp_accounts (
    id TEXT PRIMARY KEY,
    case_number TEXT NOT NULL REFERENCES cases(number),
    user TEXT NOT NULL UNIQUE,
    password BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    ended INTEGER
);
CREATE INDEX sftp_accounts_of_case ON sftp_accounts(case_number, expires);

-- One credential per server; the secret's digest only.
CREATE TABLE agents (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    server TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL,
    created INTEGER NOT NULL,
    created_by TEXT NOT NULL REFERENCES contacts(id),
    revoked INTEGER,
    last_seen INTEGER
);
CREATE INDEX agents_of_account ON agents(account, created);

-- OAuth: public clients, and what they were given.
CREATE TABLE oauth_clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    redirect TEXT NOT NULL
);
INSERT INTO oauth_clients VALUES ('caseferry-desktop', 'Caseferry desktop', 'http://127.0.0.1:*/callback');

CREATE TABLE oauth_codes (
    code_sha256 TEXT PRIMARY KEY,
    client TEXT NOT NULL REFERENCES oauth_clients(id),
    contact TEXT NOT NULL REFERENCES contacts(id),
    redirect TEXT NOT NULL,
    challenge TEXT NOT NULL,
    scope TEXT NOT NULL,
    expires INTEGER NOT NULL,
    family TEXT NOT NULL,
    used INTEGER NOT NULL DEFAULT 0
);

-- A token is `<id>.<secret>`; a family is everything that came from one sign-in.
CREATE TABLE oauth_tokens (
    id TEXT PRIMARY KEY,
    secret_sha256 TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    family TEXT NOT NULL,
    client TEXT NOT NULL,
    contact TEXT REFERENCES contacts(id),
    agent TEXT REFERENCES agents(id),
    scope TEXT NOT NULL,
    issued INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER
);
CREATE INDEX oauth_tokens_of_family ON oauth_tokens(family);
CREATE INDEX oauth_tokens_of_agent ON oauth_tokens(agent);
CREATE INDEX oauth_tokens_by_expiry ON oauth_tokens(expires);

CREATE TABLE oauth_devices (
    device_sha256 TEXT PRIMARY KEY,
    user_code TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL REFERENCES oauth_clients(id),
    scope TEXT NOT NULL,
    expires INTEGER NOT NULL,
    polled INTEGER NOT NULL DEFAULT 0,
    contact TEXT REFERENCES contacts(id),
    denied INTEGER NOT NULL DEFAULT 0
);

-- `subject` is the digest of what was tried (an address, a client, a network address), never itself.
CREATE TABLE sign_in_failures (
    subject TEXT NOT NULL,
    at INTEGER NOT NULL
);
CREATE INDEX sign_in_failures_of_subject ON sign_in_failures(subject, at);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    account TEXT NOT NULL,
    case_number TEXT NOT NULL DEFAULT '',
    subject TEXT NOT NULL DEFAULT ''
);

-- Answers to creating calls. The key is kept as a digest and seals the answer, so that only its owner reads it.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    key_sha256 TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    answer BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (caller, key_sha256)
) WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency(at);

-- What follows is foreseen for the rest of the rules; nothing writes it yet.

-- R-CASE-13, 14.
CREATE TABLE escalations (
    id TEXT PRIMARY KEY,
    case_number TEXT NOT NULL REFERENCES cases(number),
    state TEXT NOT NULL CHECK (state IN ('requested', 'accepted', 'rejected', 'closed')),
    owner TEXT NOT NULL DEFAULT '',
    reason TEXT NOT NULL,
    verdict TEXT NOT NULL DEFAULT '',
    requested INTEGER NOT NULL,
    changed INTEGER NOT NULL
);
CREATE TABLE escalation_updates (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    escalation TEXT NOT NULL REFERENCES escalations(id),
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    from_support INTEGER NOT NULL,
    text TEXT NOT NULL
);

-- R-SW.
CREATE TABLE releases (
    id TEXT PRIMARY KEY,
    product TEXT NOT NULL,
    component TEXT NOT NULL,
    version TEXT NOT NULL,
    os TEXT NOT NULL,
    language TEXT NOT NULL,
    packaging TEXT NOT NULL,
    controlled INTEGER NOT NULL,
    hot_fix INTEGER NOT NULL,
    released INTEGER NOT NULL,
    end_of_life INTEGER,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL
);
CREATE TABLE terms (
    id TEXT PRIMARY KEY,
    text TEXT NOT NULL,
    valid_from INTEGER NOT NULL
);
CREATE TABLE downloads (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    contact TEXT NOT NULL REFERENCES contacts(id),
    release_id TEXT NOT NULL REFERENCES releases(id),
    terms TEXT NOT NULL REFERENCES terms(id),
    accepted INTEGER NOT NULL,
    started INTEGER
);

-- R-LIC.
CREATE TABLE licences (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    case_number TEXT REFERENCES cases(number),
    permanent INTEGER NOT NULL,
    issued_by TEXT NOT NULL,
    issued INTEGER NOT NULL,
    expires INTEGER,
    body BLOB NOT NULL
);

-- R-KB-4.
CREATE TABLE knowledge_alerts (
    id TEXT PRIMARY KEY,
    contact TEXT NOT NULL REFERENCES contacts(id),
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    document TEXT NOT NULL DEFAULT '',
    every TEXT NOT NULL CHECK (every IN ('day', 'week', 'month')),
    created INTEGER NOT NULL,
    stopped INTEGER
);

-- R-LOG-1.
CREATE TABLE log_requests (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES accounts(id),
    case_number TEXT NOT NULL REFERENCES cases(number),
    applications TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    asked_by TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'sent', 'withdrawn')),
    decided INTEGER,
    decided_by TEXT
);
