-- Support users, who ask for logs; their secrets as digests. Nothing wrote the first form of log requests.
CREATE TABLE support_users (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret_sha256 TEXT NOT NULL UNIQUE,
    created INTEGER NOT NULL,
    revoked INTEGER
);

DROP TABLE log_requests;

-- `document` is what was signed, byte for byte.
CREATE TABLE log_requests (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    account TEXT NOT NULL REFERENCES accounts(id),
    case_number TEXT NOT NULL REFERENCES cases(number),
    document TEXT NOT NULL,
    signature TEXT NOT NULL,
    asked INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    withdrawn INTEGER
);
CREATE INDEX log_requests_of_account ON log_requests(account, expires);
CREATE INDEX log_requests_of_case ON log_requests(case_number);

-- Every agent of the combination answers for its own server.
CREATE TABLE log_answers (
    request TEXT NOT NULL REFERENCES log_requests(id),
    agent TEXT NOT NULL REFERENCES agents(id),
    kind TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    files TEXT NOT NULL DEFAULT '[]',
    at INTEGER NOT NULL,
    PRIMARY KEY (request, agent)
) WITHOUT ROWID;
