"""Packed bytes as a stream that can be read twice: nothing of it on the disk, little of it in memory.

Going back beyond what is kept begins the unpacking anew, so every pass sees every check of the format.
"""

from __future__ import annotations

import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol, cast

from app.domain.errors import WorldError
from app.logs.packings import GZIP_MAGIC

isal_zlib: Any
try:  # two and a half times as fast as zlib; not on every platform
    from isal import isal_zlib
except ImportError:
    isal_zlib = None

PIECE = 64 * 1024
"""Bytes that are unpacked in one step."""

KEPT = 1024 * 1024
"""Bytes behind the present place that can be read again without unpacking anew."""

DAMAGED = "CF-1911"
TOO_MUCH = "CF-1912"
CLOSED = "CF-1913"


class PackedError(WorldError):
    """A packed file, or a member of it, cannot be read."""

    code = DAMAGED


class CutOff(PackedError):
    """Its end is missing; what stands before it is as it was packed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a packed file may unpack. Who packs logs reaches a tenth to a sixtieth of their size.

    Attributes:
        most: bytes of everything in one file; a day of the busiest server is below it.
        ratio: bytes for each packed byte. A log that repeats one line for ever reaches some 200, deflate at
            most 1032, and bombs come close to that.
        free: bytes that are never too much, whatever the ratio: they cost a second.
        members: files and folders in one archive; their directory is held in memory.
        held: bytes of an archive inside another, which is held in memory, since its directory is at its end.
    """

    most: int = 64 * 1024**3
    ratio: int = 250
    free: int = 256 * 1024**2
    members: int = 20_000
    held: int = 16 * 1024**2


LIMITS = Limits()


_ODD_BYTES: tuple[type[Exception], ...] = (
    (zlib.error,) if isal_zlib is None else (zlib.error, isal_zlib.error)
)


class _Inflater(Protocol):
    """What zlib and isal both have."""

    @property
    def eof(self) -> bool: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


@dataclass(slots=True)
class Break:
    """Where unpacking ended before its end.

    Attributes:
        fault: why; None when no pass has met a break.
        at: unpacked bytes before it.
    """

    fault: PackedError | None = None
    at: int = 0


class Allowance:
    """Counts what comes out of one packed file, with all that is packed in it.

    Args:
        packed: bytes of the file.
    """

    def __init__(self, packed: int, limits: Limits = LIMITS) -> None:
        self.limits = limits
        self._most = self._left = min(limits.most, max(limits.free, packed * limits.ratio))

    def take(self, size: int) -> None:
        """Bytes that came out for the first time.

        Raises:
            PackedError: these are too many (``CF-1912``).
        """
        self._left -= size
        if self._left < 0:
            raise PackedError(
                "This archive unpacks to too much",
                happened=f"It unpacks to more than {self._most} bytes, far more than logs do.",
                todo="Leave it out, or unpack it yourself and look at it first.",
                code=TOO_MUCH,
            )


