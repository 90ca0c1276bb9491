CREATE TABLE applications (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  witness TEXT NOT NULL            -- header, name or rule: who says that it is called so
);

CREATE TABLE hosts (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE timed (               -- what the lines of a segment tell; times in milliseconds UTC
  segment INTEGER PRIMARY KEY REFERENCES segments (id) ON DELETE CASCADE,
  application INTEGER NOT NULL REFERENCES applications (id),
  host INTEGER NOT NULL REFERENCES hosts (id),
  encoding TEXT NOT NULL,
  packing TEXT NOT NULL DEFAULT '',
  zone_known INTEGER NOT NULL,
  number INTEGER,                  -- of the segment, counted by its application
  started INTEGER,                 -- when the application was started
  upto INTEGER NOT NULL,           -- bytes that were read, of the unpacked file
  complete INTEGER NOT NULL,       -- it was closed when it was read
  least INTEGER,
  most INTEGER,
  last INTEGER,
  skew INTEGER,                    -- last line minus time of change, while it grew
  records INTEGER NOT NULL,
  going_on TEXT NOT NULL DEFAULT '', -- what is needed to read on; empty when complete
  problem TEXT NOT NULL DEFAULT '',
  entries BLOB NOT NULL            -- one per 64 KB
);

CREATE INDEX timed_by_time ON timed (application, least, most);

CREATE TABLE volumes (             -- per segment and 10 minutes
  segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
  slot INTEGER NOT NULL,           -- 10 minutes since 1970
  bytes INTEGER NOT NULL,
  records INTEGER NOT NULL,
  kinds BLOB NOT NULL,             -- records by kind, in the order of MessageKind
  PRIMARY KEY (segment, slot)
) WITHOUT ROWID;

CREATE TABLE silences (            -- the application wrote nothing within a segment
  segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (segment, first)
) WITHOUT ROWID;

CREATE TABLE runs (                -- when this agent ran
  id INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL
);

CREATE TABLE holds (
  id INTEGER PRIMARY KEY,
  reason TEXT NOT NULL,            -- incident, alarm or collection
  label TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  applications TEXT NOT NULL,      -- JSON; empty for all
  made INTEGER NOT NULL,
  expires INTEGER NOT NULL
);

CREATE TABLE pins (                -- what keeps the bytes of a segment after its file is deleted
  segment INTEGER PRIMARY KEY REFERENCES segments (id) ON DELETE RESTRICT,
  path TEXT NOT NULL,              -- below the evidence folder
  size INTEGER NOT NULL,
  linked INTEGER NOT NULL
);

CREATE TABLE held (
  hold INTEGER NOT NULL REFERENCES holds (id) ON DELETE CASCADE,
  segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE RESTRICT,
  problem TEXT NOT NULL DEFAULT '',-- why it is not pinned; empty when it is
  PRIMARY KEY (hold, segment)
) WITHOUT ROWID;
