"""Spare copies: what a hold wants of a log that grows outlives also its being emptied in place.

A hard link keeps a log that is renamed or deleted, with every line that comes until then, but it is emptied
with its log. So a copy is kept beside the link while the log grows, and brought up to date by every round.
When the log was emptied the copy takes the place of the link; else it goes.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

from agent.catalogue.copying import copy_behind
from agent.catalogue.segments import Segment, SegmentState, segment_of
from agent.watch import still_begins_with
from app.storage import Database

SPARES = "spares"
"""The folder in that of the evidence where they lie."""
_WANTED = (
    "SELECT segments.*, folders.path AS folder_path, pins.path AS pin FROM pins "
    "JOIN segments ON segments.id = pins.segment JOIN folders ON folders.id = segments.folder "
    "JOIN held ON held.segment = pins.segment JOIN holds ON holds.id = held.hold "
    "WHERE pins.linked AND holds.reason IN ('incident', 'alarm', 'collection') AND segments.size > 0 "
    "AND segments.state IN ('growing', 'unknown', 'gone') "
    "GROUP BY segments.id ORDER BY max(holds.reason = 'incident') DESC, max(holds.reason = 'alarm') DESC"
)
_PINS = "SELECT path FROM pins WHERE path GLOB ?"


class Spares:
    """To be used by whoever may change pins."""

    def __init__(
        self, database: Database, *, evidence: Path, room: Callable[[], int], wanted: Callable[[], bool]
    ) -> None:
        """Nothing is copied yet.

        Args:
            database: the catalogue's.
            evidence: the folder of pins.
            room: bytes that may be copied now; asked once a round, as every file is looked at for it.
            wanted: asked in between; false ends copying.
        """
        self._database = database
        self._evidence = evidence
        self._folder = evidence / SPARES
        self._room = room
        self._wanted = wanted

    def renew(self) -> None:
        """Copy what is new of growing logs, and let copies of emptied ones take the place of their links.

        What cannot be copied has its link, and is tried again by the next round.

        Raises:
            LocalError: it cannot be recorded.
        """
        kept: set[str] = set()
        room: int | None = None
        for row in self._database.rows(_WANTED):
            if not self._wanted():
                return
            segment = segment_of(row)
            spare = self._folder / f"{segment.id}.log"
            if segment.state is SegmentState.GONE:
                holds = _holds(self._evidence / row["pin"], segment) if _size(spare) else True
                if holds is None:
                    kept.add(spare.name)
                elif not holds:
                    self._take_the_place(segment, spare)
                continue
            kept.add(spare.name)
            if segment.state is SegmentState.GROWING:
                there = _size(spare)
                if there < segment.size:
                    room = self._room() if room is None else room
                    if segment.size - there <= room:
                        self._bring_up_to_date(segment, spare, there=there)
                        room -= max(0, _size(spare) - there)
        for spare in self._files():
            if spare.name not in kept:
                _remove(spare)

    def used(self) -> int:
        """Bytes of all."""
        return sum(_size(spare) for spare in self._files())

    def drop(self) -> int:
        """Make room for what matters more; how many bytes of it there are now."""
        freed = self.used()
        for spare in self._files():
            _remove(spare)
        return freed - self.used()

    def _bring_up_to_date(self, segment: Segment, spare: Path, *, there: int) -> None:
        if not _holds(segment.file, segment):
            return
        with contextlib.suppress(OSError):  # renamed just now, or a disk that is full
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            copy_behind(segment.file, spare, behind=there, wanted=self._wanted)
        if not _holds(segment.file, segment):
            _cut(spare, there)  # emptied meanwhile: what was read may be of what came then

    def _take_the_place(self, segment: Segment, spare: Path) -> None:
        """From now on it is a pin, where it lies."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE pins SET path = ?, size = ?, linked = 0 WHERE segment = ?",
                (f"{SPARES}/{spare.name}", _size(spare), segment.id),
            )

    def _files(self) -> list[Path]:
        """Those that are no pins."""
        if not self._folder.is_dir():
            return []
        pins = {row["path"] for row in self._database.rows(_PINS, (f"{SPARES}/*",))}
        return [each for each in self._folder.iterdir() if f"{SPARES}/{each.name}" not in pins]


def _holds(file: Path, segment: Segment) -> bool | None:
    """Whether it has what was seen of a segment; None when that cannot be read now.

    Its size does not tell: what was emptied may be longer again by now.
    """
    try:
        return still_begins_with(file, segment.print)
    except FileNotFoundError:
        return False
    except OSError:
        return None


def _cut(spare: Path, size: int) -> None:
    try:
        if _size(spare) > size:
            os.truncate(spare, size)
    except OSError:
        _remove(spare)


def _remove(spare: Path) -> None:
    """What cannot be deleted now is deleted by the next round."""
    with contextlib.suppress(OSError):
        spare.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
