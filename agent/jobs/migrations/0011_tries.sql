-- Failures that end in a person's hands when there are too many of them; waiting for the world is none of these.
ALTER TABLE jobs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
