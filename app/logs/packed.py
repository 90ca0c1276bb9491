"""What is inside of a packed log: gzip and zip, known by their bytes; an archive in an archive is opened.

Other archives (7z, tar, bzip2 …) are not opened: their bytes are those of a binary file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.logs.packings import HEAD, Packing, packing_of
from app.logs.unpacking import (
    LIMITS,
    PIECE,
    Allowance,
    Break,
    Gunzip,
    Limits,
    PackedError,
    closed,
    unpacked,
    up_to_break,
)

_DEEPEST = 1
OPEN_IT = "Unpack it yourself, and mask what is in it."


@dataclass(frozen=True, slots=True)
class Entry:
    """A member of an archive.

    Attributes:
        name: relative, ``/`` between parts, without parts that lead elsewhere; empty for what gzip holds.
        folder: whether it is a folder.
        pieces: the unpacked bytes from the first on; called for each pass.
        allowance: of the file that it lies in.
        fault: why it cannot be opened; None when it can.
    """

    name: str
    pieces: Callable[[], Iterator[bytes]]
    allowance: Allowance
    folder: bool = False
    fault: PackedError | None = None

    def open(self) -> BinaryIO:
        """The unpacked bytes, seekable; errors of the format come while reading."""
        return unpacked(self.pieces, self.allowance)

    def open_up_to(self, met: Break) -> BinaryIO:
        """The same, which end where they are damaged or cut off; `met` tells it once that was read."""
        return unpacked(up_to_break(self.pieces, met), self.allowance)


@dataclass(frozen=True, slots=True)
class Text:
    """A file in an archive that is no archive.

    Attributes:
        name: with those of the archives around it; empty for what gzip holds.
        stream: its bytes up to the first that cannot be read, standing at the first one; None with `fault`.
        met: tells where and why they end early, once that place was read.
        fault: why it cannot be opened at all.
    """

    name: str
    stream: BinaryIO | None
    met: Break
    fault: PackedError | None = None


@dataclass(frozen=True, slots=True)
class Packed:
    """A packed file.

    Attributes:
        entries: in their order; of gzip there is one.
        depth: 0, or 1 inside of another archive.
        rest: whether bytes of no member were met behind the last one; known when that was read to its end.
    """

    kind: Packing
    entries: Sequence[Entry]
    allowance: Allowance
    depth: int
    rest: Callable[[], bool]


def open_packed(source: BinaryIO, *, within: Packed | None = None, limits: Limits = LIMITS) -> Packed | None:
    """Look into a file; None when it is not packed. The source stays open and belongs to the result.

    Args:
        source: seekable.
        within: the archive it is a member of.
        limits: of the outermost archive.

    Raises:
        PackedError: it is damaged (``CF-1911``), unpacks to too much (``CF-1912``), or is not opened here
            (``CF-1913``): in an archive that is in an archive itself, or with too many members.
        OSError: the source cannot be read.
    """
    source.seek(0)
    kind = packing_of(source.read(HEAD))
    source.seek(0)
    if kind is None:
        return None
    depth = 0 if within is None else within.depth + 1
    if depth > _DEEPEST:
        raise closed("It lies in an archive that lies in another one", OPEN_IT)
    allowance = Allowance(source.seek(0, 2), limits) if within is None else within.allowance
    if kind is Packing.GZIP:
        gunzip = Gunzip(source)
        entry = Entry("", gunzip.pieces, allowance)
        return Packed(kind, (entry,), allowance, depth, lambda: gunzip.rest)
    if within is not None:
        source = _held(source, allowance.limits)
    from app.logs.zipped import zip_entries  # most logs are in no archive, and wait for nothing of it

    return Packed(kind, zip_entries(source, allowance), allowance, depth, lambda: False)


def texts_in(packed: Packed, name: str = "") -> Iterator[tuple[str, BinaryIO]]:
    """Name and bytes of everything in an archive that is neither archive nor folder, in order.

    What gzip holds has the name of the gzip file.

    Raises:
        PackedError: as `open_packed`, also for a member that cannot be opened.
    """
    for entry in packed.entries:
        if entry.fault is not None:
            raise entry.fault
        if entry.folder:
            continue
        place = "/".join(part for part in (name, entry.name) if part)
        with entry.open() as stream:
            inner = open_packed(stream, within=packed)
            if inner is None:
                yield place, stream
            else:
                yield from texts_in(inner, place)


def each_text(packed: Packed, name: str = "") -> Generator[Text]:
    """Everything in an archive that is neither archive nor folder, in order, also what cannot be opened.

    Raises:
        PackedError: while reading a text, when all of them are too much (``CF-1912``).
    """
    for entry in packed.entries:
        if entry.folder:
            continue
        place = "/".join(part for part in (name, entry.name) if part)
        met = Break()
        if entry.fault is not None:
            yield Text(place, None, met, entry.fault)
            continue
        with entry.open_up_to(met) as stream:
            try:
                inner = open_packed(stream, within=packed)
            except PackedError as fault:
                yield Text(place, None, met, fault)
                continue
            if inner is None:
                stream.seek(0)
                yield Text(place, stream, met)
            else:
                yield from each_text(inner, place)


def content_digest(source: BinaryIO) -> str | None:
    """SHA-256 of the one file in an archive, as if it had not been packed; None when there are several.

    Raises:
        PackedError: as `texts_in`.
    """
    packed = open_packed(source)
    if packed is None:
        return None
    found: str | None = None
    for _name, stream in texts_in(packed):
        if found is not None:
            return None
        digest = hashlib.sha256()
        stream.seek(0)
        while block := stream.read(4 * PIECE):
            digest.update(block)
        found = digest.hexdigest()
    return found


def _held(source: BinaryIO, limits: Limits) -> BinaryIO:
    data = source.read(limits.held + 1)
    if len(data) > limits.held:
        raise closed(f"It lies in another archive and is larger than {limits.held // 1024**2} MiB", OPEN_IT)
    return io.BytesIO(data)
