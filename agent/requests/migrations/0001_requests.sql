-- Each request once, for ever: one that comes again is known. `document` is what the portal signed.
CREATE TABLE requests (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  case_number TEXT NOT NULL,
  document TEXT NOT NULL,
  received TEXT NOT NULL,               -- UTC, ISO 8601
  state TEXT NOT NULL,
  rule TEXT NOT NULL DEFAULT '',        -- of the policy
  reason TEXT NOT NULL DEFAULT '',      -- for people
  decided TEXT,
  decided_by TEXT NOT NULL DEFAULT '',
  size INTEGER NOT NULL DEFAULT 0,
  files INTEGER NOT NULL DEFAULT 0,
  jobs TEXT NOT NULL DEFAULT '[]',      -- ids, JSON
  told TEXT NOT NULL DEFAULT ''         -- the last answer that the portal has
);

CREATE INDEX requests_by_state ON requests (state);
