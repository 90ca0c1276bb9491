"""The table of what the lines of each segment tell, and of who wrote it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.catalogue.copies import copy_of
from agent.catalogue.entries import TimeEntry, pack_counts, pack_entries, unpack_counts, unpack_entries
from agent.catalogue.reading import SegmentHead, SegmentTimes, Volume
from agent.catalogue.segments import Segment, SegmentState, segment_of
from app.logs import Encoding, MessageKind
from app.storage import Database

_KINDS = tuple(MessageKind)
_TIMED = """
    SELECT segments.*, folders.path AS folder_path, timed.*, timed.id AS text, timed.problem AS trouble,
        timed.last AS latest, applications.name AS written_by, hosts.name AS written_on, pins.path AS pin
    FROM timed JOIN segments ON segments.id = timed.segment JOIN folders ON folders.id = segments.folder
    JOIN applications ON applications.id = timed.application JOIN hosts ON hosts.id = timed.host
    LEFT JOIN pins ON pins.segment = segments.id
"""
_READ = "iif(timed.packing = '', timed.upto, timed.file_size)"
"""Bytes of the file that were read."""
_ONCE = """
    timed.segment NOT IN (
        SELECT one.segment FROM timed AS one JOIN segments AS mine ON mine.id = one.segment
        JOIN segments AS its ON its.key = mine.key AND its.id <> mine.id
        JOIN timed AS other ON other.segment = its.id AND other.member = one.member
        WHERE mine.key <> '' AND (other.upto > one.upto OR (other.upto = one.upto AND its.id < mine.id))
    ) AND timed.segment NOT IN (
        SELECT id FROM (
            SELECT id, row_number() OVER (PARTITION BY device, inode ORDER BY id) AS number
            FROM segments WHERE state = 'growing' AND inode <> 0
        ) WHERE number > 1
    )
"""
"""Of a content that is there twice, plain and packed, only once; of a growing file that lies in two watched
folders, one of them in the other, too."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who wrote a segment.

    Attributes:
        witness: ``header``, ``name`` or ``rule``: who says what the application is called.
    """

    application: str
    host: str
    witness: str


@dataclass(frozen=True, slots=True)
class Member:
    """Which text of a segment.

    Attributes:
        number: from 0.
        name: in the archive; empty where it is the only one.
        broken: why nothing behind what was read can be unpacked; empty when all was read.
        garbled: whether its check sums do not fit, so that any byte may be another one than was written.
    """

    number: int = 0
    name: str = ""
    broken: str = ""
    garbled: bool = False


SOLE = Member()
"""The text of a segment that holds one."""


@dataclass(frozen=True, slots=True)
class TimedSegment:
    """A text of a segment whose lines were read; times in milliseconds UTC.

    Attributes:
        id: of the text.
        file: where its bytes are: under its own path, or in the evidence folder once that is gone.
        in_place: whether they are under its own path, where something else may lie by now.
        pinned: whether the bytes are kept in the evidence folder.
        packing: ``gzip`` or ``zip`` when offsets are those of what is inside; else empty.
        member: which text of it.
        number: of the segment, as its application counts them.
        started: when its application was started.
        upto: bytes that were read.
        complete: whether it was closed when it was read.
        skew: last line minus time of change, while it grew.
        problem: why nothing in it can be found line by line; empty when it can.
    """

    id: int
    segment: Segment
    member: Member
    file: Path
    in_place: bool
    pinned: bool
    application: str
    host: str
    encoding: Encoding
    packing: str
    zone_known: bool
    number: int | None
    started: int | None
    upto: int
    complete: bool
    least: int | None
    most: int | None
    last: int | None
    skew: int | None
    records: int
    problem: str
    packed_entries: bytes

    @property
    def path(self) -> str:
        """The path of the segment, with the name of the text where it holds several."""
        return f"{self.segment.path}/{self.member.name}" if self.member.name else self.segment.path

    @property
    def seen(self) -> Segment | None:
        """What must lie at `file` still; None in the evidence folder, which is the agent's own."""
        return self.segment if self.in_place else None

    @property
    def entries(self) -> list[TimeEntry]:
        """The sparse index of its times."""
        return unpack_entries(self.packed_entries)


