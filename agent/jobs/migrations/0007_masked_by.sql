-- By which rules and key a copy was masked, and the bundle that it is in: digest and name; empty when not known.
ALTER TABLE job_files ADD COLUMN masked_by TEXT NOT NULL DEFAULT '';
ALTER TABLE volumes ADD COLUMN masked_by TEXT NOT NULL DEFAULT '';
