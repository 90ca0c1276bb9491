-- The journal before this one was lost: whether a segment of before was sent cannot be known.
CREATE TABLE lost (
  only_one INTEGER PRIMARY KEY CHECK (only_one = 1),
  at_ns INTEGER NOT NULL,          -- when it was found, nanoseconds since 1970
  seen INTEGER NOT NULL,           -- the highest number that the catalogue had given a segment; 0 when it was lost, too
  unsent TEXT NOT NULL             -- JSON: numbers of logs that grew then, and of which nothing was sent
);
