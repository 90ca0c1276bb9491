-- A packed segment may hold several texts; each has a row, and times, of its own. Its offsets are those of the
-- unpacked text. What could not be read line by line is read again: an archive of several files can be by now.
CREATE TABLE texts (
  id INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
  member INTEGER NOT NULL DEFAULT 0, -- number of the text in the segment
  inside TEXT NOT NULL DEFAULT '',   -- its name there, where there are several
  application INTEGER NOT NULL REFERENCES applications (id),
  host INTEGER NOT NULL REFERENCES hosts (id),
  encoding TEXT NOT NULL,
  packing TEXT NOT NULL DEFAULT '',
  zone_known INTEGER NOT NULL,
  number INTEGER,                  -- of the segment, counted by its application
  started INTEGER,                 -- when the application was started
  upto INTEGER NOT NULL,           -- bytes that were read, of the unpacked text
  file_size INTEGER NOT NULL DEFAULT 0, -- of the segment, when it was read
  complete INTEGER NOT NULL,       -- it was closed when it was read
  least INTEGER,
  most INTEGER,
  last INTEGER,
  skew INTEGER,                    -- last line minus time of change, while it grew
  records INTEGER NOT NULL,
  going_on TEXT NOT NULL DEFAULT '', -- what is needed to read on; empty when complete
  problem TEXT NOT NULL DEFAULT '',
  broken TEXT NOT NULL DEFAULT '', -- why nothing behind what was read can be unpacked
  garbled INTEGER NOT NULL DEFAULT 0, -- its check sums do not fit
  entries BLOB NOT NULL,           -- one per 64 KB
  UNIQUE (segment, member)
);

INSERT INTO texts (id, segment, application, host, encoding, packing, zone_known, number, started, upto,
  complete, least, most, last, skew, records, going_on, problem, entries)
SELECT segment, segment, application, host, encoding, packing, zone_known, number, started, upto,
  complete, least, most, last, skew, records, going_on, problem, entries FROM timed WHERE problem = '';

DROP TABLE timed;
ALTER TABLE texts RENAME TO timed;
CREATE INDEX timed_by_time ON timed (application, least, most);

CREATE TABLE volumes_of_texts (    -- per text and 10 minutes
  timed INTEGER NOT NULL REFERENCES timed (id) ON DELETE CASCADE,
  slot INTEGER NOT NULL,           -- 10 minutes since 1970
  bytes INTEGER NOT NULL,
  records INTEGER NOT NULL,
  kinds BLOB NOT NULL,             -- records by kind, in the order of MessageKind
  PRIMARY KEY (timed, slot)
) WITHOUT ROWID;
INSERT INTO volumes_of_texts SELECT * FROM volumes WHERE segment IN (SELECT id FROM timed);
DROP TABLE volumes;
ALTER TABLE volumes_of_texts RENAME TO volumes;

CREATE TABLE silences_of_texts (   -- the application wrote nothing within a text
  timed INTEGER NOT NULL REFERENCES timed (id) ON DELETE CASCADE,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  PRIMARY KEY (timed, first)
) WITHOUT ROWID;
INSERT INTO silences_of_texts SELECT * FROM silences WHERE segment IN (SELECT id FROM timed);
DROP TABLE silences;
ALTER TABLE silences_of_texts RENAME TO silences;
