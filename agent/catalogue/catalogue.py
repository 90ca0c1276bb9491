"""The table of segments, brought up to date by every pass over a folder."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent.catalogue.beginnings import Beginnings
from agent.catalogue.contents import open_text
from agent.catalogue.longgone import LongGone
from agent.catalogue.matching import Matches, match, unreadable_reason
from agent.catalogue.packedforms import PackedForms, is_packed_name
from agent.catalogue.reach import (
    DIRECTORIES,
    directories_of,
    index_reach,
    known_segments,
    present_segments,
)
from agent.catalogue.segments import Segment, SegmentState, segment_key, segment_of
from agent.watch import (
    Candidate,
    Fingerprint,
    FolderScan,
    SeenFile,
    decide_closed,
    still_begins_with,
)
from agent.watch.fingerprint import continues
from app.logs import PackedError, application_of
from app.storage import Database, Durability, migrations_in, open_database

EVIDENCE_FOLDER = "evidence"
"""Where pinned segments lie, beside the catalogue's database."""
_UNREADABLE_AGAIN = 5.0
_SELECT = (
    "SELECT segments.*, folders.path AS folder_path "
    "FROM segments JOIN folders ON segments.folder = folders.id"
)
_OF_IDS = f"{_SELECT} WHERE segments.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - no value in it
_OF_KEYS = f"{_SELECT} WHERE segments.key IN (SELECT value FROM json_each(?))"  # noqa: S608 - no value in it
_CLOSED = (
    "segments.state = 'closed' OR (segments.state = 'gone' AND segments.key <> '' AND segments.id IN "
    "(SELECT held.segment FROM held JOIN holds ON holds.id = held.hold "
    "JOIN pins ON pins.segment = held.segment WHERE holds.reason = 'growing'))"
)


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over a folder changed.

    Attributes:
        closed: segments that were closed by it.
        touched: ids of those that are new, have changed, were closed by it, or are gone.
        look_again: seconds until another one may be closed; None when none waits.
        changed: whether anything that people see is different.
    """

    closed: tuple[Segment, ...]
    look_again: float | None
    changed: bool
    touched: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FolderSummary:
    """A folder as ``status`` shows it."""

    path: str
    readable: bool
    problem: str
    segments: int
    growing: int


def open_catalogue(
    path: Path,
    *,
    quiet: float,
    clock: Callable[[], float] = time.monotonic,
    wall: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Catalogue:
    """Open or make the catalogue's database.

    Args:
        path: the database file.
        quiet: seconds without change before a rotated segment is closed.
        clock: monotonic seconds.
        wall: aware UTC time.
    """
    database = open_database(
        path, migrations_in(Path(__file__).parent / "migrations"), durability=Durability.NORMAL
    )
    with database.transaction() as connection:
        index_reach(connection)
    return Catalogue(database, quiet=quiet, clock=clock, wall=wall)


def is_current(path: Path) -> bool:
    """Whether a catalogue's database has this program's version, so that opening it changes nothing.

    Raises:
        LocalError: it cannot be read.
    """
    newest = migrations_in(Path(__file__).parent / "migrations")[-1].number
    database = Database(path, durability=Durability.NORMAL)
    try:
        row = database.row("PRAGMA user_version")
    finally:
        database.close()
    return row is not None and int(row[0]) == newest


class Catalogue:
    """Which segments exist. A row that gets lost costs work, never a doubled or lost upload."""

    def __init__(
        self,
        database: Database,
        *,
        quiet: float,
        clock: Callable[[], float],
        wall: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._wall = wall
        self._quiet = quiet
        self._clock = clock
        self._changed_at: dict[int, float] = {}
        self._unreadable: dict[int, dict[str, str]] = {}
        self._forms = PackedForms()
        self._long_gone = LongGone()

    @property
    def database(self) -> Database:
        """The database, which the time table and the evidence share."""
        return self._database

    def observe(self, scan: FolderScan) -> Pass:
        """Take in a pass over a folder, or over some of its directories.

        Segments in other directories stay as they are; nothing is deleted, whatever the scan could not see.
        """
        now = self._clock()
        self._forms.look_into(self._database, scan)  # outside of the transaction: it may take a second
        with self._database.transaction() as connection:
            folder = _folder_id(connection, scan)
            if not scan.readable:
                moved = connection.execute(
                    "UPDATE segments SET state = 'unknown', problem = ? WHERE folder = ? "
                    "AND state IN ('growing', 'closed')",
                    (scan.problem, folder),
                )
                return Pass(closed=(), look_again=None, changed=moved.rowcount > 0)
            beginnings = Beginnings(scan.folder)
            matches = match(
                scan.files, known_segments(connection, scan, folder), begins_with=beginnings.begins_with
            )
            touched = self._record(connection, scan, folder, matches, beginnings, now=now)
            closed, look_again = self._close(connection, scan, folder, now=now)
            if self._unreadable.get(folder):
                look_again = min(_UNREADABLE_AGAIN, look_again or _UNREADABLE_AGAIN)
        changed = bool(closed or matches.changed or matches.fresh or matches.unreadable)
        ids = dict.fromkeys((*touched, *(segment.id for segment in closed)))
        return Pass(closed=tuple(closed), look_again=look_again, changed=changed, touched=tuple(ids))

    def closed(self) -> list[Segment]:
        """Every closed segment, oldest first; also what is gone and lies in a pin until rules sent it."""
        rows = self._database.rows(f"{_SELECT} WHERE {_CLOSED} ORDER BY modified_ns, segments.id")
        return [segment_of(row) for row in rows]

    def of_ids(self, ids: Iterable[int]) -> list[Segment]:
        """These segments, also those that are gone; one that is not known is not among them."""
        rows = self._database.rows(_OF_IDS, (json.dumps([*ids]),))
        return [segment_of(row) for row in rows]

    def of_keys(self, keys: Iterable[str]) -> list[Segment]:
        """All rows of the segments of these keys, also of those that are gone, where they lay."""
        return [segment_of(row) for row in self._database.rows(_OF_KEYS, (json.dumps([*keys]),))]

    def growing(self) -> list[int]:
        """Ids of all growing segments with something in them."""
        rows = self._database.rows("SELECT id FROM segments WHERE state = 'growing' AND size > 0")
        return [row["id"] for row in rows]

    def by_key(self, key: str) -> Segment | None:
        """The segment of that key where it lies now; None when it is gone or has changed since.

        One that is gone but pinned lies in the evidence folder. Plain goes before packed.
        """
        rows = self._database.rows(
            f"{_SELECT} WHERE segments.key = ? AND segments.state <> 'gone' ORDER BY segments.id DESC", (key,)
        )
        if rows:
            return min((segment_of(row) for row in rows), key=is_packed_name)
        pinned = self._database.row(
            "SELECT segments.*, folders.path AS folder_path, pins.path AS pin FROM segments "
            "JOIN folders ON folders.id = segments.folder JOIN pins ON pins.segment = segments.id "
            "WHERE segments.key = ?",
            (key,),
        )
        if pinned is None:
            return None
        return replace(
            segment_of(pinned), folder=self._database.path.parent / EVIDENCE_FOLDER, path=pinned["pin"]
        )

    def continued(
        self, device: int, inode: int, known: Fingerprint, *, member: int | None = None
    ) -> Segment | None:
        """The segment that begins with these bytes and has grown since, where it lies now; None when gone.

        One that is gone but pinned lies in the evidence folder. `member` is the number of the text in a
        packed segment of which these are the first bytes.
        """
        rows = self._database.rows(
            "SELECT segments.*, folders.path AS folder_path, pins.path AS pin FROM segments "
            "JOIN folders ON folders.id = segments.folder LEFT JOIN pins ON pins.segment = segments.id "
            "WHERE device = ? AND inode = ? AND (segments.size >= ? OR ?) "
            "AND (segments.state <> 'gone' OR pins.path IS NOT NULL) ORDER BY segments.id DESC",
            (str(device), str(inode), known.size, member is not None),
        )
        for row in rows:
            segment = segment_of(row)
            if segment.state is SegmentState.GONE:
                segment = replace(
                    segment, folder=self._database.path.parent / EVIDENCE_FOLDER, path=row["pin"]
                )
            try:
                if _begins_with(segment.file, known, member=member):
                    return segment
            except (OSError, PackedError):
                continue  # another one may be the one
        return None

    def reopen(self, key: str) -> None:
        """A segment was not what was closed: forget that it was, so that the next pass judges it anew."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE segments SET state = 'growing', key = '' WHERE key = ?", (key,))

    def segments(self) -> list[Segment]:
        """All segments that are not gone, by folder and path."""
        rows = self._database.rows(
            f"{_SELECT} WHERE segments.state <> 'gone' ORDER BY folders.path, segments.path"
        )
        return [segment_of(row) for row in rows]

    def directories(self, folder: Path) -> dict[str, int]:
        """The directories of a watched folder in which there are segments that are not gone; their device."""
        return directories_of(self._database.rows(DIRECTORIES, (str(folder),)))

    def folders(self, watched: Sequence[Path]) -> list[FolderSummary]:
        """The watched folders with their figures; one that was never scanned counts as readable."""
        rows = {
            row["path"]: row
            for row in self._database.rows(
                "SELECT folders.path, readable, folders.problem, count(segments.id) AS segments, "
                "coalesce(sum(segments.state = 'growing'), 0) AS growing FROM folders "
                "LEFT JOIN segments ON segments.folder = folders.id AND segments.state <> 'gone' "
                "GROUP BY folders.id"
            )
        }
        return [_summary(str(path), rows.get(str(path))) for path in watched]

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _record(
        self,
        connection: sqlite3.Connection,
        scan: FolderScan,
        folder: int,
        matches: Matches,
        beginnings: Beginnings,
        *,
        now: float,
    ) -> list[int]:
        """Take in what was matched; ids of the segments that are others now."""
        wall = self._wall().isoformat()
        touched = [segment.id for _file, segment in matches.changed]
        for _file, segment in matches.same:
            if segment.state in (SegmentState.UNKNOWN, SegmentState.GONE):
                state = SegmentState.CLOSED if segment.key else SegmentState.GROWING
                _update(connection, segment.id, state=state.value, problem="")
        for file, segment in matches.changed:
            self._changed(connection, beginnings, segment, file, now=now)
        unreadable = list(matches.unreadable)
        known_paths = {segment.path: segment for segment in matches.missing}
        for file in matches.fresh:
            try:
                fingerprint = beginnings.fingerprint(file)
            except OSError as error:
                unreadable.append((file, unreadable_reason(error)))
                continue
            touched.append(self._insert(connection, folder, file, fingerprint, now=now))
        hidden: set[str] = set()
        for file, reason in unreadable:
            hidden.add(file.path)
            before = known_paths.get(file.path)
            if before is not None:
                _update(connection, before.id, state=SegmentState.UNKNOWN.value, problem=reason)
        for segment in matches.missing:
            if not scan.concerns(segment.path):
                continue
            if segment.path in hidden or segment.state is SegmentState.GONE:
                continue
            state = SegmentState.GONE if scan.covers(segment.path) else SegmentState.UNKNOWN
            if state is not segment.state:
                _update(connection, segment.id, state=state.value, problem="", changed=wall)
                touched.append(segment.id)
        self._note_unreadable(connection, folder, scan, unreadable)
        self._long_gone.forget(connection, folder, now=now, wall=self._wall())
        return touched

    def _note_unreadable(
        self,
        connection: sqlite3.Connection,
        folder: int,
        scan: FolderScan,
        unreadable: Sequence[tuple[SeenFile, str]],
    ) -> None:
        """Which files cannot be read now, beside those in directories that this pass is not about."""
        before = self._unreadable.get(folder, {})
        now = {path: reason for path, reason in before.items() if not scan.concerns(path)}
        now.update((file.path, reason) for file, reason in unreadable if reason)
        self._unreadable[folder] = now
        if now:
            text = (
                f"{len(now)} file{'s' if len(now) > 1 else ''} in it cannot be read. {scan.problem}".strip()
            )
            connection.execute("UPDATE folders SET problem = ? WHERE id = ?", (text, folder))

    def _changed(
        self,
        connection: sqlite3.Connection,
        beginnings: Beginnings,
        segment: Segment,
        file: SeenFile,
        *,
        now: float,
    ) -> None:
        """Renamed or touched: what it was it stays. Grown: it is growing, even if it was closed before."""
        grown = file.size != segment.size
        fingerprint = segment.print
        if grown:
            try:
                fingerprint = beginnings.fingerprint(file)
            except OSError:
                return  # the next pass looks again; what is recorded still holds
        key = "" if grown else segment.key
        if grown or file.modified_ns != segment.modified_ns:
            self._changed_at[segment.id] = now
        _update(
            connection,
            segment.id,
            path=file.path,
            device=str(file.device),
            inode=str(file.inode),
            size=file.size,
            modified_ns=file.modified_ns,
            head_length=fingerprint.head_length,
            head=fingerprint.head,
            tail=fingerprint.tail,
            state=(SegmentState.CLOSED if key else SegmentState.GROWING).value,
            key=key,
            problem="",
        )

    def _insert(
        self,
        connection: sqlite3.Connection,
        folder: int,
        file: SeenFile,
        fingerprint: Fingerprint,
        *,
        now: float,
    ) -> int:
        row = connection.execute(
            "SELECT coalesce(max(generation), 0) + 1 FROM segments WHERE folder = ? AND path = ?",
            (folder, file.path),
        ).fetchone()
        cursor = connection.execute(
            "INSERT INTO segments (folder, path, application, generation, device, inode, size, modified_ns, "
            "head_length, head, tail, state, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'growing', ?)",
            (
                folder,
                file.path,
                application_of(file.name) or file.name.partition(".")[0],
                row[0],
                str(file.device),
                str(file.inode),
                file.size,
                file.modified_ns,
                fingerprint.head_length,
                fingerprint.head,
                fingerprint.tail,
                self._wall().isoformat(),
            ),
        )
        number = int(cursor.lastrowid or 0)
        self._changed_at[number] = now
        return number

    def _close(
        self, connection: sqlite3.Connection, scan: FolderScan, folder: int, *, now: float
    ) -> tuple[list[Segment], float | None]:
        present = present_segments(connection, scan, folder)
        decision = decide_closed(
            (
                Candidate(
                    path=segment.path,
                    size=segment.size,
                    modified_ns=segment.modified_ns,
                    quiet_for=now - self._changed_at.setdefault(segment.id, now),
                )
                for segment in present
            ),
            quiet=self._quiet,
        )
        closed: list[Segment] = []
        for segment in present:
            if segment.state is SegmentState.GROWING and segment.path in decision.closed:
                key = self._key_of(connection, segment)
                _update(connection, segment.id, state=SegmentState.CLOSED.value, key=key)
                closed.append(segment)
        return closed, decision.look_again

    def _key_of(self, connection: sqlite3.Connection, segment: Segment) -> str:
        """The name of its content: of a packed segment, that which it had when it was plain."""
        key = segment_key(
            segment.application, device=segment.device, inode=segment.inode, fingerprint=segment.print
        )
        form = self._forms.of(segment)
        if form is None:
            return key
        plain = connection.execute("SELECT key, state FROM segments WHERE id = ?", (form.segment,)).fetchone()
        if plain is None:
            return key
        if plain["key"]:
            return str(plain["key"]) if form.whole else key
        if plain["state"] == SegmentState.GONE:  # it went before it was closed
            _update(connection, form.segment, key=key)
        return key


