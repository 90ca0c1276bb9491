ALTER TABLE requests ADD COLUMN parts TEXT NOT NULL DEFAULT '[]';   -- what was decided about: application, kind, bytes; JSON
ALTER TABLE requests ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;   -- how often it was asked about anew
