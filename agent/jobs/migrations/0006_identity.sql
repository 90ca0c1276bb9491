-- What a person chose: device, inode, size and time of change (nanoseconds) of a dropped file; empty for segments.
ALTER TABLE job_files ADD COLUMN identity TEXT NOT NULL DEFAULT '';
