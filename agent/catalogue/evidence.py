"""Keeping what an incident needs before rotation deletes it: segments are pinned, within a quota.

A pin is a hard link, and costs nothing until the log is deleted; where none can be made, or where the writer
empties its file in place, it is a copy. A segment is pinned once, however many holds want it.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from agent.catalogue.copying import copy_behind
from agent.catalogue.finding import Finder, Scope, TimeRange, micros_of, moment_of
from agent.catalogue.measuring import measure_links
from agent.catalogue.segments import Segment, SegmentState, segment_of
from agent.catalogue.spares import SPARES, Spares
from agent.catalogue.times import TimedSegment
from agent.watch import still_begins_with
from app.domain.errors import InputError
from app.storage import Database

_log = logging.getLogger(__name__)

Masked = Callable[[Collection[str]], Collection[str]]
"""Which of these segments, by key, have been masked for all jobs that have claimed them."""
GROWING_PINS = "growing"
"""The folder in that of the evidence where the pins of growing segments lie."""
NO_ROOM = "The quota for evidence is used up."
"""Why something is not held, when that is why."""
_LONGEST_LABEL = 200
_TAKING_ROOM = (
    "FROM pins JOIN segments ON segments.id = pins.segment WHERE (NOT pins.linked OR segments.state = 'gone')"
)
_WEIGHT = "CASE holds.reason WHEN 'incident' THEN 2 WHEN 'alarm' THEN 1 ELSE 0 END"
"""What matters least gives way: collections before alarms, and those before incidents."""
_WEIGHT_OF = f"SELECT {_WEIGHT} AS weight FROM holds WHERE id = ?"  # noqa: S608 - no value in it
ASKED = "max(holds.reason = 'collection' AND holds.last > 0)"
"""Whether somebody asked for it by time (a log request): that it is masked for other jobs says nothing."""
_MISSED = (
    "SELECT segments.*, folders.path AS folder_path FROM held JOIN segments ON segments.id = held.segment "
    "JOIN folders ON folders.id = segments.folder WHERE held.hold = ? AND held.problem <> '' "
    "AND segments.state IN ('growing', 'closed') AND (held.problem <> ? OR segments.size <= ? "
    "OR segments.id IN (SELECT segment FROM pins))"
)
"""What could not be pinned, as when it was renamed in that moment, and may be now: it has room or a pin."""
_WITH_HOLDS = "JOIN held ON held.segment = pins.segment JOIN holds ON holds.id = held.hold"


class HoldReason(StrEnum):
    """What a hold is for."""

    INCIDENT = "incident"
    ALARM = "alarm"
    COLLECTION = "collection"
    GROWING = "growing"
    """A rule is going to send it; see `agent.catalogue.growing`. Nobody asked for it, none is told of it."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Segments that stay.

    Attributes:
        label: for people; of a collection the id of its job.
        range: of the lines that are wanted.
        applications: names or patterns; all when empty.
        segments: how many are pinned; `size` is that of them.
        missing: how many are not, and why the first of them is not.
    """

    id: int
    reason: HoldReason
    label: str
    range: TimeRange
    applications: tuple[str, ...]
    made: datetime
    expires: datetime
    segments: int = 0
    size: int = 0
    missing: int = 0
    problem: str = ""


class Evidence:
    """The holds of this agent. Methods may be called from any thread.

    Attributes:
        folder: where pins lie; it must be readable for the agent's account only.
        quota: bytes that pins may take beside the logs; a link takes none before its log is deleted.
        changing: held by whoever changes pins or their files.
    """

    def __init__(
        self,
        database: Database,
        finder: Finder,
        *,
        folder: Path,
        quota: int,
        wall: Callable[[], datetime],
        masked: Masked = lambda _keys: (),
    ) -> None:
        """Use the catalogue's database; the folder is made when it is needed.

        Of what matters alike, what is `masked` gives way first.
        """
        self._masked = masked
        self.database = database
        self._finder = finder
        self.folder = folder
        self.quota = quota
        self._wall = wall
        self.changing = threading.RLock()
        self._ceased = threading.Event()
        self._spares = Spares(
            database, evidence=folder, room=self._room, wanted=lambda: not self._ceased.is_set()
        )

    def cease(self) -> None:
        """Copy nothing more, for good: a copy that is being made is given up; the next start makes it."""
        self._ceased.set()

    def hold(
        self,
        reason: HoldReason,
        *,
        label: str,
        scope: Scope,
        keep: timedelta,
    ) -> Hold:
        """Pin every segment that may hold a line of the scope, now and in every later pass.

        Args:
            reason: what for.
            label: for people.
            scope: applications and range; segments that are written later in the range are pinned, too.
            keep: until it is released by age.

        Raises:
            InputError: the range or the label is not right.
            LocalError: it cannot be recorded.
        """
        first, last = scope.range.first, scope.range.last
        if first is None or last is None or last <= first or not label or len(label) > _LONGEST_LABEL:
            raise InputError(
                "This cannot be held",
                happened="A hold needs a label of up to 200 characters, and an end behind its begin.",
                todo="Say from when to when.",
                code="CF-1105",
            )
        now = self._wall()
        with self.changing:
            with self.database.transaction() as connection:
                cursor = connection.execute(
                    "INSERT INTO holds (reason, label, first, last, applications, made, expires) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        reason.value,
                        label,
                        first,
                        last,
                        json.dumps(list(scope.applications)),
                        micros_of(now),
                        micros_of(now + keep),
                    ),
                )
                number = int(cursor.lastrowid or 0)
            self._fill(number, scope)
            return self._one(number)

    def hold_segments(
        self, reason: HoldReason, *, label: str, segments: Sequence[Segment], keep: timedelta
    ) -> Hold:
        """Pin exactly these segments; a hold of the same reason and label goes on where a kill ended it.

        Raises:
            LocalError: it cannot be recorded.
        """
        now = micros_of(self._wall())
        with self.changing:
            number = self._labelled(reason, label)
            if number is None:
                with self.database.transaction() as connection:
                    cursor = connection.execute(
                        "INSERT INTO holds (reason, label, first, last, applications, made, expires) "
                        "VALUES (?, ?, 0, 0, '[]', ?, ?)",
                        (reason.value, label, now, now + keep // timedelta(microseconds=1)),
                    )
                    number = int(cursor.lastrowid or 0)
            rows = self.database.rows("SELECT segment FROM held WHERE hold = ?", (number,))
            done = {row["segment"] for row in rows}
            for segment in segments:
                if segment.id not in done:
                    self._pin(number, segment)
            return self._one(number)

    def _labelled(self, reason: HoldReason, label: str) -> int | None:
        row = self.database.row("SELECT id FROM holds WHERE reason = ? AND label = ?", (reason.value, label))
        return None if row is None else int(row["id"])

    def reach(self, reason: HoldReason, label: str, *, last: int) -> None:
        """A range that is held ends no earlier than `last`; the next pass pins what that adds.

        Args:
            reason: of the hold.
            label: of the hold; there need not be one.
            last: microseconds UTC.
        """
        with self.database.transaction() as connection:
            connection.execute(
                "UPDATE holds SET last = ?1 WHERE reason = ?2 AND label = ?3 AND last > 0 AND last < ?1",
                (last, reason.value, label),
            )

    def renew(self) -> None:
        """What every pass over a folder is followed by: pin what holds want by now, release what is over."""
        now = micros_of(self._wall())
        with self.changing:
            for row in self.database.rows("SELECT * FROM holds"):
                if row["expires"] <= now:
                    self._release(row["id"])
                elif row["last"]:
                    self._fill(row["id"], _scope_of(row))
                elif row["reason"] != HoldReason.GROWING.value:
                    self._pin_missed(row["id"])
            self._spares.renew()
            measure_links(self.database, self.folder)
            self._sweep()
            self._shrink()

    def _pin_missed(self, hold: int) -> None:
        room = self._room() + self._spares.used()  # spares give way to whatever is to be copied
        for missed in self.database.rows(_MISSED, (hold, NO_ROOM, room)):
            self._pin(hold, segment_of(missed))

    def release(self, hold: int) -> None:
        """End a hold by hand; what no other hold wants is deleted.

        Raises:
            InputError: there is none of this number.
        """
        with self.changing:
            self._one(hold)
            self._release(hold)

    def release_labelled(self, reason: HoldReason, label: str) -> None:
        """End all holds of a reason and label; there need not be any."""
        with self.changing:
            for row in self.database.rows(
                "SELECT id FROM holds WHERE reason = ? AND label = ?", (reason.value, label)
            ):
                self._release(row["id"])

    def holds(self) -> list[Hold]:
        """All holds that were asked for, the newest first."""
        rows = self.database.rows(
            "SELECT id FROM holds WHERE reason <> ? ORDER BY id DESC", (HoldReason.GROWING.value,)
        )
        return [self._one(row["id"]) for row in rows]

    def used(self) -> int:
        """Bytes that pins take beside the logs: copies, and links whose log is gone."""
        row = self.database.row(f"SELECT coalesce(sum(pins.size), 0) {_TAKING_ROOM}")
        return self._spares.used() + (0 if row is None else int(row[0]))

    def _one(self, number: int) -> Hold:
        row = self.database.row(
            "SELECT holds.*, count(pins.segment) AS pinned, coalesce(sum(pins.size), 0) AS size, "
            "coalesce(sum(held.problem <> ''), 0) AS missing, coalesce(max(held.problem), '') AS problem "
            "FROM holds LEFT JOIN held ON held.hold = holds.id "
            "LEFT JOIN pins ON pins.segment = held.segment WHERE holds.id = ? GROUP BY holds.id",
            (number,),
        )
        if row is None:
            raise InputError(
                "There is no such hold",
                happened="No evidence is held under this number.",
                todo="Ask for the list of holds again.",
                code="CF-1106",
            )
        return Hold(
            id=row["id"],
            reason=HoldReason(row["reason"]),
            label=row["label"],
            range=TimeRange(row["first"], row["last"]),
            applications=tuple(json.loads(row["applications"])),
            made=moment_of(row["made"]),
            expires=moment_of(row["expires"]),
            segments=row["pinned"],
            size=row["size"],
            missing=row["missing"],
            problem=row["problem"],
        )

    def _fill(self, hold: int, scope: Scope) -> None:
        for timed in self._finder.candidates(scope):
            if self._ceased.is_set():
                return
            if timed.least is not None or timed.problem == "":
                self._pin(hold, timed.segment, timed=timed)

    def _pin(self, hold: int, segment: Segment, *, timed: TimedSegment | None = None) -> None:
        """Pin a segment, or bring its pin up to date."""
        row = self.database.row("SELECT path, size, linked FROM pins WHERE segment = ?", (segment.id,))
        if row is not None and row["path"].startswith(f"{GROWING_PINS}/") and self._emptied_before(segment):
            row = None  # its link would be emptied, too
        problem = ""
        if row is None or (row["size"] < segment.size and segment.state is not SegmentState.GONE):
            problem = self._keep_bytes(hold, segment, before=row)
        if timed is None or problem or row is None:
            self._note(hold, segment, problem)
        elif (
            self.database.row("SELECT 1 FROM held WHERE hold = ? AND segment = ?", (hold, segment.id)) is None
        ):
            self._note(hold, segment, "")

    def _note(self, hold: int, segment: Segment, problem: str) -> None:
        with self.database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO held VALUES (?, ?, ?)", (hold, segment.id, problem))

    def _keep_bytes(self, hold: int, segment: Segment, *, before: sqlite3.Row | None) -> str:
        """Link or copy; why it could not be done, or nothing."""
        name = f"{segment.id}-{segment.path.rpartition('/')[2]}"
        target = self.folder / name
        try:
            if segment.size and not still_begins_with(segment.file, segment.print):
                return "It was deleted before it could be kept."
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            grown = before is not None and before["path"] == name
            linked = bool(before["linked"]) if before is not None and grown else self._link(segment, target)
            if not linked:
                copied = _copied(target, before) if before is not None and grown else 0
                if not self._has_room(segment.size - copied, hold):
                    return NO_ROOM
                copy_behind(segment.file, target, behind=copied, wanted=lambda: not self._ceased.is_set())
        except OSError as error:
            if isinstance(error, InterruptedError):
                return "The agent ended while it was copied."
            if isinstance(error, FileNotFoundError):
                return "It was deleted before it could be kept."
            return f"{error.strerror or type(error).__name__}."
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (segment.id, name, segment.size, linked)
            )
        return ""

    def _room(self) -> int:
        return self.quota - self.used()

    def _has_room(self, more: int, hold: int) -> bool:
        """Whether so many bytes more may be copied for a hold; what matters less than it gives way."""
        over = self.used() + more - self.quota
        if over > 0:
            over -= self._spares.drop()
        if over <= 0:
            return True
        wanted = self.database.row(_WEIGHT_OF, (hold,))
        lighter = [
            row for row in self._by_weight() if wanted is not None and row["weight"] < wanted["weight"]
        ]
        if sum(row["size"] for row in lighter) < over:
            return False
        self._give_way(lighter, over)
        return True

    def _link(self, segment: Segment, target: Path) -> bool:
        """Whether a hard link keeps it: not when its writer empties files in place, which empties links."""
        if segment.state is SegmentState.GROWING and self._emptied_before(segment):
            return False
        try:
            target.unlink(missing_ok=True)
            os.link(segment.file, target, follow_symlinks=False)
        except OSError:
            return False  # another disk, or one that knows no links: a copy will do
        return True

    def _emptied_before(self, segment: Segment) -> bool:
        row = self.database.row(
            "SELECT 1 FROM segments AS own JOIN segments AS older ON older.folder = own.folder "
            "AND older.device = own.device AND older.inode = own.inode AND older.id < own.id "
            "WHERE own.id = ?",
            (segment.id,),
        )
        return row is not None

    def _release(self, hold: int) -> None:
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM held WHERE hold = ?", (hold,))
            connection.execute("DELETE FROM holds WHERE id = ?", (hold,))
        self._sweep()

    def _shrink(self) -> None:
        """Keep to the quota when logs went away: what matters least goes first, the oldest of it."""
        over = self.used() - self.quota
        if over > 0:
            over -= self._spares.drop()
        if over <= 0:
            return
        self._give_way(self._by_weight(), over)

    def _by_weight(self) -> list[sqlite3.Row]:
        """The pins that take room, the first to give way first: what matters least, the oldest of it."""
        rows = self.database.rows(
            "SELECT pins.segment AS segment, pins.size AS size, segments.key AS key, "
            f"max({_WEIGHT}) AS weight, {ASKED} AS asked "
            f"{_TAKING_ROOM.replace('WHERE', _WITH_HOLDS + ' WHERE')} "
            "GROUP BY pins.segment ORDER BY weight, max(holds.id)"
        )
        done = set(self._masked({row["key"] for row in rows} - {""}))
        return sorted(rows, key=lambda row: (row["weight"], row["asked"] or row["key"] not in done))

    def _give_way(self, rows: Sequence[sqlite3.Row], over: int) -> None:
        """Drop pins until so many bytes are free."""
        for row in rows:
            if over <= 0:
                break
            with self.database.transaction() as connection:
                connection.execute("UPDATE held SET problem = ? WHERE segment = ?", (NO_ROOM, row["segment"]))
                connection.execute("DELETE FROM pins WHERE segment = ?", (row["segment"],))
            over -= row["size"]
        self._sweep()

    def _sweep(self) -> None:
        """Delete the bytes that no hold wants any more, and files that no pin knows."""
        rows = self.database.rows(
            "SELECT segment, path FROM pins WHERE segment NOT IN (SELECT segment FROM held)"
        )
        for row in rows:
            discard(self.folder / row["path"])
            with self.database.transaction() as connection:
                connection.execute("DELETE FROM pins WHERE segment = ?", (row["segment"],))
        known = {row["path"] for row in self.database.rows("SELECT path FROM pins")}
        known |= {GROWING_PINS, SPARES}
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if path.name not in known:
                    discard(path)


def discard(pin: Path) -> None:
    """Delete the bytes of a pin that nobody wants.

    Where that cannot be done now (on Windows while a writer has the log open that it is a link to), it is one
    that no pin knows, and every sweep tries again: one file in the way keeps no other.
    """
    try:
        pin.unlink(missing_ok=True)
    except OSError as error:
        _log.debug(
            "a pin that nobody wants cannot be deleted now: %s", error.strerror or type(error).__name__
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """What a hold that was asked for by a person or an alarm does not hold.

    Attributes:
        hold: its number.
        missing: segments, and why the first of them is not held.
    """

    hold: int
    reason: HoldReason
    missing: int
    problem: str


def gaps(database: Database) -> list[Gap]:
    """The holds of incidents and alarms that miss something, the oldest first."""
    rows = database.rows(
        "SELECT holds.id AS hold, reason, count(*) AS missing, max(problem) AS problem FROM holds "
        "JOIN held ON held.hold = holds.id WHERE problem <> '' AND reason IN ('incident', 'alarm') "
        "GROUP BY holds.id ORDER BY holds.id"
    )
    return [Gap(row["hold"], HoldReason(row["reason"]), row["missing"], row["problem"]) for row in rows]


def _scope_of(row: sqlite3.Row) -> Scope:
    return Scope(tuple(json.loads(row["applications"])), range=TimeRange(row["first"], row["last"]))


def _copied(target: Path, pin: sqlite3.Row) -> int:
    """Bytes of a pin that are in its copy; 0 when somebody has taken them away: it is made anew."""
    try:
        return int(pin["size"]) if target.stat().st_size >= pin["size"] else 0
    except OSError:
        return 0
