"""Writes a masked member into gzip, so that the same member gives the same bytes."""

from __future__ import annotations

import io
import zlib
from typing import BinaryIO, cast

_LEVEL = 6
_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # no name, no time, no system


class GzipSink(io.RawIOBase):
    """Packs what is written; `finish` ends the one member."""

    def __init__(self, sink: BinaryIO) -> None:
        super().__init__()
        self._sink = sink
        self._deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._check = 0
        self._size = 0
        sink.write(_HEADER)

    @property
    def stream(self) -> BinaryIO:
        """This, as what an engine writes to."""
        return cast(BinaryIO, self)

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]
        """All of it."""
        self._check = zlib.crc32(data, self._check)
        self._size += len(data)
        self._sink.write(self._deflate.compress(data))
        return len(data)

    def finish(self) -> None:
        """The last bytes with the check sum."""
        self._sink.write(self._deflate.flush())
        self._sink.write(self._check.to_bytes(4, "little") + (self._size & 0xFFFFFFFF).to_bytes(4, "little"))
