CREATE TABLE kept (                -- of one growing segment
  id INTEGER PRIMARY KEY AUTOINCREMENT, -- names the file of parts; never used again
  segment INTEGER NOT NULL,        -- of the catalogue
  folder TEXT NOT NULL,
  path TEXT NOT NULL,              -- relative to the folder, '/' between parts
  application TEXT NOT NULL,
  device TEXT NOT NULL,            -- text: file ids have 64 bits without a sign
  inode TEXT NOT NULL,
  modified_ns INTEGER NOT NULL,
  begin INTEGER NOT NULL,          -- bytes before this one were sent before
  size INTEGER NOT NULL,           -- of the raw bytes up to the end of the last part; the fingerprint is of them
  head_length INTEGER NOT NULL,
  head TEXT NOT NULL,
  tail TEXT NOT NULL,
  packed INTEGER NOT NULL DEFAULT 0, -- bytes of the file of parts that count
  text INTEGER NOT NULL DEFAULT 0, -- bytes of masked text in it
  seen INTEGER NOT NULL,           -- the largest size that was seen
  learned BLOB NOT NULL DEFAULT x'', -- what it told, sealed
  state TEXT NOT NULL DEFAULT 'open', -- open, rescued
  key TEXT NOT NULL DEFAULT '',    -- set when it is rescued: names what is kept for good
  problem TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX kept_by_segment ON kept (segment) WHERE state = 'open';

CREATE TABLE parts (
  kept INTEGER NOT NULL REFERENCES kept (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,          -- raw offset
  size INTEGER NOT NULL,           -- raw bytes
  sha256 TEXT NOT NULL,            -- of the raw bytes
  PRIMARY KEY (kept, start)
) WITHOUT ROWID;

CREATE TABLE losses (              -- bytes that were there and are nowhere any more
  id INTEGER PRIMARY KEY,
  folder TEXT NOT NULL,
  path TEXT NOT NULL,
  application TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  reason TEXT NOT NULL,
  at TEXT NOT NULL
);
