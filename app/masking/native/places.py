"""What was found in a file, window by window, between the two passes.

It lies in memory, and in a temporary file past a bound; offsets, kinds and digests, no text.
"""

from __future__ import annotations

import hashlib
import struct
import tempfile
import threading
import weakref
from collections.abc import Callable
from typing import IO, Protocol

from app.masking.errors import MaskingError
from app.masking.native.library import PLACE_SIZE
from app.masking.native.room import Found

_HEAD = struct.Struct("=QQ")
_IN_MEMORY = 512 * 1024
_MOST_ON_SHELF = 64 * 1024 * 1024
_PIECE = 256 * 1024


class Taking(Protocol):
    """What was found, window by window."""

    def take(self) -> Found:
        """Of the next window.

        Raises:
            MaskingError: there is none, so the file has changed (``CF-1906``).
        """


class Places:
    """Taken in the order they were put."""

    def __init__(self) -> None:
        self._kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - see close
        self._windows = Windows()

    @property
    def identity(self) -> bytes:
        """Of all windows that were put."""
        return self._windows.identity

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return self._kept.seek(0, 2)

    def close(self) -> None:
        """Nothing is left."""
        self._kept.close()

    def put(self, found: Found) -> None:
        """Of the next window."""
        self._kept.write(_HEAD.pack(found.amount, found.same))
        self._kept.write(found.places)
        self._windows.add(found.same)

    def rewind(self) -> None:
        """Before the second pass."""
        self._kept.seek(0)

    def take(self) -> Found:
        """See `Taking`."""
        return _taken(self._kept.read)

    def pour(self, out: IO[bytes]) -> None:
        """Write all of them to another file."""
        self.rewind()
        while piece := self._kept.read(_PIECE):
            out.write(piece)


class Shelf:
    """Places of many files, as far as there is room. One thread puts; then several may take."""

    def __init__(self, *, room: int = _MOST_ON_SHELF) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._used = 0
        self._kept: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - finalized
        weakref.finalize(self, self._kept.close)

    def put(self, places: Places) -> tuple[int, int] | None:
        """Keep those of a file; where they lie, or None when there is no room."""
        size = places.size
        if self._used + size > self._room:
            return None
        start = self._used
        self._kept.seek(start)
        places.pour(self._kept)
        self._used = start + size
        return start, self._used

    def of(self, where: tuple[int, int]) -> Taking:
        """Those of one file, from its first window."""
        return _OfOneFile(self._read, *where)

    def _read(self, at: int, size: int) -> bytes:
        with self._lock:
            self._kept.seek(at)
            return self._kept.read(size)


class _OfOneFile:
    """A file's places on a shelf."""

    def __init__(self, read: Callable[[int, int], bytes], start: int, end: int) -> None:
        self._read, self._at, self._end = read, start, end

    def take(self) -> Found:
        """See `Taking`."""
        return _taken(self._next)

    def _next(self, size: int) -> bytes:
        data = self._read(self._at, min(size, self._end - self._at))
        self._at += len(data)
        return data


class Windows:
    """What tells the windows of one file from those of another, however many there are."""

    def __init__(self) -> None:
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, same: int) -> None:
        """The digest of the next window's text."""
        self._digest.update(same.to_bytes(8, "big"))

    @property
    def identity(self) -> bytes:
        """Of all windows so far."""
        return self._digest.digest()


def _taken(read: Callable[[int], bytes]) -> Found:
    head = read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise changed()
    count, same = _HEAD.unpack(head)
    return Found(read(count * PLACE_SIZE), count, b"", 0, same)


def changed() -> MaskingError:
    """The error for a file that is not the same in both passes."""
    return MaskingError(
        "The file changed while it was masked",
        happened="It is not the same as in the pass before.",
        todo="Collect it again; a segment that is closed does not change.",
        code="CF-1906",
    )
