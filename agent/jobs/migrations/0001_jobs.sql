CREATE TABLE jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  case_number TEXT NOT NULL,
  source TEXT NOT NULL,            -- a rule's name, or drop
  via TEXT NOT NULL,
  state TEXT NOT NULL,
  back_to TEXT NOT NULL DEFAULT '',-- the state a pause, a wait or a failure interrupted
  name TEXT NOT NULL,
  created TEXT NOT NULL,           -- UTC, ISO 8601
  changed TEXT NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,
  sha256 TEXT NOT NULL DEFAULT '',
  manifest_sha256 TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT NOT NULL DEFAULT '',
  acknowledgement TEXT NOT NULL DEFAULT '',
  resumed INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt TEXT,
  problem TEXT                     -- ErrorReply as JSON
);

CREATE INDEX jobs_by_state ON jobs (state);
CREATE INDEX jobs_by_case ON jobs (case_number);

CREATE TABLE job_files (
  job TEXT NOT NULL REFERENCES jobs (id),
  number INTEGER NOT NULL,
  name TEXT NOT NULL,              -- in the bundle
  path TEXT NOT NULL,              -- on this machine
  segment TEXT NOT NULL DEFAULT '',-- the catalogue's key; empty for a dropped file
  application TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,             -- waiting, masked, quarantined, left-out
  raw_size INTEGER NOT NULL DEFAULT 0,
  packed_size INTEGER NOT NULL DEFAULT 0, -- in the bundle, set by bundling
  raw_sha256 TEXT NOT NULL DEFAULT '',  -- set by collecting
  modified_ns INTEGER NOT NULL DEFAULT 0,
  report TEXT,                     -- FileReport as JSON, set by masking
  kind TEXT NOT NULL DEFAULT '',   -- why it is not in the bundle: a word of the manifest
  reason TEXT NOT NULL DEFAULT '', -- the same, for people
  at TEXT NOT NULL DEFAULT '',     -- when it was quarantined or left out
  PRIMARY KEY (job, number)
);

CREATE INDEX job_files_quarantined ON job_files (at) WHERE state = 'quarantined';

-- A closed segment belongs to one job of a rule, for ever.
CREATE TABLE claims (
  rule TEXT NOT NULL,
  segment TEXT NOT NULL,
  job TEXT NOT NULL REFERENCES jobs (id),
  PRIMARY KEY (rule, segment)
) WITHOUT ROWID;

-- The same bytes of the same application are sent once per rule, whatever file they lie in.
CREATE TABLE contents (
  rule TEXT NOT NULL,
  application TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  job TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (rule, application, sha256),
  FOREIGN KEY (job, number) REFERENCES job_files (job, number)
) WITHOUT ROWID;

CREATE TABLE batches (
  rule TEXT PRIMARY KEY,
  last TEXT NOT NULL
) WITHOUT ROWID;
