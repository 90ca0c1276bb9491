"""The file that is sent: who it is, its bytes, and the proof that it is still the sealed one."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

from app.domain.errors import IntegrityError, LocalError
from app.domain.files import SealedBundle
from app.storage import untouched
from app.transfer.parts import Part, PartState
from app.transfer.rooms import Rooms

_EDGE = 64 * 1024
_STEP = 512 * 1024
"""Bytes that are read and looked at together, while they are in the processor's cache."""


class SourceChanged(IntegrityError):
    """The file is no longer the one that was sealed: it is a new transfer, under a new key."""

    code = "CF-1722"


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What tells one state of a file from another without reading it whole.

    Attributes:
        mtime_ns: time of the last change, in nanoseconds.
        head, tail: SHA-256 of the first and last 64 KiB.
    """

    path: Path
    size: int
    mtime_ns: int
    head: str
    tail: str


def source_changed(name: str, what: str) -> SourceChanged:
    """Say so, and what to do."""
    return SourceChanged(
        "The bundle changed since it was sealed",
        happened=f"{name}: {what}. Nothing more of it is sent.",
        todo="Seal it again; it is then a new transfer.",
    )


class Source:
    """A sealed bundle, open for reading. Usable from several threads."""

    def __init__(self, bundle: SealedBundle) -> None:
        """Open it.

        Raises:
            LocalError: the file is not there or cannot be read (CF-1821).
            SourceChanged: it has another size.
        """
        self.bundle = bundle
        self._lock = threading.Lock()
        self._rooms = Rooms()
        try:
            self._file = FileIO(bundle.path, "rb")
        except OSError as error:
            raise _unreadable(bundle, error) from error
        try:
            self.identity = self._identify()
        except BaseException:
            self.close()
            raise
        if self.identity.size != bundle.size:
            self.close()
            raise source_changed(bundle.name, f"it has {self.identity.size} bytes, not {bundle.size}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def keep_memory(self, kept: int) -> None:
        """How many bytes of memory are kept for the next parts."""
        self._rooms.keep(kept)

    def read(
        self, offset: int, length: int, *, along: Callable[[memoryview], None] | None = None
    ) -> memoryview:
        """Exactly `length` bytes; their memory is used again once nobody has a view of it.

        Args:
            offset: of the first.
            length: how many.
            along: called with piece after piece of them, in order, as they are read.

        Raises:
            SourceChanged: the file is shorter now.
            LocalError: it cannot be read.
        """
        data = self._rooms.take(length)
        step = length if along is None else _STEP
        for place in range(0, length, step or 1):
            piece = data[place : place + step]
            self._fill(piece, at=offset + place, end=offset + length)
            if along is not None:
                along(piece)
        return data

    def _fill(self, piece: memoryview, *, at: int, end: int) -> None:
        filled = 0
        try:
            with self._lock:
                self._file.seek(at)
                while filled < len(piece) and (count := self._file.readinto(piece[filled:])):
                    filled += count
        except OSError as error:
            raise _unreadable(self.bundle, error) from error
        if filled < len(piece):
            raise source_changed(self.bundle.name, f"it ends before byte {end}")

    def read_part(self, part: Part) -> tuple[Part, memoryview]:
        """The part's bytes, and the part with their digest.

        Raises:
            SourceChanged: the part was read before, and was another one.
            LocalError: it cannot be read.
        """
        data = self.read(part.offset, part.length)
        digest = hashlib.sha256(data).hexdigest()
        if part.sha256 not in ("", digest):
            raise source_changed(self.bundle.name, f"bytes from {part.offset} differ from what was sent")
        return replace(part, sha256=digest, state=PartState.SENT, crc32=None), data

    def split(self, part: Part, place: int) -> tuple[Part, Part]:
        """The part cut at the byte `place` within it, each half with a digest of its own.

        Raises:
            SourceChanged: the part was read before, and was another one.
            LocalError: it cannot be read.
        """
        _whole, data = self.read_part(part)
        head, tail = data[: place - part.offset], data[place - part.offset :]
        return (
            Part(part.offset, len(head), hashlib.sha256(head).hexdigest(), PartState.SENT),
            Part(place, len(tail), hashlib.sha256(tail).hexdigest(), PartState.SENT),
        )

    def must_stand_still(self) -> None:
        """Nobody wrote to the file since it was opened.

        Raises:
            SourceChanged: somebody did; it may still grow.
        """
        with self._lock:
            status = os.fstat(self._file.fileno())
        if (status.st_size, status.st_mtime_ns) != (self.identity.size, self.identity.mtime_ns):
            raise source_changed(self.bundle.name, "it was written to while it was being sent")

    @property
    def is_untouched(self) -> bool:
        """Whether it is certain that nobody has written to the file since its digest was made."""
        with self._lock:
            now = untouched(os.fstat(self._file.fileno()))
        return now is not None and now == self.bundle.untouched

    def _identify(self) -> SourceIdentity:
        status = os.fstat(self._file.fileno())
        head = hashlib.sha256(self.read(0, min(_EDGE, status.st_size))).hexdigest()
        edge = min(_EDGE, status.st_size)
        tail = hashlib.sha256(self.read(status.st_size - edge, edge)).hexdigest()
        return SourceIdentity(self.bundle.path, status.st_size, status.st_mtime_ns, head, tail)


def _unreadable(bundle: SealedBundle, error: OSError) -> LocalError:
    return LocalError(
        "The bundle cannot be read",
        happened=f"{bundle.name}: {error.strerror or error}.",
        todo="Check that the spool folder is there and its rights, or seal the bundle again.",
        code="CF-1821",
    )
