-- What one rule has taken up for a case is not sent there by another one.
CREATE INDEX job_files_by_segment ON job_files (segment) WHERE segment <> '';
CREATE INDEX ranges_by_application ON ranges (application, head, upto);
CREATE INDEX contents_by_sha256 ON contents (sha256);

-- Of contents whose job is forgotten: the case that has them, and what they were masked by; empty when none has.
ALTER TABLE contents ADD COLUMN case_number TEXT NOT NULL DEFAULT '';
ALTER TABLE contents ADD COLUMN masked_by TEXT NOT NULL DEFAULT '';