def _begins_with(file: Path, known: Fingerprint, *, member: int | None) -> bool:
    if member is None:
        return still_begins_with(file, known)
    with open_text(file, member=member) as text:
        return continues(text, known)


def _folder_id(connection: sqlite3.Connection, scan: FolderScan) -> int:
    connection.execute(
        "INSERT INTO folders (path, readable, problem) VALUES (?, ?, ?) "
        "ON CONFLICT (path) DO UPDATE SET readable = excluded.readable, problem = excluded.problem",
        (str(scan.folder), scan.readable, scan.problem),
    )
    row = connection.execute("SELECT id FROM folders WHERE path = ?", (str(scan.folder),)).fetchone()
    return int(row[0])


def _update(connection: sqlite3.Connection, segment: int, **columns: str | int) -> None:
    assignments = ", ".join(f"{name} = ?" for name in columns)
    connection.execute(
        f"UPDATE segments SET {assignments} WHERE id = ?",  # noqa: S608 - names of columns are ours
        (*columns.values(), segment),
    )


def _summary(path: str, row: sqlite3.Row | None) -> FolderSummary:
    if row is None:
        return FolderSummary(path=path, readable=True, problem="", segments=0, growing=0)
    return FolderSummary(
        path=path,
        readable=bool(row["readable"]),
        problem=row["problem"],
        segments=row["segments"],
        growing=row["growing"],
    )
