"""How an answer begins: which one counts, and whether its beginning is all there."""

from __future__ import annotations

import http.client
import re
from typing import Any, BinaryIO

_BEGINS = b"HTTP/"
_MOST_INTERIM = 32
_LONGEST_LINE = 64 * 1024
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(?:;[^\n]*)?\r?\n")


class _Lines:
    """The lines that an answer begins with. The library takes one that was cut for the last one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._first = True

    def readline(self, limit: int = -1) -> bytes:
        """The next line.

        Raises:
            http.client.IncompleteRead: it was cut.
        """
        line = self._stream.readline(limit)
        # Nothing at all, or something else than HTTP, is the library's to judge.
        judged = not self._first or (line != b"" and _BEGINS.startswith(line[: len(_BEGINS)]))
        self._first = False
        if judged and not line.endswith(b"\n") and len(line) != limit:
            raise http.client.IncompleteRead(line)
        return line

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class FinalResponse(http.client.HTTPResponse):
    """The answer behind interim ones, such as *103 Early Hints*, of which a server may send some unasked."""

    def begin(self) -> None:
        """Read what stands before the body.

        Raises:
            http.client.HTTPException: it is no HTTP; `http.client.IncompleteRead` when it was cut.
        """
        stream: Any = self.fp
        lines: Any = _Lines(stream)
        self.fp = lines
        try:
            super().begin()
        finally:
            if self.fp is lines:
                self.fp = stream

    @property
    def between_chunks(self) -> bool:
        """Whether what comes next is how long the next chunk is."""
        return self.chunked and not self.chunk_left

    def look_ahead(self) -> None:
        """Wait for something to come, and leave it there.

        Raises:
            OSError: the connection broke.
        """
        stream: Any = self.fp
        if stream is None:
            return
        if self.chunk_left == 0 and len(stream.peek(1)) > 1:
            # The end of the line behind a chunk comes with that, and says nothing about the next one.
            stream.read(2)
            self.chunk_left = None
        stream.peek(1)

    def take(self, buffer: memoryview) -> int:
        """Some bytes of the body, as many as come at once; 0 at its end, or when it was cut.

        The library's own `readinto` waits for all that the buffer holds, and loses it when the connection
        breaks meanwhile.

        Raises:
            OSError: the connection broke.
            http.client.HTTPException: it was cut, or is no HTTP.
        """
        if self.chunked:
            some = self.read1(len(buffer))
            buffer[: len(some)] = some
            return len(some)
        stream: Any = self.fp
        if stream is None:
            return 0
        count: int = stream.readinto1(buffer[: self.length])
        if self.length is not None:
            self.length -= count
        if self.length == 0 or not count:
            self.close()
        return count

    def _read_status(self) -> tuple[str, int, str]:
        # Not in the library's types: a test with a server that sends interim answers stands for it.
        for _number in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS or not 100 <= status < 200:
                return version, status, reason
            self._pass_over_headers()
        raise http.client.BadStatusLine("interim answers without end")

    def _read_next_chunk_size(self) -> int:
        # The library takes for a number what Python does: ``-5``, ``0x5``, ``1_0``, and what was cut.
        line = self.fp.readline(_LONGEST_LINE + 1)
        size = _CHUNK_SIZE.fullmatch(line)
        if size is None:
            raise http.client.IncompleteRead(line)
        return int(size[1], 16)

    def _pass_over_headers(self) -> None:
        for _number in range(_MOST_INTERIM):
            if self.fp.readline(_LONGEST_LINE + 1) in (b"\r\n", b"\n"):
                return
        raise http.client.BadStatusLine("an interim answer without end")
