"""Masked text as a row of deflated pieces with an index behind them: it is never on the disk unpacked.

The pieces are those of a bundle (`app.deflate`), so that a bundle can take them as they are. The index has
for each piece where it ends and the CRC-32 of all text up to there, by which every piece that is read is
proven by itself. What proves index and pieces is told when the last byte is written, and kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import struct
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import BinaryIO, Self, cast

from app.deflate import INFLATE_ERRORS, Deflate, crc32, inflater
from app.masking.errors import cannot, not_what_was_written
from app.masking.face import PackedCopy

_ENTRY = struct.Struct("<QI")
"""Of the index: where a piece ends among the packed bytes, and the CRC-32 of the text up to there."""

_AHEAD = 2
"""Pieces that wait for the thread that deflates."""

_HELD = 2
"""Unpacked pieces that are kept: who looks around a place goes back over the border of two."""

_BLOCK = 1024 * 1024


class PieceSink:
    """``with PieceSink(…) as pieces``: takes masked text, and deflates it in a thread beside who masks.

    Memory: about five pieces. What was begun and not finished must not be used.
    """

    def __init__(self, sink: BinaryIO, deflate: Deflate) -> None:
        """Nothing is written yet.

        Args:
            sink: empty; nobody else writes to it meanwhile.
            deflate: packs.
        """
        self._sink = sink
        self._by, self._piece, self._deflated = deflate.name, deflate.piece, deflate.open()
        self._text = bytearray()
        self._thread: ThreadPoolExecutor | None = None
        self._begun: deque[Future[None]] = deque()
        self._digest, self._size, self._crc = hashlib.sha256(), 0, 0
        self._index = bytearray()

    @property
    def stream(self) -> BinaryIO:
        """This, as what an engine writes to."""
        return cast(BinaryIO, self)

    def write(self, data: bytes | memoryview) -> int:
        """All of it, copied: whose it is may write over it.

        Raises:
            MaskingError: what came before cannot be written (``CF-1907``).
        """
        self._text += data
        while len(self._text) > self._piece:  # the last piece is known by its end
            with memoryview(self._text) as text:
                piece = bytes(text[: self._piece])
            del self._text[: self._piece]
            self._begin(piece)
        return len(data)

    def finish(self) -> PackedCopy:
        """The last piece and the index; what proves them both.

        Raises:
            MaskingError: as `write`.
        """
        while self._begun:
            self._await_one()
        try:
            self._pack(bytes(self._text), last=True)
            self._sink.write(self._index)
        except OSError as fault:
            raise cannot("write the masked copy of", fault, "CF-1907") from fault
        return PackedCopy(
            by=self._by,
            piece=self._piece,
            size=self._size,
            sha256=self._digest.hexdigest(),
            crc=self._crc,
            index_sha256=hashlib.sha256(self._index).hexdigest(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def _begin(self, piece: bytes) -> None:
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="deflate")
        if len(self._begun) > _AHEAD:
            self._await_one()
        self._begun.append(self._thread.submit(self._pack, piece, last=False))

    def _await_one(self) -> None:
        try:
            self._begun.popleft().result()
        except OSError as fault:
            raise cannot("write the masked copy of", fault, "CF-1907") from fault

    def _pack(self, piece: bytes, *, last: bool) -> None:
        packed = self._deflated(piece, last)
        self._crc = crc32(piece, self._crc)
        self._digest.update(packed)
        self._size += len(packed)
        self._index += _ENTRY.pack(self._size, self._crc)
        self._sink.write(packed)


class PieceSource(io.RawIOBase):
    """Reads the text of a packed copy at any place, and closes the file with itself.

    Only the pieces that are needed are unpacked, and each is proven by the index, which is proven first.
    Reading raises `MaskingError` when a piece is not what masking wrote (``CF-1910``).
    """

    def __init__(self, stream: BinaryIO, packed: PackedCopy, *, size: int) -> None:
        """Read the index.

        Args:
            stream: of the copy.
            packed: as `PieceSink.finish` told.
            size: of the text in bytes.

        Raises:
            MaskingError: the index is not what masking wrote (``CF-1910``).
        """
        self._stream = stream
        self._packed = packed
        self._size = size
        self._at = 0
        self._held: dict[int, bytes] = {}
        stream.seek(packed.size)
        self._index = proven_index(stream, packed, size=size)

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """The new place in the text; one before its beginning is that."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """The place in the text."""
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Text up to the end of a piece at most; 0 at the end of all."""
        if self._at >= self._size:
            return 0
        number, within = divmod(self._at, self._packed.piece)
        view = memoryview(buffer)
        part = memoryview(self._piece(number))[within : within + len(view)]
        view[: len(part)] = part
        self._at += len(part)
        return len(part)

    def close(self) -> None:
        """The file is closed, too."""
        self._stream.close()
        super().close()

    def _piece(self, number: int) -> bytes:
        if number in self._held:
            return self._held[number]
        start, before = _ENTRY.unpack_from(self._index, (number - 1) * _ENTRY.size) if number else (0, 0)
        end, check = _ENTRY.unpack_from(self._index, number * _ENTRY.size)
        length = min(self._packed.piece, self._size - number * self._packed.piece)
        self._stream.seek(start)
        try:
            text: bytes = inflater().decompress(self._stream.read(end - start), length + 1)
        except INFLATE_ERRORS:
            text = b""
        if len(text) != length or crc32(text, before) != check:
            raise not_what_was_written("A piece of it is not what masking wrote.")
        if len(self._held) == _HELD:
            del self._held[next(iter(self._held))]
        self._held[number] = text
        return text


def proven_pieces(stream: BinaryIO, packed: PackedCopy) -> Iterator[bytes]:
    """The packed bytes of a copy, in blocks; they count when the last one was given.

    Raises:
        MaskingError: behind the last block: they are not what masking wrote (``CF-1910``).
    """
    digest, left = hashlib.sha256(), packed.size
    while left:
        block = stream.read(min(_BLOCK, left))
        if not block:
            raise not_what_was_written("It is shorter than what masking wrote.")
        digest.update(block)
        left -= len(block)
        yield block
    _compare(digest.hexdigest(), packed.sha256)


def proven_index(stream: BinaryIO, packed: PackedCopy, *, size: int) -> bytes:
    """The index of a copy with so much text: what stands behind its pieces, to the end of the file.

    Raises:
        MaskingError: it is not what masking wrote (``CF-1910``).
    """
    index = stream.read(index_size(packed, size) + 1)
    _compare(hashlib.sha256(index).hexdigest(), packed.index_sha256)
    return index


def index_size(packed: PackedCopy, size: int) -> int:
    """Bytes of the index of a copy with so much text."""
    return _ENTRY.size * max(1, -(-size // packed.piece))


def _compare(found: str, wanted: str) -> None:
    if not hmac.compare_digest(found, wanted):
        raise not_what_was_written("It is not what masking wrote.")
