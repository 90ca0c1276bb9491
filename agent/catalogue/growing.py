"""Pins of growing segments: what is renamed away or deleted before it is closed is closed from its pin.

A pin here is a hard link, made as soon as the segment is seen, and nothing is copied. It keeps a segment
whose name goes; one that is emptied in place is emptied in its pin, too. Where no link can be made there is
no pin.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.catalogue.evidence import GROWING_PINS, Evidence, HoldReason, discard
from agent.catalogue.segments import Segment, SegmentState, segment_key, segment_of
from agent.catalogue.spares import SPARES
from agent.watch import open_shared
from agent.watch.fingerprint import continues, fingerprint_of

_NEVER = 253_402_300_799_000_000
"""Microseconds since 1970 at the end of the year 9999."""
_PINNED = (
    "SELECT segments.*, folders.path AS folder_path, pins.path AS pin FROM held "
    "JOIN pins ON pins.segment = held.segment JOIN segments ON segments.id = held.segment "
    "JOIN folders ON folders.id = segments.folder WHERE held.hold = ?"
)
_AMONG = f"{_PINNED} AND segments.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - no value in it

_LOST = (
    "SELECT segments.*, folders.path AS folder_path FROM held "
    "JOIN segments ON segments.id = held.segment JOIN folders ON folders.id = segments.folder "
    "WHERE held.hold = ? AND held.segment NOT IN (SELECT segment FROM pins)"
)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a look at pins has changed.

    Attributes:
        closed: whether a segment was closed from its pin.
        look_again: seconds until another one may be; None when none waits.
    """

    closed: bool
    look_again: float | None


