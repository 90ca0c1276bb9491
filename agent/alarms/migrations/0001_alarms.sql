CREATE TABLE alarms (              -- times in microseconds UTC; no text in it but masked lines
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  application TEXT NOT NULL,       -- masked
  source TEXT NOT NULL,            -- the application as the catalogue knows it, to find its logs
  version TEXT NOT NULL,
  message TEXT NOT NULL,           -- id of the message; empty when it has none
  generation TEXT NOT NULL,        -- names the content of the log
  offset INTEGER NOT NULL,         -- of the line in it
  raised INTEGER NOT NULL,
  touched INTEGER NOT NULL,        -- when its last line was read, by the agent's clock
  first INTEGER NOT NULL,          -- of its lines
  last INTEGER NOT NULL,
  count INTEGER NOT NULL,          -- lines
  folded INTEGER NOT NULL,         -- a storm: one alarm for all of its lines
  ended INTEGER,                   -- when the storm was over
  lines TEXT NOT NULL,             -- JSON: masked
  left_out INTEGER NOT NULL,       -- lines that could not be masked
  pending TEXT NOT NULL,           -- JSON: actions that were not done yet
  UNIQUE (rule, generation, offset)
);

CREATE INDEX alarms_by_rule ON alarms (rule, source, first);
CREATE INDEX alarms_pending ON alarms (id) WHERE pending <> '[]';
CREATE INDEX alarms_going_on ON alarms (rule, source) WHERE folded AND ended IS NULL;

CREATE TABLE marks (               -- up to where a content was looked at for a rule, where it found something
  rule TEXT NOT NULL,
  generation TEXT NOT NULL,
  upto INTEGER NOT NULL,           -- offset of the last line found
  changed INTEGER NOT NULL,
  PRIMARY KEY (rule, generation)
) WITHOUT ROWID;

CREATE TABLE sightings (           -- lines that count towards a rate that is not reached yet
  rule TEXT NOT NULL,
  source TEXT NOT NULL,
  at INTEGER NOT NULL,
  line TEXT NOT NULL,              -- masked
  left_out INTEGER NOT NULL
);

CREATE INDEX sightings_by_rule ON sightings (rule, source, at);

CREATE TABLE drafts (              -- of cases; one for a rule, an application and a version until it is taken
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  application TEXT NOT NULL,
  version TEXT NOT NULL,
  message TEXT NOT NULL,
  first INTEGER NOT NULL,
  last INTEGER NOT NULL,
  lines TEXT NOT NULL,
  left_out INTEGER NOT NULL,
  made INTEGER NOT NULL,
  taken INTEGER
);

CREATE UNIQUE INDEX drafts_open ON drafts (rule, application, version) WHERE taken IS NULL;

CREATE TABLE drafted (             -- which alarms a draft is about
  draft INTEGER NOT NULL REFERENCES drafts (id) ON DELETE CASCADE,
  alarm INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (draft, alarm)
) WITHOUT ROWID;
