"""The first bytes of a file that still grows, as a stream of its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, cast

_BUFFER = 256 * 1024


def first_bytes(stream: BinaryIO, size: int, *, before_read: Callable[[], None] = lambda: None) -> BinaryIO:
    """A view of the first `size` bytes, or of all when there are fewer; it closes the stream with itself.

    `before_read` is called before every block, and may rest.
    """
    return cast(BinaryIO, io.BufferedReader(_FirstBytes(stream, size, before_read), _BUFFER))


class _FirstBytes(io.RawIOBase):
    """A view of the beginning of a file; it closes the file with itself."""

    def __init__(self, stream: BinaryIO, size: int, before_read: Callable[[], None]) -> None:
        self._stream = stream
        self._before_read = before_read
        self._size = size
        stream.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._stream.tell(), io.SEEK_END: self._size}[whence]
        return self._stream.seek(start + offset)

    def tell(self) -> int:
        return self._stream.tell()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        self._before_read()
        view = memoryview(buffer)
        data = self._stream.read(max(0, min(len(view), self._size - self._stream.tell())))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
