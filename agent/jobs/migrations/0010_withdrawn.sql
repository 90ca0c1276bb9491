-- How often a bundle was taken back because rules or key had changed: each time it has another idempotency key.
ALTER TABLE volumes ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;
