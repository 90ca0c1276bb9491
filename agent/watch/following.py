"""Reading logs while they grow: every byte once, whatever the rotation does to its file.

The scan says what is there; here it is decided whose bytes they are. A content (*generation*) is known by
device and inode, by the digest of its growing head and by the marker before the last offset:

- the same file, not shorter, with the same marker: its new bytes are read;
- the same file, shorter or with another marker: it was cut, a new generation begins at 0;
- another file with a rotated name, in whose series a generation begins with the same bytes: the copy of
  ``copytruncate``, or the packed form. What it holds beyond the last offset is that generation's end. It is
  judged when it has been still for a moment, since a copy that is being made is shorter than its source;
- a file that is not there any more, but was being read: its handle is open still, and is read to the end.

What is gone before its end was read is said (`End.LOST`); files are read the oldest first, as those go first.

A file is held open while it is read: its inode cannot be given to another one meanwhile. On Windows nothing
is held, as a deleted file would keep its name.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from agent.watch.ending import HOLD, Ends
from agent.watch.fingerprint import (
    Fingerprint,
    continues,
    fingerprint_of,
    grown,
    longest_beginning,
    read_before,
)
from agent.watch.opening import open_shared
from agent.watch.positions import End, OnEnd, OnPiece, Piece, Position, Positions, Series, series_of
from agent.watch.rotation import PACKED, rotated_name
from agent.watch.scan import FolderScan, SeenFile
from agent.watch.unpacked import NotUnpacked, open_known

BLOCK = 1024 * 1024
SETTLE = 1.0
"""Seconds for which a file with a rotated name must be still before it is judged."""
KEEP = 86_400.0
"""Seconds for which a generation without a file is known: it may come back packed."""
MOST_HELD = 0 if sys.platform == "win32" else 256
_NOTHING = Fingerprint(size=0, head_length=0, head="", tail="")


@dataclass(slots=True)
class _Held:
    stream: BinaryIO
    used: float
    gone_since: float | None = None


@dataclass(frozen=True, slots=True)
class _Still:
    """A file as it was when it was looked at, and since when it is like that."""

    size: int
    modified_ns: int
    since: float

    def is_of(self, file: SeenFile) -> bool:
        return (self.size, self.modified_ns) == (file.size, file.modified_ns)


class Follower:
    """Follows the logs of one folder. Used by one thread."""

    def __init__(
        self,
        folder: Path,
        *,
        positions: Iterable[Position],
        on_piece: OnPiece,
        new_generation: Callable[[], int],
        on_end: OnEnd = lambda _position: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Nothing is read yet.

        Args:
            folder: the watched folder.
            positions: what was taken in before this start.
            on_piece: takes new bytes in.
            new_generation: a number larger than all before; it may be lost.
            on_end: told when the end of a generation was read, or is lost.
            clock: monotonic seconds.
        """
        self._folder = folder
        self._on_piece = on_piece
        self._new = new_generation
        self._clock = clock
        self._positions = Positions(positions)
        self._ends = Ends(self._positions, on_end=on_end)
        self._copies: dict[tuple[int, int], int] = {}
        self._waiting: dict[str, _Still] = {}
        self._packed: dict[int, _Still] = {}
        self._damaged: dict[tuple[int, int], _Still] = {}
        self._held: dict[int, _Held] = {}
        self._gone: dict[int, float] = {}

    def close(self) -> None:
        """Let go of every file."""
        for generation in list(self._held):
            self._let_go(generation)

    def take(self, scan: FolderScan) -> float | None:
        """Read what is new in these directories; in how many seconds to look at them again, or None.

        Raises:
            Exception: what `on_piece` and `on_end` raise; the same scan may be taken again.
        """
        if not scan.readable:
            return None
        self._read_gone()
        seen = {(file.device, file.inode) for file in scan.files}
        unknown: list[SeenFile] = []
        matched: set[int] = set()
        for file in sorted(scan.files, key=lambda file: file.modified_ns):
            try:
                position = self._of_identity(file, matched)
            except OSError:
                # gone since, or not to be read now: whose it is stays open, and nobody misses it
                matched.update(p.generation for p in self._positions.of_identity((file.device, file.inode)))
                continue
            if position is None:
                unknown.append(file)
            else:
                matched.add(position.generation)
                self._read(self._lies_in(position, file), file)
        for file in unknown:
            damaged = self._damaged.get((file.device, file.inode))
            if damaged is not None and damaged.is_of(file):
                continue
            try:
                self._judge(file, seen, matched)
            except FileNotFoundError:
                continue  # renamed or deleted since it was listed: the next look knows
            except NotUnpacked:
                self._waiting.pop(file.path, None)
                self._damaged[(file.device, file.inode)] = self._still(file)
            except OSError:
                self._waiting.setdefault(file.path, self._still(file))
        self._miss(scan, matched)
        self._tidy(scan)
        gone = any(held.gone_since is not None for held in self._held.values())
        return SETTLE if self._waiting or gone or self._ends.open else None

    def _of_identity(self, file: SeenFile, matched: set[int]) -> Position | None:
        """The generation that lies in this very file; one that lay in it and does not any more has ended."""
        for position in self._positions.of_identity((file.device, file.inode)):
            generation = position.generation
            if generation in matched:
                continue
            if self._still_in(file, position):
                held = self._held.get(generation)
                if held is not None:
                    held.gone_since = None
                return position
            self._let_go(generation)
        return None

    def _still_in(self, file: SeenFile, position: Position) -> bool:
        if position.offset == 0:
            # nothing was read of it: only its name, or its open handle, says that this is it
            return file.path == position.path or position.generation in self._held
        if _is_packed(file.name):
            still = self._packed.get(position.generation)
            return (still is not None and still.is_of(file)) or self._begins(
                file, position.print, packed=True
            )
        if file.size < position.offset:
            return False
        held = self._held.get(position.generation)
        if held is not None:
            return continues(held.stream, position.print)
        return self._begins(file, position.print)

    def _judge(self, file: SeenFile, seen: set[tuple[int, int]], matched: set[int]) -> None:
        """A file that no known generation lies in: a copy, a packed form, the same with other ids, or new."""
        identity = (file.device, file.inode)
        copied = self._copies.get(identity)
        if copied is not None and copied in matched:
            return
        kin = self._kin(file)
        if kin and file.size == 0:
            self._waiting.pop(file.path, None)
            return  # nothing in it yet: perhaps a copy that begins
        if kin and not self._settled(file):
            return
        half = None if _is_packed(file.name) else self._half_copied(file, kin)
        position = half or self._begun(file, kin)
        self._waiting.pop(file.path, None)
        if position is not None and (half or position.generation in matched):
            self._copies[identity] = position.generation  # the copy of a file that goes on
            return
        if position is None:
            found = self._renumbered(file, seen, matched)
            position = found or Position(self._new(), file.path, file.device, file.inode, _NOTHING)
        matched.add(position.generation)
        self._read(self._lies_in(position, file), file)

    def _kin(self, file: SeenFile) -> list[Position]:
        """For a rotated name, the generations of its series in its directory, what was read most first."""
        if not rotated_name(file.name).renamed:
            return []
        found = [
            position
            for position in self._positions.in_series(series_of(file.path))
            if position.offset > 0 and position.identity != (file.device, file.inode)
        ]
        return sorted(found, key=lambda position: position.offset, reverse=True)

    def _begun(self, file: SeenFile, kin: list[Position]) -> Position | None:
        """Of these generations the one whose bytes, as far as they were read, the file begins with."""
        if not kin:
            return None
        packed = _is_packed(file.name)
        with open_known(self._folder / file.path, (file.device, file.inode), packed=packed) as stream:
            found = longest_beginning(stream, [position.print for position in kin])
        return next((position for position in kin if position.print == found), None)

    def _half_copied(self, file: SeenFile, kin: list[Position]) -> Position | None:
        """The generation of which the file is the beginning of a copy: so far it holds nothing new."""
        return next(
            (
                position
                for position in kin
                if 0 < file.size < position.offset
                and position.generation not in self._gone
                and self._copies_half(file, position)
            ),
            None,
        )

    def _copies_half(self, file: SeenFile, position: Position) -> bool:
        if self._copies.get((file.device, file.inode)) == position.generation:
            return True
        try:
            with open_shared(self._folder / position.path) as stream:
                if not continues(stream, position.print):
                    return False
                beginning = fingerprint_of(stream, size=file.size)
        except OSError:
            return False
        return self._begins(file, beginning)

    def _renumbered(self, file: SeenFile, seen: set[tuple[int, int]], matched: set[int]) -> Position | None:
        """The generation of the same path whose ids are seen nowhere: shares give others by themselves."""
        for position in self._positions.in_series(series_of(file.path)):
            if (
                position.path == file.path
                and position.offset > 0
                and position.generation not in matched
                and position.identity not in seen
                and self._begins(file, position.print)
            ):
                return position
        return None

    def _settled(self, file: SeenFile) -> bool:
        waiting = self._waiting.get(file.path)
        if waiting is None or not waiting.is_of(file):
            self._waiting[file.path] = self._still(file)
            return False
        return self._clock() - waiting.since >= SETTLE

    def _still(self, file: SeenFile) -> _Still:
        return _Still(file.size, file.modified_ns, self._clock())

    def _lies_in(self, position: Position, file: SeenFile) -> Position:
        if position.identity != (file.device, file.inode):
            self._let_go(position.generation)
        found = replace(position, path=file.path, device=file.device, inode=file.inode)
        self._positions.put(found)
        self._gone.pop(position.generation, None)
        self._ends.found(position.generation)
        return found

    def _begins(self, file: SeenFile, known: Fingerprint, *, packed: bool = False) -> bool:
        """Whether the file begins with these bytes; of a packed one, its content.

        Raises:
            OSError: it cannot be read.
        """
        with open_known(self._folder / file.path, (file.device, file.inode), packed=packed) as stream:
            return continues(stream, known)

    def _read(self, position: Position, file: SeenFile) -> None:
        """Read to the end of the file that lies at the position's path, and note whether that is its end."""
        whole = self._read_file(position, file)
        generation = position.generation
        if rotated_name(file.name).renamed and (whole or self._positions[generation].offset >= file.size):
            self._ends.read_to_end(generation)

    def _read_file(self, position: Position, file: SeenFile) -> bool:
        """Read to the end; whether it was a packed file, which does not grow."""
        path = self._folder / position.path
        held = self._held.get(position.generation)
        if held is not None:
            held.used = self._clock()
            self._read_on(held.stream, position)
            return False
        try:
            if _is_packed(file.name):
                still = self._packed.get(position.generation)
                if still is None or not still.is_of(file):
                    self._packed[position.generation] = self._still(file)
                    with open_known(path, position.identity, packed=True) as stream:
                        self._read_on(stream, position)
                    return True
                return False
            stream = _open_unbuffered(path)
        except OSError:
            return False  # gone or unreadable since: the next look knows
        own = os.fstat(stream.fileno())
        if (own.st_dev, own.st_ino) != position.identity:
            stream.close()
        elif MOST_HELD:
            self._held[position.generation] = _Held(stream, self._clock())
            self._read_on(stream, position)
        else:
            with stream:
                self._read_on(stream, position)
        return False

    def _read_on(self, stream: BinaryIO, position: Position) -> None:
        while (piece := _next_piece(stream, position)) is not None:
            self._on_piece(piece)
            position = piece.after
            self._positions.put(position)

    def _miss(self, scan: FolderScan, matched: set[int]) -> None:
        """What lay in these directories and does not any more: it is read by its handle, for a while."""
        now = self._clock()
        directories = scan.looked
        if directories is None:
            directories = frozenset(position.directory for position in self._positions)
        for directory in directories:
            for position in list(self._positions.in_directory(directory)):
                generation = position.generation
                if generation in matched or not scan.covers(position.path):
                    continue
                self._gone.setdefault(generation, now)
                self._positions.miss(generation)
                self._ends.missed(position, now)
                held = self._held.get(generation)
                if held is not None and held.gone_since is None:
                    held.gone_since = now
                    self._read_on(held.stream, position)
        self._ends.looked(matched, now)
        self._ends.judge(now, pending=self._pending, held=self._held.__contains__)

    def _pending(self, series: Series) -> bool:
        return any(series_of(path) == series for path in self._waiting)

    def _read_gone(self) -> None:
        """Read on in files that have gone, and let go of those that were still long enough."""
        now = self._clock()
        for generation, held in list(self._held.items()):
            if held.gone_since is None:
                continue
            position = self._positions[generation]
            self._read_on(held.stream, position)
            if self._positions[generation].offset > position.offset:
                held.gone_since = now
            elif now - held.gone_since >= HOLD:
                if os.fstat(held.stream.fileno()).st_size <= position.offset:
                    self._ends.read_to_end(generation, gone=True)
                self._let_go(generation)

    def _let_go(self, generation: int) -> None:
        held = self._held.pop(generation, None)
        if held is not None:
            held.stream.close()

    def _tidy(self, scan: FolderScan) -> None:
        """Keep what is remembered in its bounds."""
        there = {file.path for file in scan.files}
        for path in [path for path in self._waiting if scan.concerns(path) and path not in there]:
            del self._waiting[path]
        surplus = len(self._held) - MOST_HELD
        if surplus > 0:
            for generation in sorted(self._held, key=lambda g: self._held[g].used)[:surplus]:
                self._let_go(generation)
        now = self._clock()
        for generation in [g for g, since in self._gone.items() if now - since > KEEP]:
            del self._gone[generation]
            self._ends.found(generation)
            self._let_go(generation)
            self._positions.drop(generation)
            self._packed.pop(generation, None)


def _is_packed(name: str) -> bool:
    return name.lower().endswith(PACKED)


def _open_unbuffered(path: Path) -> BinaryIO:
    """Without a buffer of ours: bytes of before a cut must not be read after it."""
    found: BinaryIO = open_shared(path).detach()  # type: ignore[attr-defined]  # of BufferedReader
    return found


def _next_piece(stream: BinaryIO, position: Position) -> Piece | None:
    """The next bytes behind a position; None at the end, or when those before them are others by now."""
    start = read_before(position.print)
    try:
        stream.seek(start)
        data = stream.read(position.offset - start + BLOCK)
    except OSError:
        return None
    before, content = data[: position.offset - start], data[position.offset - start :]
    if not content:
        return None
    after = grown(position.print, before, content)
    return (
        None
        if after is None
        else Piece(position.offset, content, replace(position, print=after, end=End.OPEN))
    )
