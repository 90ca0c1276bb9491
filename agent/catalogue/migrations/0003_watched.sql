-- The day (UTC) on which a folder was last looked at; what no rule watches any more is forgotten by it.
ALTER TABLE folders ADD COLUMN watched TEXT NOT NULL DEFAULT '';
