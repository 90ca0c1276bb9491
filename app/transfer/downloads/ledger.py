"""What of a file has arrived, beside its ``.part``: a later run goes on with what provably is there."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from app.decoding import ready
from app.transfer.crc import crc32
from app.transfer.downloads.answers import is_strong

_READ = 1 << 20
_MORE_TIMES, _PAUSE = 5, 0.2


class Mark(msgspec.Struct, array_like=True, frozen=True):
    """All bytes before `end` have this SHA-256."""

    end: int
    sha256: str


class Island(msgspec.Struct, array_like=True, frozen=True):
    """Bytes that arrived behind a gap, and their CRC-32: the SHA-256 of the whole proves them at the end."""

    start: int
    end: int
    crc: int


class Ledger(msgspec.Struct):
    """The file on the disk.

    Attributes:
        place: where it is fetched from.
        size, sha256, etag: of the content, as far as they are known; another has nothing in common with it.
            The ETag is HTTP's, or the time of the file at an SFTP server.
    """

    place: str
    size: int
    sha256: str
    etag: str = ""
    marks: list[Mark] = []
    islands: list[Island] = []

    def same(self, other: Ledger) -> bool:
        """Whether both mean the same content."""
        mine, others = (self.place, self.size, self.sha256), (other.place, other.size, other.sha256)
        return mine == others and (not self.etag or not other.etag or self.etag == other.etag)

    @property
    def goes_on(self) -> bool:
        """Whether what comes later can be known to be of the same content: a weak ETag does not say so."""
        return bool(self.sha256) or is_strong(self.etag)

    @property
    def whole(self) -> bool:
        """Whether it names every byte; what it names is not read."""
        at = max((mark.end for mark in self.marks), default=0)
        for island in sorted(self.islands, key=lambda each: each.start):
            at = max(at, island.end) if island.start <= at else at
        return 0 < self.size <= at

    def copy(self) -> Ledger:
        """One that stays as it is now, as its lists are replaced only."""
        return msgspec.structs.replace(self)

    def save(self, path: Path) -> None:
        """Put it in place of the older one, durably. What it names must be durable already.

        Raises:
            OSError: the disk refuses.
        """
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:60]}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(msgspec.json.encode(self))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    @classmethod
    def read(cls, path: Path) -> Ledger | None:
        """From the disk; None when there is none, or it is damaged.

        Raises:
            OSError: the disk refuses.
        """
        try:
            return msgspec.json.decode(path.read_bytes(), type=ready(cls))
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None


def patiently(record: Callable[[], None]) -> None:
    """Do it; a disk that refuses, as while another program holds the file, has a second to change its mind.

    Raises:
        OSError: it does not.
    """
    for _time in range(_MORE_TIMES):
        with contextlib.suppress(OSError):
            record()
            return
        time.sleep(_PAUSE)  # nobody tells when the other program lets go
    record()


@dataclass(slots=True)
class Proven:
    """What of a ``.part`` is what its ledger says.

    Attributes:
        position: all bytes before it are there.
        digest: of them.
        islands: what is there behind, in order.
    """

    position: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    islands: list[Island] = field(default_factory=list)

    def mark(self) -> Mark:
        """For the ledger."""
        return Mark(self.position, self.digest.copy().hexdigest())


def prove(part: Path, ledger: Ledger) -> Proven:
    """Read again what the ledger names: up to the last mark that is right, and the islands that are.

    What touches is one from then on, and the ledger names nothing else: however often a program is ended,
    there are no more gaps than connections were at work at once.

    Raises:
        OSError: the disk refuses.
    """
    with part.open("rb") as stream:
        proven, right = Proven(), list[Mark]()
        reading = Proven()
        for mark in sorted(ledger.marks, key=lambda each: each.end):
            if not _extend(reading, stream.fileno(), mark):
                break
            proven.position, proven.digest = reading.position, reading.digest.copy()
            right.append(mark)
        for island in sorted(ledger.islands, key=lambda each: each.start):
            _join(proven, stream.fileno(), island, size=ledger.size)
    if proven.position > max((mark.end for mark in right), default=0):
        right.append(proven.mark())
    ledger.marks, ledger.islands = right, list(proven.islands)
    return proven


def _join(proven: Proven, descriptor: int, island: Island, *, size: int) -> None:
    """Have this one, too, if it is right and lies behind all others; the beginning may end within it."""
    last = proven.islands[-1] if proven.islands else Island(0, proven.position, 0)
    earliest = last.end if proven.islands else 0
    if not (earliest <= island.start < island.end <= size and last.end < island.end):
        return
    touches = island.start <= last.end
    digest = proven.digest.copy() if touches and not proven.islands else None
    at, crc, joined = island.start, 0, last.crc
    for block in _blocks(descriptor, island.start, island.end):
        crc = crc32(block, crc)
        if digest is not None:
            digest.update(block[max(0, proven.position - at) :])
        elif touches:
            joined = crc32(block, joined)
        at += len(block)
    if (at, crc) != (island.end, island.crc):
        return
    if digest is not None:
        proven.position, proven.digest = island.end, digest
    elif touches:
        proven.islands[-1] = Island(last.start, island.end, joined)
    else:
        proven.islands.append(island)


def _extend(reading: Proven, descriptor: int, mark: Mark) -> bool:
    for block in _blocks(descriptor, reading.position, mark.end):
        reading.digest.update(block)
        reading.position += len(block)
    return reading.position == mark.end and reading.digest.copy().hexdigest() == mark.sha256


def _blocks(descriptor: int, start: int, end: int) -> Iterator[bytes]:
    os.lseek(descriptor, start, os.SEEK_SET)
    while start < end and (block := os.read(descriptor, min(_READ, end - start))):
        start += len(block)
        yield block
