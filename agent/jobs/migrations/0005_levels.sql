-- How a bundle was proven, "A" to "D"; empty for those that were proven before this was kept.
ALTER TABLE volumes ADD COLUMN level TEXT NOT NULL DEFAULT '';
