-- A journal as version 1 of its schema wrote it.
BEGIN TRANSACTION;
CREATE TABLE leases (
    transfer INTEGER PRIMARY KEY REFERENCES transfers (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    until REAL NOT NULL
) STRICT;
CREATE TABLE parts (
    transfer INTEGER NOT NULL REFERENCES transfers (id) ON DELETE CASCADE,
    start INTEGER NOT NULL CHECK (start >= 0),
    length INTEGER NOT NULL CHECK (length > 0),
    sha256 TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    PRIMARY KEY (transfer, start)
) STRICT, WITHOUT ROWID;
INSERT INTO "parts" VALUES(1,0,8388608,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','acked');
INSERT INTO "parts" VALUES(1,8388608,8388608,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','sent');
INSERT INTO "parts" VALUES(1,16777216,3222784,'','planned');
CREATE TABLE transfers (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    destination TEXT NOT NULL,
    name TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size >= 0),
    sha256 TEXT NOT NULL,
    manifest_sha256 TEXT NOT NULL,
    source_path TEXT NOT NULL,
    source_mtime_ns INTEGER NOT NULL,
    source_head TEXT NOT NULL,
    source_tail TEXT NOT NULL,
    remote TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    resumed INTEGER NOT NULL DEFAULT 0,
    error_code TEXT NOT NULL DEFAULT '',
    level TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    updated REAL NOT NULL
) STRICT;
INSERT INTO "transfers" VALUES(1,'sending-key','https://portal.example:443/files','logs-1.zip',20000000,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','/spool/logs-1.zip',1764000000000000000,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','https://portal.example/files/1','sending',3,1,'CF-1510','',1764000000.0,1764000100.0);
INSERT INTO "transfers" VALUES(2,'done-key','https://portal.example:443/files','logs-2.zip',20000000,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','/spool/logs-2.zip',1764000000000000000,'2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881','https://portal.example/files/1','verified',3,1,'','A',1764000000.0,1764000100.0);
CREATE INDEX transfers_by_state ON transfers (state, updated);
COMMIT;
PRAGMA user_version = 1;
