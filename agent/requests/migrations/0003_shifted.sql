ALTER TABLE requests ADD COLUMN shifted REAL NOT NULL DEFAULT 0;   -- seconds by which the clock was set while it waited
