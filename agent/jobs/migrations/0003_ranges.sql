-- A job takes up a range of a segment. Rows of before have no mark: they are about the whole of it.
ALTER TABLE job_files ADD COLUMN mark TEXT;                           -- SegmentMark as JSON
ALTER TABLE job_files ADD COLUMN start INTEGER NOT NULL DEFAULT 0;    -- first byte that was not taken up before
ALTER TABLE job_files ADD COLUMN header INTEGER NOT NULL DEFAULT 0;   -- bytes of the header, sent again with a range
ALTER TABLE job_files ADD COLUMN volume INTEGER NOT NULL DEFAULT 1;   -- the bundle it is in

-- How far each generation was taken up for a rule: what grows afterwards is a range of its own.
CREATE TABLE ranges (
  rule TEXT NOT NULL,
  application TEXT NOT NULL,
  head TEXT NOT NULL,              -- of the fingerprint; empty while the head was not whole
  upto INTEGER NOT NULL,
  mark TEXT NOT NULL,              -- SegmentMark as JSON
  job TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (job, number),
  FOREIGN KEY (job, number) REFERENCES job_files (job, number)
) WITHOUT ROWID;

CREATE INDEX ranges_by_head ON ranges (rule, application, head, upto);

-- The bundles of a job, each with its own transfer.
CREATE TABLE volumes (
  job TEXT NOT NULL REFERENCES jobs (id),
  number INTEGER NOT NULL,
  name TEXT NOT NULL,
  size INTEGER NOT NULL DEFAULT 0,      -- 0 until it is sealed
  sha256 TEXT NOT NULL DEFAULT '',
  manifest_sha256 TEXT NOT NULL DEFAULT '',
  idempotency_key TEXT NOT NULL DEFAULT '',
  resumed INTEGER NOT NULL DEFAULT 0,
  verified INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (job, number)
) WITHOUT ROWID;

INSERT INTO volumes (job, number, name, size, sha256, manifest_sha256, idempotency_key, resumed, verified)
  SELECT id, 1, name, size, sha256, manifest_sha256, idempotency_key, resumed, state = 'verified'
  FROM jobs WHERE idempotency_key <> '';
