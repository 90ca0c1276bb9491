"""Which closed segments cannot hold an id: marks of all words that may be ids, one row per text of a segment.

It lies in a file of its own, which may be deleted at any time: without it everything is found, only later.
"""

from __future__ import annotations

import logging
import sys
import threading
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable
from pathlib import Path

from agent.catalogue.contents import open_text
from agent.catalogue.times import TimedSegment, TimeTable
from app.domain.errors import LocalError
from app.logs import PackedError, id_marks, line_blocks, mark_of
from app.storage import Database, Durability, Migration, open_database

_log = logging.getLogger(__name__)
_DAMAGED = "CF-1804"
_SCHEMA = (
    Migration(
        number=1,
        sql="CREATE TABLE marks (segment INTEGER PRIMARY KEY, key TEXT NOT NULL, marks BLOB NOT NULL);",
    ),
)
_BLOCK = 1 << 18


class IdIndex:
    """Marks of the ids in closed segments. Methods may be called from any thread."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; one that cannot be opened is made anew."""
        self._path = path
        self._renewing = threading.Lock()
        try:
            self._database: Database = self._opened()
        except LocalError:
            self._database = self._made_anew()

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _opened(self) -> Database:
        return open_database(self._path, _SCHEMA, durability=Durability.NORMAL)

    def _made_anew(self) -> Database:
        for name in (self._path.name, f"{self._path.name}-wal", f"{self._path.name}-shm"):
            self._path.with_name(name).unlink(missing_ok=True)
        return self._opened()

    def _renew_when_damaged(self, error: LocalError) -> None:
        """A page that cannot be read any more costs the index, and nobody an answer."""
        if error.code != _DAMAGED:
            raise error
        with self._renewing:
            self._database.close()
            self._database = self._made_anew()
        _log.info("the index of ids was damaged and is made anew (%s)", error.code)

    def build(self, table: TimeTable, *, wanted: Callable[[], bool], pause: Callable[[], None]) -> int:
        """Read texts of closed segments that have no marks yet; how many. Those that are gone are forgotten.

        Args:
            table: of segments.
            wanted: asked before every block; false ends it.
            pause: called after every block.

        Raises:
            LocalError: it cannot be written.
        """
        try:
            return self._build(table, wanted=wanted, pause=pause)
        except LocalError as error:
            self._renew_when_damaged(error)
            return 0

    def _build(self, table: TimeTable, *, wanted: Callable[[], bool], pause: Callable[[], None]) -> int:
        have = {row[0]: row[1] for row in self._database.rows("SELECT segment, key FROM marks")}
        present = {
            timed.id: timed
            for timed in table.segments()
            if timed.complete and timed.segment.key and not timed.problem
        }
        stale = [(number,) for number in have if number not in present]
        if stale:
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM marks WHERE segment = ?", stale)
        done = 0
        for number, timed in present.items():
            if have.get(number) == timed.segment.key:
                continue
            marks = _marks_in(timed, wanted=wanted, pause=pause)
            if marks is None:
                continue
            with self._database.transaction() as connection:
                connection.execute(
                    "INSERT OR REPLACE INTO marks VALUES (?, ?, ?)",
                    (number, timed.segment.key, _packed(marks)),
                )
            done += 1
        return done

    def without(self, value: str) -> Callable[[TimedSegment], bool]:
        """Tells of a segment whether it is known not to hold this id."""
        mark = mark_of(value)
        if mark is None:
            return lambda _timed: False
        try:
            absent = {
                (row[0], row[1])
                for row in self._database.rows("SELECT segment, key, marks FROM marks")
                if not _holds(row[2], mark)
            }
        except LocalError as error:
            self._renew_when_damaged(error)
            absent = set()
        return lambda timed: (timed.id, timed.segment.key) in absent


def _marks_in(
    timed: TimedSegment, *, wanted: Callable[[], bool], pause: Callable[[], None]
) -> set[int] | None:
    marks: set[int] = set()
    try:
        with open_text(timed.file, member=timed.member.number, segment=timed.seen) as stream:
            for block in line_blocks(stream, timed.encoding, start=0, to_end=True, size=_BLOCK):
                if not wanted():
                    return None
                marks |= id_marks(block.plain)
                pause()
    except (OSError, PackedError):
        return None
    return marks


def _packed(marks: set[int]) -> bytes:
    ordered = array("I", sorted(marks))
    if sys.byteorder == "big":
        ordered.byteswap()
    return zlib.compress(ordered.tobytes(), 1)


def _holds(packed: bytes, mark: int) -> bool:
    ordered = array("I")
    ordered.frombytes(zlib.decompress(packed))
    if sys.byteorder == "big":
        ordered.byteswap()
    at = bisect_left(ordered, mark)
    return at < len(ordered) and ordered[at] == mark
