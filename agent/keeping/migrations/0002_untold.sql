-- Values that a segment told past the bound of what is remembered of it: masked where they were found only.
ALTER TABLE kept ADD COLUMN untold INTEGER NOT NULL DEFAULT 0;
