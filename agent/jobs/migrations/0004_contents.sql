-- What was sent once is known for ever, also when its job is forgotten.
CREATE TABLE contents_for_good (
  rule TEXT NOT NULL,
  application TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  job TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (rule, application, sha256)
) WITHOUT ROWID;

INSERT INTO contents_for_good SELECT rule, application, sha256, job, number FROM contents;
DROP TABLE contents;
ALTER TABLE contents_for_good RENAME TO contents;

CREATE INDEX claims_by_job ON claims (job);
CREATE INDEX jobs_ended ON jobs (changed) WHERE state IN ('verified', 'cancelled');