class TimeTable:
    """What is known of the lines of segments. A row that gets lost costs work only."""

    def __init__(self, database: Database, *, evidence: Path) -> None:
        """Use the catalogue's database; `evidence` is the folder of pinned segments."""
        self._database = database
        self._evidence = evidence

    def waiting(self) -> list[Segment]:
        """Segments of which something was not read yet, the newest first."""
        rows = self._database.rows(
            "SELECT segments.*, folders.path AS folder_path FROM segments "  # noqa: S608 - words of our own
            "JOIN folders ON folders.id = segments.folder "
            "LEFT JOIN timed ON timed.segment = segments.id AND timed.member = 0 "
            "WHERE segments.state IN ('growing', 'closed') AND segments.size > 0 AND (timed.segment IS NULL "
            "OR (segments.state = 'closed' AND NOT timed.complete) "
            f"OR (segments.state = 'growing' AND (timed.complete OR segments.size > {_READ}))) "
            "ORDER BY segments.modified_ns DESC"
        )
        return [segment_of(row) for row in rows]

    def growing(self) -> list[tuple[Segment, int]]:
        """Segments that their writers have not left yet, and how many bytes of each were read."""
        rows = self._database.rows(
            "SELECT segments.*, folders.path AS folder_path, "  # noqa: S608 - words of our own
            f"coalesce({_READ}, 0) AS read FROM segments "
            "JOIN folders ON folders.id = segments.folder "
            "LEFT JOIN timed ON timed.segment = segments.id AND timed.member = 0 "
            "WHERE segments.state = 'growing'"
        )
        return [(segment_of(row), int(row["read"])) for row in rows]

    def progress(self, segment: int) -> SegmentTimes | None:
        """What was read of a segment, to read on; None when it must be read from its start."""
        row = self._database.row("SELECT * FROM timed WHERE segment = ? AND member = 0", (segment,))
        if row is None or not row["going_on"] or row["packing"]:
            return None
        local, offset = json.loads(row["going_on"])
        times = SegmentTimes(
            upto=row["upto"],
            records=row["records"],
            least=row["least"],
            most=row["most"],
            last=row["last"],
            local=local,
            offset=offset,
            entries=unpack_entries(row["entries"]),
        )
        for slot, size, records, kinds in self._database.rows(
            "SELECT slot, bytes, records, kinds FROM volumes WHERE timed = ?", (row["id"],)
        ):
            times.volumes[slot] = Volume(size, records, counter_of(kinds))
        times.silences = [
            (first, last)
            for first, last in self._database.rows(
                "SELECT first, last FROM silences WHERE timed = ?", (row["id"],)
            )
        ]
        return times

    def keep(
        self,
        segment: Segment,
        times: SegmentTimes,
        *,
        head: SegmentHead | None,
        origin: Origin,
        packing: str = "",
        member: Member = SOLE,
        skew: int | None = None,
        problem: str = "",
        whole: bool = True,
    ) -> None:
        """Record what was read of a text; complete when its segment is closed and all of it was read.

        The first text of a segment is recorded last: with it all of them count as read.

        Args:
            segment: as the catalogue had it when reading began.
            times: everything that was read of it.
            head: None when it is no text.
            origin: who wrote it.
            packing: how it is packed.
            member: which text of the segment.
            skew: last line minus time of change; None keeps what is known.
            problem: why nothing in it can be found line by line.
            whole: whether it was read to its end.
        """
        complete = whole and segment.state is SegmentState.CLOSED
        header = None if head is None else head.header
        started = None if header is None or header.started is None else header.started.timestamp()
        columns: dict[str, object] = {
            "encoding": "" if head is None else head.encoding.name,
            "packing": packing,
            "inside": member.name,
            "broken": member.broken,
            "garbled": member.garbled,
            "file_size": segment.size,
            "zone_known": head is not None and head.zone.known,
            "number": None if header is None else header.number,
            "started": None if started is None else round(started * 1000),
            "upto": times.upto,
            "complete": complete,
            "least": times.least,
            "most": times.most,
            "last": times.last,
            "records": times.records,
            "going_on": "" if complete else json.dumps([times.local, times.offset]),
            "problem": problem,
            "entries": pack_entries(times.entries),
        }
        if skew is not None:
            columns["skew"] = skew
        with self._database.transaction() as connection:
            if connection.execute("SELECT 1 FROM segments WHERE id = ?", (segment.id,)).fetchone() is None:
                return  # forgotten meanwhile
            columns["application"] = _named(connection, "applications", origin.application, origin.witness)
            columns["host"] = _named(connection, "hosts", origin.host)
            text = _put(connection, segment.id, member.number, columns)
            connection.executemany(
                "INSERT OR REPLACE INTO volumes VALUES (?, ?, ?, ?, ?)",
                [
                    (
                        text,
                        slot,
                        volume.size,
                        volume.records,
                        pack_counts([volume.kinds[kind] for kind in _KINDS]),
                    )
                    for slot, volume in times.volumes.items()
                ],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO silences VALUES (?, ?, ?)",
                [(text, first, last) for first, last in times.silences],
            )

    def drop_members(self, segment: int, *, count: int) -> None:
        """Forget the texts of a segment but the first `count`."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM timed WHERE segment = ? AND member >= ?", (segment, count))

    def segments(
        self,
        *,
        applications: Sequence[str] = (),
        hosts: Sequence[str] = (),
        first: int | None = None,
        last: int | None = None,
    ) -> list[TimedSegment]:
        """Segments that may hold lines from `first` up to `last` (milliseconds), by application and time.

        Those whose file is gone are among them while they are pinned. What is there plain and packed is among
        them once: with most of its bytes, and else as it was first.

        Args:
            applications: their names, or patterns with ``*`` and ``?``; all when empty.
            hosts: the same.
            first: all from the oldest on when None.
            last: all to the newest when None.
        """
        where = ["(segments.state <> 'gone' OR pins.segment IS NOT NULL)"]
        values: list[object] = []
        for column, names in (("applications", applications), ("hosts", hosts)):
            if names:
                where.append("(" + " OR ".join(f"{column}.name GLOB ?" for _ in names) + ")")
                values += names
        if first is not None:
            where.append("(timed.most IS NULL OR timed.most >= ?)")
            values.append(first)
        if last is not None:
            where.append("(timed.least IS NULL OR timed.least <= ?)")
            values.append(last)
        rows = self._database.rows(
            f"{_TIMED} WHERE {' AND '.join(where)} "
            "ORDER BY written_by, written_on, least, segments.id, timed.member",
            values,
        )
        found = _once([self._timed(row) for row in rows])
        return [timed for timed in found if timed.in_place or timed.segment.key or not self._has_copy(timed)]

    def _has_copy(self, timed: TimedSegment) -> bool:
        """Whether what was emptied before it was closed lives on as a copy, which is found itself."""
        segment = timed.segment
        copy = copy_of(
            self._database,
            folder=segment.folder,
            application=segment.application,
            segment=segment.id,
            known=segment.print,
        )
        return copy is not None

    def volumes(self, *, first: int, last: int) -> list[tuple[str, str, int, Volume]]:
        """Application, host, slot and volume of every ten minutes from slot `first` up to `last`."""
        rows = self._database.rows(
            "SELECT applications.name, hosts.name, slot, bytes, volumes.records, kinds "  # noqa: S608 - our
            "FROM volumes "
            "JOIN timed ON timed.id = volumes.timed "
            "JOIN applications ON applications.id = timed.application JOIN hosts ON hosts.id = timed.host "
            f"WHERE slot BETWEEN ? AND ? AND {_ONCE} ORDER BY 1, 2, 3",
            (first, last),
        )
        found: dict[tuple[str, str, int], Volume] = {}
        for application, host, slot, size, records, kinds in rows:
            volume = found.setdefault((application, host, slot), Volume())
            volume.size += size
            volume.records += records
            volume.kinds += counter_of(kinds)
        return [(*key, volume) for key, volume in found.items()]

    def silences(self, *, first: int, last: int) -> list[tuple[str, str, int, int]]:
        """Application, host, begin and end of every silence within a segment that touches this range."""
        rows = self._database.rows(
            "SELECT applications.name, hosts.name, first, silences.last FROM silences "  # noqa: S608 - ours
            "JOIN timed ON timed.id = silences.timed "
            "JOIN applications ON applications.id = timed.application JOIN hosts ON hosts.id = timed.host "
            f"WHERE silences.last >= ? AND first <= ? AND {_ONCE} ORDER BY 1, 2, 3",
            (first, last),
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    def names(self) -> tuple[list[str], list[str]]:
        """All applications and all hosts that wrote a segment."""
        return (
            [row[0] for row in self._database.rows("SELECT name FROM applications ORDER BY name")],
            [row[0] for row in self._database.rows("SELECT name FROM hosts ORDER BY name")],
        )

    def _timed(self, row: sqlite3.Row) -> TimedSegment:
        segment = segment_of(row)
        gone = segment.state is SegmentState.GONE and row["pin"] is not None
        return TimedSegment(
            id=row["text"],
            segment=segment,
            member=Member(row["member"], row["inside"], row["broken"], bool(row["garbled"])),
            file=self._evidence / row["pin"] if gone else segment.file,
            in_place=not gone,
            pinned=row["pin"] is not None,
            application=row["written_by"],
            host=row["written_on"],
            encoding=Encoding(row["encoding"] or "utf-8"),
            packing=row["packing"],
            zone_known=bool(row["zone_known"]),
            number=row["number"],
            started=row["started"],
            upto=row["upto"],
            complete=bool(row["complete"]),
            least=row["least"],
            most=row["most"],
            last=row["latest"],
            skew=row["skew"],
            records=row["records"],
            problem=row["trouble"],
            packed_entries=row["entries"],
        )


def counter_of(kinds: bytes) -> Counter[MessageKind]:
    """Records by kind, as a row of volumes keeps them."""
    return Counter({kind: count for kind, count in zip(_KINDS, unpack_counts(kinds), strict=False) if count})


def _named(connection: sqlite3.Connection, table: str, name: str, *more: str) -> int:
    row = connection.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()  # noqa: S608 - ours
    if row is not None:
        return int(row[0])
    marks = ", ".join("?" for _ in (name, *more))
    cursor = connection.execute(f"INSERT INTO {table} VALUES (NULL, {marks})", (name, *more))  # noqa: S608 - ours
    return int(cursor.lastrowid or 0)


def _put(connection: sqlite3.Connection, segment: int, member: int, columns: dict[str, object]) -> int:
    names = ", ".join(columns)
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    marks = ", ".join("?" for _ in columns)
    row = connection.execute(
        f"INSERT INTO timed (segment, member, {names}) VALUES (?, ?, {marks}) "  # noqa: S608 - names of columns are ours
        f"ON CONFLICT (segment, member) DO UPDATE SET {changes} RETURNING id",
        (segment, member, *columns.values()),
    ).fetchone()
    return int(row[0])


def _once(found: list[TimedSegment]) -> list[TimedSegment]:
    """As `_ONCE`."""
    best: dict[tuple[str, int], TimedSegment] = {}
    growing: dict[tuple[int, int], int] = {}
    for timed in found:
        segment = timed.segment
        if segment.key:
            one = best.setdefault((segment.key, timed.member.number), timed)
            if (-timed.upto, segment.id) < (-one.upto, one.segment.id):
                best[segment.key, timed.member.number] = timed
        elif _is_growing(segment):
            file = (segment.device, segment.inode)
            growing[file] = min(segment.id, growing.get(file, segment.id))
    return [timed for timed in found if _is_chosen(timed, best, growing)]


def _is_growing(segment: Segment) -> bool:
    return segment.state is SegmentState.GROWING and segment.inode != 0


def _is_chosen(
    timed: TimedSegment, best: dict[tuple[str, int], TimedSegment], growing: dict[tuple[int, int], int]
) -> bool:
    segment = timed.segment
    if segment.key:
        return best[segment.key, timed.member.number] is timed
    return not _is_growing(segment) or growing[segment.device, segment.inode] == segment.id
