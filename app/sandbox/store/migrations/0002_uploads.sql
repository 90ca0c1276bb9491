-- tus uploads. `owner` is `person:<id>` or `agent:<id>`; a partial belongs to no case. `received` never says more
-- than was fsynced; `appending` is 1 from the first byte of a request to its clean end, so that a cut is known
-- after any kill. `phase` is receiving, checking, done, or gone (terminated or expired).
CREATE TABLE uploads (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('whole', 'partial', 'final')),
    owner TEXT NOT NULL,
    sent_by TEXT NOT NULL,
    case_number TEXT REFERENCES cases(number),
    name TEXT NOT NULL DEFAULT '',
    sha256 TEXT NOT NULL DEFAULT '',
    manifest_sha256 TEXT NOT NULL DEFAULT '',
    idempotency_key TEXT NOT NULL DEFAULT '',
    metadata TEXT NOT NULL DEFAULT '',
    concat TEXT NOT NULL DEFAULT '',
    length INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    appending INTEGER NOT NULL DEFAULT 0,
    resumed INTEGER NOT NULL DEFAULT 0,
    phase TEXT NOT NULL CHECK (phase IN ('receiving', 'checking', 'done', 'gone')),
    verdict TEXT NOT NULL DEFAULT 'unknown',
    stored_sha256 TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL
);
CREATE UNIQUE INDEX uploads_by_key ON uploads(case_number, idempotency_key) WHERE idempotency_key <> '';
CREATE INDEX uploads_by_phase ON uploads(phase, expires);

-- Files that an SFTP client has finished (closed or renamed) and that are not looked at yet.
CREATE TABLE sftp_arrivals (
    case_number TEXT NOT NULL REFERENCES cases(number),
    name TEXT NOT NULL,
    user TEXT NOT NULL,
    finished INTEGER NOT NULL,
    PRIMARY KEY (case_number, name)
) WITHOUT ROWID;
