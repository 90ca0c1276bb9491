"""The table of what is kept of growing segments; a part is on the disk before its row counts it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from agent.catalogue import Segment
from agent.keeping.rows import KeptRow, Loss, kept_row, loss_row
from agent.watch import Fingerprint
from app.storage import Database, Durability, migrations_in, open_database

_TOLD_FOR = timedelta(days=30)
_LOSSES = "SELECT * FROM losses ORDER BY at DESC, id DESC"


@dataclass(frozen=True, slots=True)
class Advance:
    """One part more.

    Attributes:
        row: what was kept before.
        print: of the raw bytes up to the end of the part.
        sha256: of the raw bytes of the part.
        packed, text: of the file of parts, with it.
        learned: what the segment told up to there, sealed.
        untold: values of the part that are past the bound of what is remembered.
    """

    row: KeptRow
    print: Fingerprint
    sha256: str
    packed: int
    text: int
    learned: bytes
    untold: int = 0


LEDGER_NAME = "kept.db"
_MIGRATIONS = Path(__file__).parent / "migrations"


class KeptLedger:
    """Rows in SQLite (WAL, ``synchronous=FULL``). Usable from any thread."""

    def __init__(self, path: Path, *, wall: Callable[[], datetime], first: int = 0) -> None:
        """Open or make it.

        Args:
            path: the database file.
            wall: aware UTC time.
            first: numbers are higher than this one; of a ledger that is made in place of another.

        Raises:
            LocalError: it cannot be opened, or was written by a newer program.
        """
        self._database = open_database(path, migrations_in(_MIGRATIONS), durability=Durability.FULL)
        self._wall = wall
        if first:
            with self._database.transaction() as connection:
                connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('kept', ?)", (first,))

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def begin(self, segments: Sequence[tuple[Segment, Fingerprint]]) -> None:
        """Rows for segments that have none; with the fingerprint of what was sent of each before.

        Of those that have one, what was seen of them is brought up to date.
        """
        with self._database.transaction() as connection:
            for segment, sent in segments:
                self._begin(connection, segment, sent)

    def _begin(self, connection: sqlite3.Connection, segment: Segment, sent: Fingerprint) -> None:
        changed = connection.execute(
            "UPDATE kept SET seen = max(seen, ?), path = ?, modified_ns = ? "
            "WHERE segment = ? AND state = 'open' AND device = ? AND inode = ?",
            (
                *(segment.size, segment.path, segment.modified_ns, segment.id),
                *(str(segment.device), str(segment.inode)),
            ),
        )
        if changed.rowcount:
            return
        # another segment under this id: the catalogue was lost, and numbers its segments anew
        connection.execute(
            "UPDATE kept SET segment = -id WHERE segment = ? AND state = 'open'", (segment.id,)
        )
        connection.execute(
            "INSERT INTO kept (segment, folder, path, application, device, inode, modified_ns, begin, size, "
            "head_length, head, tail, seen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(segment.id, str(segment.folder), segment.path, segment.application),
                *(str(segment.device), str(segment.inode), segment.modified_ns),
                *(sent.size, sent.size, sent.head_length, sent.head, sent.tail, segment.size),
            ),
        )

    def detach(self, rows: Iterable[KeptRow]) -> None:
        """No segment of the catalogue is what is kept here; it is gone, unless it is found elsewhere."""
        with self._database.transaction() as connection:
            connection.executemany("UPDATE kept SET segment = -id WHERE id = ?", [(row.id,) for row in rows])

    def open_of(self, segments: Iterable[int]) -> dict[int, KeptRow]:
        """The open rows of these segments of the catalogue, by its ids."""
        rows = self._database.rows(
            "SELECT * FROM kept WHERE state = 'open' AND segment IN (SELECT value FROM json_each(?))",
            (json.dumps([*segments]),),
        )
        return {row["segment"]: kept_row(row) for row in rows}

    def all_open(self) -> list[int]:
        """The catalogue's ids of all open rows."""
        return [row[0] for row in self._database.rows("SELECT segment FROM kept WHERE state = 'open'")]

    def rescued(self) -> list[KeptRow]:
        """What was rescued and is not let go."""
        rows = self._database.rows("SELECT * FROM kept WHERE state = 'rescued' ORDER BY modified_ns, id")
        return [kept_row(row) for row in rows]

    def of_key(self, key: str) -> KeptRow | None:
        """What was rescued under this key."""
        row = self._database.row("SELECT * FROM kept WHERE state = 'rescued' AND key = ?", (key,))
        return None if row is None else kept_row(row)

    def of_id(self, number: int) -> KeptRow | None:
        """What is kept under this number."""
        row = self._database.row("SELECT * FROM kept WHERE id = ?", (number,))
        return None if row is None else kept_row(row)

    def numbers(self) -> set[int]:
        """The numbers of all that is kept."""
        return {row[0] for row in self._database.rows("SELECT id FROM kept")}

    def packed(self) -> int:
        """Bytes of all parts."""
        row = self._database.row("SELECT coalesce(sum(packed), 0) FROM kept")
        return 0 if row is None else int(row[0])

    def advance(self, advances: Sequence[Advance]) -> None:
        """These parts are on the disk; the last one of a row counts."""
        with self._database.transaction() as connection:
            for each in advances:
                print_ = each.print
                connection.execute(
                    "UPDATE kept SET size = ?, head_length = ?, head = ?, tail = ?, packed = ?, text = ?, "
                    "learned = ?, untold = untold + ?, seen = max(seen, ?), problem = '' WHERE id = ?",
                    (
                        *(print_.size, print_.head_length, print_.head, print_.tail, each.packed, each.text),
                        *(each.learned, each.untold, print_.size, each.row.id),
                    ),
                )
                connection.execute(
                    "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)",
                    (each.row.id, each.row.size, print_.size - each.row.size, each.sha256),
                )

    def cannot(self, row: KeptRow, problem: str) -> None:
        """Why no more of a segment can be kept."""
        if row.problem != problem:
            with self._database.transaction() as connection:
                connection.execute("UPDATE kept SET problem = ? WHERE id = ?", (problem, row.id))

    def rescue(self, row: KeptRow, *, key: str, reason: str) -> None:
        """Its segment was destroyed: what is kept is to be sent under this key, and what is missing is told.

        Where nothing is kept the row goes.
        """
        now = self._wall()
        with self._database.transaction() as connection:
            if row.missing:
                connection.execute(
                    "INSERT INTO losses (folder, path, application, first, last, reason, at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(str(row.folder), row.path, row.application, row.size, row.seen, reason),
                        now.isoformat(),
                    ),
                )
            if row.size > row.begin:
                connection.execute("UPDATE kept SET state = 'rescued', key = ? WHERE id = ?", (key, row.id))
            else:
                connection.execute("DELETE FROM kept WHERE id = ?", (row.id,))
            connection.execute("DELETE FROM losses WHERE at < ?", ((now - _TOLD_FOR).isoformat(),))

    def drop(self, rows: Iterable[KeptRow]) -> None:
        """Forget these."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM kept WHERE id = ?", [(row.id,) for row in rows])

    def losses(self) -> list[Loss]:
        """What was lost within 30 days, the newest first."""
        return [loss_row(row) for row in self._database.rows(_LOSSES)]


def losses_at(data: Path) -> Sequence[Loss]:
    """What was lost within 30 days, by the ledger in the data folder of an agent, which may be running.

    Raises:
        LocalError: the ledger cannot be read.
    """
    path = data / LEDGER_NAME
    if not path.is_file():
        return ()
    database = Database(path, durability=Durability.NORMAL)
    try:
        version = database.row("PRAGMA user_version")
        if version is None or version[0] != migrations_in(_MIGRATIONS)[-1].number:
            return ()  # of another program, which opens it
        return [loss_row(row) for row in database.rows(_LOSSES)]
    finally:
        database.close()
