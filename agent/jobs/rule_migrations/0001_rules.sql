CREATE TABLE withheld (            -- what a rule did not send, and why
  rule TEXT NOT NULL,
  segment TEXT NOT NULL,           -- the catalogue's key
  reason TEXT NOT NULL,
  application TEXT NOT NULL,
  name TEXT NOT NULL,              -- relative to the watched folder
  size INTEGER NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (rule, segment)
) WITHOUT ROWID;

CREATE TABLE cases (               -- what the portal last said of the cases that rules send to
  number TEXT PRIMARY KEY,
  state TEXT NOT NULL,             -- open, closed or unknown
  asked TEXT NOT NULL
) WITHOUT ROWID;
