"""A process that follows a folder with the real watcher; bytes and positions in one SQLite transaction.

``python -m tests.peers.follow_process FOLDER DATABASE [--numbers] [--scan-only]``. It says ``ready`` on a
line of its own, and can be killed at any moment. With ``--numbers`` it keeps no bytes, but the numbers of the
lines (``WRITER n<NUMBER> ...``) of every generation, for runs of many gigabytes.
"""

from __future__ import annotations

import argparse
import re
import signal
import sqlite3
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

from agent.watch import End, Fingerprint, FolderScan, Follower, NoHints, Piece, Position, Watcher, file_events

_NUMBER = re.compile(rb"^(\S+) n([0-9]+) ", re.MULTILINE)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS positions (
  generation INTEGER PRIMARY KEY, path TEXT, device TEXT, inode TEXT, size INTEGER, head_length INTEGER,
  head TEXT, tail TEXT, ended TEXT
);
CREATE TABLE IF NOT EXISTS generations (number INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE IF NOT EXISTS pieces (generation INTEGER, start INTEGER, content BLOB);
CREATE TABLE IF NOT EXISTS runs (
  generation INTEGER PRIMARY KEY, writer TEXT, first INTEGER, last INTEGER, broken INTEGER, carry BLOB
);
"""


class Store:
    """What was taken in."""

    def __init__(self, path: Path, *, numbers: bool = False) -> None:
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_SCHEMA)
        self._numbers = numbers

    def positions(self) -> list[Position]:
        return [
            Position(row[0], row[1], int(row[2]), int(row[3]), Fingerprint(*row[4:8]), End(row[8]))
            for row in self._database.execute("SELECT * FROM positions")
        ]

    def new_generation(self) -> int:
        number = self._database.execute("INSERT INTO generations DEFAULT VALUES").lastrowid
        assert number is not None
        return number

    def take(self, piece: Piece) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            if self._numbers:
                self._count(piece)
            else:
                self._database.execute(
                    "INSERT INTO pieces VALUES (?, ?, ?)", (piece.generation, piece.start, piece.content)
                )
            self.keep(piece.after)
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise

    def keep(self, position: Position) -> None:
        """Keep it in the place of what was known of its generation."""
        seen = position.print
        self._database.execute(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                position.generation,
                position.path,
                str(position.device),
                str(position.inode),
                seen.size,
                seen.head_length,
                seen.head,
                seen.tail,
                position.end.value,
            ),
        )

    def contents(self) -> Iterator[bytes]:
        """What was read of each generation; an error when its ranges do not follow one another."""
        generation, content = 0, bytearray()
        for number, start, piece in self._database.execute(
            "SELECT generation, start, content FROM pieces ORDER BY generation, start"
        ):
            if number != generation:
                yield bytes(content)
                generation, content = number, bytearray()
            if start != len(content):
                raise AssertionError(f"generation {generation}: {start} is not {len(content)}")
            content += piece
        yield bytes(content)

    def runs(self) -> list[tuple[str, int, int, int]]:
        """Writer, first and last number, and how many steps between lines were not one, by generation."""
        return list(
            self._database.execute(
                "SELECT writer, first, last, broken FROM runs WHERE writer <> '' ORDER BY writer, first"
            )
        )

    def lost(self) -> list[tuple[str, int]]:
        """Writer and last number of every generation of which the follower says that what follows is lost."""
        return list(
            self._database.execute(
                "SELECT writer, last FROM runs JOIN positions USING (generation) WHERE ended = 'lost' "
                "ORDER BY writer, last"
            )
        )

    def size(self) -> int:
        """Bytes that were taken in."""
        return int(self._database.execute("SELECT coalesce(sum(size), 0) FROM positions").fetchone()[0])

    def close(self) -> None:
        self._database.close()

    def _count(self, piece: Piece) -> None:
        row = self._database.execute(
            "SELECT writer, first, last, broken, carry FROM runs WHERE generation = ?", (piece.generation,)
        ).fetchone()
        writer, first, last, broken, carry = row or ("", -1, -1, 0, b"")
        whole, _, carry = (carry + piece.content).rpartition(b"\n")
        for match in _NUMBER.finditer(whole):
            number = int(match[2])
            if last < 0:
                writer, first = match[1].decode(), number
            elif number != last + 1:
                broken += 1
            last = number
        self._database.execute(
            "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?)",
            (piece.generation, writer, first, last, broken, carry),
        )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("folder", type=Path)
    words.add_argument("database", type=Path)
    words.add_argument("--numbers", action="store_true")
    words.add_argument("--scan-only", action="store_true")
    asked = words.parse_args()
    store = Store(asked.database, numbers=asked.numbers)
    follower = Follower(
        asked.folder,
        positions=store.positions(),
        on_piece=store.take,
        new_generation=store.new_generation,
        on_end=store.keep,
    )

    def take(scan: FolderScan) -> float | None:
        return follower.take(scan)

    watcher = Watcher(
        [asked.folder],
        hints=NoHints("not wanted") if asked.scan_only else file_events(),
        on_scan=take,
        every=60.0,
        remembered=lambda _folder: {position.directory for position in store.positions()},
    )
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    watcher.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stop.wait()
    watcher.stop()
    follower.close()
    store.close()


if __name__ == "__main__":
    main()
