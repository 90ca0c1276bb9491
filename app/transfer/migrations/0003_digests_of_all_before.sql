-- Where parts go out in order, and the peer proves the whole file, a part is known by the SHA-256 of the file
-- from its start to the part's end, so that the sender hashes each byte once.
ALTER TABLE parts ADD COLUMN upto TEXT NOT NULL DEFAULT '';