class Unpacked(io.RawIOBase):
    """What comes out of packed bytes, seekable.

    Args:
        begin: yields the unpacked bytes from the first on, in pieces, none empty; called for each pass.
        allowance: is told of every byte once.

    Raises (while reading or seeking):
        PackedError: of `begin`, or too many bytes.
    """

    def __init__(self, begin: Callable[[], Iterator[bytes]], allowance: Allowance) -> None:
        super().__init__()
        self._begin = begin
        self._allowance = allowance
        self._told = 0
        self._size: int | None = None
        self._at = 0
        self._restart()

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The present place."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is unpacked before it is read, but for the first question for the end."""
        if whence == io.SEEK_END and self._size is None:
            while self._produce():
                pass
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size or 0}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer in part; 0 at the end."""
        if self._size is not None and self._at >= self._size:
            return 0
        if self._at < self._first:
            self._restart()
        while self._at >= self._end:
            if not self._produce():
                return 0
        piece, at = b"", self._end
        for piece in reversed(self._pieces):
            at -= len(piece)
            if at <= self._at:
                break
        part = memoryview(piece)[self._at - at :][: len(buffer)]
        memoryview(buffer)[: len(part)] = part
        self._at += len(part)
        return len(part)

    def _restart(self) -> None:
        self._source = self._begin()
        self._pieces: deque[bytes] = deque()
        self._first = self._end = 0

    def _produce(self) -> bool:
        """Unpack one more piece and keep it; false at the end."""
        piece = next(self._source, b"")
        self._end += len(piece)
        if self._size is not None and (self._end > self._size if piece else self._end < self._size):
            raise damaged("It changed while it was read")
        if not piece:
            self._size = self._end
            return False
        self._pieces.append(piece)
        if self._end > self._told:
            self._allowance.take(self._end - self._told)
            self._told = self._end
        while self._end - self._first - len(self._pieces[0]) >= KEPT:
            self._first += len(self._pieces.popleft())
        return True


def unpacked(begin: Callable[[], Iterator[bytes]], allowance: Allowance) -> BinaryIO:
    """`Unpacked` with full reads."""
    return cast(BinaryIO, io.BufferedReader(Unpacked(begin, allowance), PIECE))


def up_to_break(begin: Callable[[], Iterator[bytes]], met: Break) -> Callable[[], Iterator[bytes]]:
    """The same passes, which end where the bytes are damaged or cut off, and note that in `met`."""

    def pieces() -> Iterator[bytes]:
        at = 0
        try:
            for piece in begin():
                at += len(piece)
                yield piece
        except PackedError as fault:
            met.fault, met.at = fault, at

    return pieces


@dataclass(slots=True)
class Gunzip:
    """Unpacks gzip as gzip(1) does: all its members one after the other, and zeros behind them are nothing.

    Attributes:
        rest: whether a pass to the end found other bytes behind the last member, which gzip(1) ignores.
    """

    source: BinaryIO
    rest: bool = False

    def pieces(self) -> Iterator[bytes]:
        """The unpacked bytes from the first on.

        Raises:
            PackedError: they are damaged or cut off (``CF-1911``).
        """
        self.source.seek(0)
        data = self.source.read(PIECE)
        while data:
            inflater = _inflater()
            while not inflater.eof:
                data = data or self.source.read(PIECE)
                try:
                    piece = inflater.decompress(data, PIECE)
                except _ODD_BYTES:
                    raise damaged("Its bytes do not fit its check sums") from None
                if not data and not piece:
                    raise damaged("It ends in the middle", kind=CutOff)
                data = inflater.unconsumed_tail
                if piece:
                    yield piece
            data = self._next(inflater.unused_data)

    def _next(self, data: bytes) -> bytes:
        """The bytes of the next member; none when there is none."""
        while not (data := data.lstrip(b"\0")):
            data = self.source.read(PIECE)
            if not data:
                return b""
        if len(data) < len(GZIP_MAGIC):
            data += self.source.read(PIECE)
        if data.startswith(GZIP_MAGIC):
            return data
        self.rest = True
        return b""


def _inflater() -> _Inflater:
    """One for a member of gzip, with its head and its check sum."""
    if isal_zlib is not None:
        return cast(_Inflater, isal_zlib.decompressobj(zlib.MAX_WBITS | 16))
    return zlib.decompressobj(zlib.MAX_WBITS | 16)


def damaged(what: str, *, kind: type[PackedError] = PackedError) -> PackedError:
    """The error for bytes that are not what their format says; `what` is half a sentence."""
    return kind(
        "This archive is damaged",
        happened=f"{what}, so what is in it cannot be trusted to be all.",
        todo="Collect it again, or repair and unpack it yourself.",
        code=DAMAGED,
    )


def closed(what: str, todo: str) -> PackedError:
    """The error for what is packed in a way that is not opened here."""
    return PackedError("This archive is not opened here", happened=f"{what}.", todo=todo, code=CLOSED)
