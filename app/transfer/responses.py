"""How an answer begins: which one counts, and whether its beginning is all there."""

from __future__ import annotations

import http.client
import io
import re
from typing import Any, BinaryIO, cast

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


class EndlessTrailers(http.client.HTTPException):
    """Behind the body come lines without end."""


class FinalResponse(http.client.HTTPResponse):
    """The answer behind interim ones, such as *103 Early Hints*, of which a server may send some unasked."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._line = b""
        self._trailers = False
        self._passed: list[int] = []
        self._reader_holds = True

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
        """Whether lines come next, not bytes of the body: a size, or what is behind the last chunk."""
        return self.chunked and not self.chunk_left and self.fp is not None

    def pass_a_line(self) -> None:
        """Take what lies there of the next line between chunks, or wait for some; what was taken is kept.

        Raises:
            OSError: the connection broke.
            http.client.HTTPException: it was cut, or is no HTTP.
        """
        stream: Any = self.fp
        self._reader_holds = True
        ahead: bytes = stream.peek(1)
        taken = stream.read(ahead.find(b"\n") + 1 or len(ahead))
        self._line += taken
        if taken.endswith(b"\n"):
            line, self._line = self._line, b""
            self._heed(line)
        elif not taken and self._trailers and not self._line:
            # Some servers end behind the last chunk without a word.
            self.close()
        elif not taken or len(self._line) > _LONGEST_LINE:
            raise http.client.IncompleteRead(self._line)

    def take(self, buffer: memoryview) -> int:
        """Some bytes of the body, as many as come at once; 0 at its end, or when it was cut.

        The library's own `readinto` waits for all that the buffer holds, and loses it when the connection
        breaks meanwhile.

        Raises:
            OSError: the connection broke.
            http.client.HTTPException: it was cut, or is no HTTP.
        """
        if self.chunked:
            return self._take_of_chunk(buffer)
        stream: Any = self.fp
        if stream is None:
            return 0
        count = self._read_some(stream, buffer[: self.length])
        if self.length is not None:
            self.length -= count
        if self.length == 0 or not count:
            self.close()
        return count

    def _take_of_chunk(self, buffer: memoryview) -> int:
        left, stream = self._get_chunk_left(), cast(Any, self.fp)
        if left is None or stream is None:
            return 0
        count = self._read_some(stream, buffer[:left])
        if not count:
            raise http.client.IncompleteRead(b"")
        self.chunk_left = left - count
        return count

    def _read_some(self, stream: Any, buffer: memoryview) -> int:
        """What the reader holds, or what comes at once; nothing is lost when the connection raises.

        `io.BufferedReader.readinto1` hands out what it holds, and where there is room for more than it could
        hold it asks the connection, too: when that raises, what it has handed out is nowhere.
        """
        holds = self._reader_holds or len(buffer) <= io.DEFAULT_BUFFER_SIZE
        wanted = buffer[: io.DEFAULT_BUFFER_SIZE] if holds else buffer
        count: int = stream.readinto1(wanted)
        # All that it can hold was all that it held.
        self._reader_holds = holds and count == len(wanted) < io.DEFAULT_BUFFER_SIZE
        return count

    def _get_chunk_left(self) -> int | None:
        # The library's own loses what it has of a line when nothing more comes soon.
        while self.between_chunks:
            self.pass_a_line()
        return self.chunk_left or None

    def _heed(self, line: bytes) -> None:
        """A whole line between chunks."""
        if self._trailers:
            self._count_trailer(line)
        elif self.chunk_left == 0:
            if line.rstrip(b"\r\n"):
                raise http.client.IncompleteRead(line)
            self.chunk_left = None
        else:
            # The library takes for a number what Python does: ``-5``, ``0x5``, ``1_0``, and what was cut.
            size = _CHUNK_SIZE.fullmatch(line)
            if size is None:
                raise http.client.IncompleteRead(line)
            self.chunk_left = int(size[1], 16) or None
            self._trailers = self.chunk_left is None

    def _count_trailer(self, line: bytes) -> None:
        if line in (b"\r\n", b"\n"):
            self.close()
            return
        self._passed.append(len(line))
        if len(self._passed) > _MOST_INTERIM or sum(self._passed) > _LONGEST_LINE:
            raise EndlessTrailers("lines without end behind the last chunk")

    def _read_status(self) -> tuple[str, int, str]:
        # Not in the library's types: a test with a server that sends interim answers stands for it.
        for _number in range(_MOST_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == http.HTTPStatus.SWITCHING_PROTOCOLS or not 100 <= status < 200:
                return version, status, reason
            self._pass_over_headers()
        raise http.client.BadStatusLine("interim answers without end")

    def _pass_over_headers(self) -> None:
        for _number in range(_MOST_INTERIM):
            if self.fp.readline(_LONGEST_LINE + 1) in (b"\r\n", b"\n"):
                return
        raise http.client.BadStatusLine("an interim answer without end")
