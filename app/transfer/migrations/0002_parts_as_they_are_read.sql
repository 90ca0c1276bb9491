-- A part is a row once it was read, before its first byte leaves; what has no row is still to be read.
DELETE FROM parts WHERE state = 'planned';

ALTER TABLE transfers ADD COLUMN error TEXT NOT NULL DEFAULT '';
