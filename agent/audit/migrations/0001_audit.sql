-- The last record, apart from the files: a tail that was cut off is noticed. `line` is what is written next to
-- the file; after a crash in between it is written from here.
CREATE TABLE head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  seq INTEGER NOT NULL,
  digest TEXT NOT NULL,
  mac TEXT NOT NULL,
  line BLOB NOT NULL
);

-- What was recorded, so that an event that is told again is recorded once.
CREATE TABLE recorded (
  event TEXT PRIMARY KEY,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
