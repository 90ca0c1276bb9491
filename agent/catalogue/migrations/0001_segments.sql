CREATE TABLE folders (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  readable INTEGER NOT NULL DEFAULT 1,
  problem TEXT NOT NULL DEFAULT ''
);

CREATE TABLE segments (
  id INTEGER PRIMARY KEY,
  folder INTEGER NOT NULL REFERENCES folders (id),
  path TEXT NOT NULL,              -- relative to the folder, '/' between parts
  application TEXT NOT NULL,
  generation INTEGER NOT NULL,     -- of this path: 1 for the first content seen under it
  device TEXT NOT NULL,            -- text: file ids have 64 bits without a sign
  inode TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  head_length INTEGER NOT NULL,
  head TEXT NOT NULL,
  tail TEXT NOT NULL,
  state TEXT NOT NULL,             -- growing, closed, unknown, gone
  key TEXT NOT NULL DEFAULT '',    -- set when closed: names this content for good
  problem TEXT NOT NULL DEFAULT '',
  first TEXT,
  last TEXT,
  changed TEXT NOT NULL
);

CREATE INDEX segments_by_folder ON segments (folder, state);
CREATE INDEX segments_by_key ON segments (key) WHERE key <> '';