class GrowingPins:
    """The pins of the growing segments that rules want. Methods may be called from any thread."""

    def __init__(self, evidence: Evidence, *, quiet: float, clock: Callable[[], float]) -> None:
        """Use the place and the quota of the evidence.

        Args:
            evidence: whose folder and quota are used; its lock guards both.
            quiet: seconds without change before a segment that is gone is closed from its pin.
            clock: monotonic seconds.
        """
        self._evidence = evidence
        self._database = evidence.database
        self._quiet = quiet
        self._clock = clock
        self._still: dict[int, tuple[tuple[int, int], float]] = {}

    def pin(self, segments: Sequence[Segment], *, wait: float = -1) -> None:
        """Link these, as far as they are not: a link takes no room before its log is deleted.

        Args:
            segments: that grow.
            wait: seconds for others who change pins just now, which may copy for long; for good by default.

        Raises:
            LocalError: it cannot be recorded.
        """
        if not self._evidence.changing.acquire(timeout=wait):
            return
        try:
            hold = self._hold()
            known = {row["id"] for row in self._among(hold, [segment.id for segment in segments])}
            fresh = [one for one in segments if one.size and one.id not in known]
            if not fresh:
                return
            linked = [(one, name) for one in fresh if (name := self._linked(one))]
            with self._database.transaction() as connection:
                connection.executemany(
                    "INSERT OR IGNORE INTO pins VALUES (?, ?, ?, 1)",
                    [(one.id, name, one.size) for one, name in linked],
                )
                connection.executemany(
                    "INSERT OR IGNORE INTO held VALUES (?, ?, '')", [(hold, one.id) for one, _ in linked]
                )
        finally:
            self._evidence.changing.release()

    def settle(self, wanted: Callable[[Segment], bool], *, all_of_them: bool = False) -> Settled:
        """Close what is gone from its pin, and let go of what nobody wants any more.

        Args:
            wanted: whether a segment, closed or not, is still to be sent.
            all_of_them: ask it of those that grow, too, which may be many.

        Raises:
            LocalError: it cannot be recorded.
        """
        with self._evidence.changing:
            hold = self._hold()
            rows = self._database.rows(
                _PINNED if all_of_them else f"{_PINNED} AND segments.state NOT IN ('growing', 'unknown')",
                (hold,),
            )
            gone: list[int] = []
            closed, waits = False, []
            for row in rows:
                segment = segment_of(row)
                pin = self._evidence.folder / row["pin"]
                if row["pin"].startswith(f"{SPARES}/"):
                    # a hold's: what rules send of it is in kept parts, or a copy
                    gone.append(segment.id)
                elif segment.state is SegmentState.GONE and (
                    not segment.key or _size(pin) > segment.size  # its writer went on after it was closed
                ):
                    wait = self._close(segment, pin) if wanted(replace(segment, key="")) else None
                    if wait is None:
                        gone.append(segment.id)
                    elif wait > 0:
                        waits.append(wait)
                    else:
                        closed = True
                elif segment.state is not SegmentState.UNKNOWN and not wanted(segment):
                    gone.append(segment.id)
            self._let_go(hold, gone)
            if all_of_them:
                self._forget_lost(hold, wanted)
                self._sweep()
            return Settled(closed, min(waits, default=None))

    def holds(self, segment: int) -> bool:
        """Whether a segment is pinned."""
        row = self._database.row(
            "SELECT 1 FROM held JOIN holds ON holds.id = held.hold JOIN pins ON pins.segment = held.segment "
            "WHERE holds.reason = ? AND held.segment = ?",
            (HoldReason.GROWING.value, segment),
        )
        return row is not None

    def _linked(self, segment: Segment) -> str:
        """Link it; the name of the link, empty when it could not be made or is of another file by now."""
        name = f"{GROWING_PINS}/{segment.id}-{segment.path.rpartition('/')[2]}"
        target = self._evidence.folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            target.unlink(missing_ok=True)
            os.link(segment.file, target, follow_symlinks=False)
            found = target.lstat()
            if (found.st_dev, found.st_ino) == (segment.device, segment.inode):
                return name
            target.unlink()
        except OSError:
            return ""  # gone by now, another disk, a full one, or one that knows no links
        return ""

    def _close(self, segment: Segment, pin: Path) -> float | None:
        """Close it when its pin is quiet: 0 when it is closed now, else seconds; None: it is useless."""
        now = self._clock()
        try:
            with open_shared(pin) as stream:
                found = os.fstat(stream.fileno())
                state = (found.st_size, found.st_mtime_ns)
                if found.st_size < segment.size or not continues(stream, segment.print):
                    return None
                before, since = self._still.get(segment.id, (state, now))
                if before != state:
                    since = now
                self._still[segment.id] = (state, since)
                if now - since < self._quiet:
                    return self._quiet - (now - since)
                fingerprint = fingerprint_of(stream, size=found.st_size)
        except OSError:
            return None
        key = segment_key(
            segment.application, device=segment.device, inode=segment.inode, fingerprint=fingerprint
        )
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE segments SET size = ?, modified_ns = ?, head_length = ?, head = ?, tail = ?, key = ? "
                "WHERE id = ? AND state = 'gone'",
                (
                    *(fingerprint.size, found.st_mtime_ns, fingerprint.head_length, fingerprint.head),
                    *(fingerprint.tail, key, segment.id),
                ),
            )
            connection.execute("UPDATE pins SET size = ? WHERE segment = ?", (fingerprint.size, segment.id))
        self._still.pop(segment.id, None)
        return 0.0

    def _let_go(self, hold: int, segments: Iterable[int]) -> None:
        """The pins of these, unless another hold wants them, too."""
        for segment in segments:
            self._still.pop(segment, None)
            with self._database.transaction() as connection:
                connection.execute("DELETE FROM held WHERE hold = ? AND segment = ?", (hold, segment))
                row = connection.execute(
                    "SELECT path FROM pins WHERE segment = ? AND segment NOT IN (SELECT segment FROM held)",
                    (segment,),
                ).fetchone()
                if row is not None:
                    discard(self._evidence.folder / row["path"])
                    connection.execute("DELETE FROM pins WHERE segment = ?", (segment,))

    def _forget_lost(self, hold: int, wanted: Callable[[Segment], bool]) -> None:
        """What gave way for want of room is not told any more once nobody waits for it.

        For one that was never closed nobody does: what was kept of it in parts goes in its place.
        """
        lost = map(segment_of, self._database.rows(_LOST, (hold,)))
        over = [(hold, segment.id) for segment in lost if not segment.key or not wanted(segment)]
        if over:
            with self._database.transaction() as connection:
                connection.executemany("DELETE FROM held WHERE hold = ? AND segment = ?", over)

    def _sweep(self) -> None:
        """Delete links that no pin knows: a kill came between, or a copy has taken their place."""
        known = {row["path"] for row in self._database.rows("SELECT path FROM pins")}
        folder = self._evidence.folder / GROWING_PINS
        if folder.is_dir():
            for path in folder.iterdir():
                if f"{GROWING_PINS}/{path.name}" not in known:
                    discard(path)

    def _among(self, hold: int, segments: Iterable[int]) -> list[sqlite3.Row]:
        return self._database.rows(_AMONG, (hold, json.dumps([*segments])))

    def _hold(self) -> int:
        row = self._database.row("SELECT id FROM holds WHERE reason = ?", (HoldReason.GROWING.value,))
        if row is not None:
            return int(row["id"])
        with self._database.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO holds (reason, label, first, last, applications, made, expires) "
                "VALUES (?, 'growing', 0, 0, '[]', 0, ?)",
                (HoldReason.GROWING.value, _NEVER),
            )
            return int(cursor.lastrowid or 0)


def _size(pin: Path) -> int:
    try:
        return pin.stat().st_size
    except OSError:
        return 0
