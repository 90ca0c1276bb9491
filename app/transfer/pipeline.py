"""SFTP reads and writes that do not wait for one another, every status of which is looked at.

The pipelined writes of paramiko drop error statuses, so the requests are made here. This uses three names
that paramiko keeps private (`_async_request`, `_read_response`, `_convert_status`); paramiko is pinned to one
minor version, and a test of this room notices when they change.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from paramiko import SFTPClient, SFTPFile
from paramiko.message import Message
from paramiko.sftp import CMD_DATA, CMD_READ, CMD_STATUS, CMD_WRITE, int64

from app.domain.errors import PeerError

WRITE_SIZE = 32_640
"""Bytes of a write: with its SFTP header it fills one SSH packet (32,704) and spills into no second."""

READ_SIZE = 32_768
"""Bytes of a read: the most that every server answers in one piece."""

IN_FLIGHT = 128
"""Requests under way at once: 4 MiB, twice the window that OpenSSH opens."""


class Pipeline:
    """Requests on one open file. Not thread-safe."""

    def __init__(self, client: SFTPClient, file: SFTPFile) -> None:
        self._client = client
        self._handle = file.handle
        self._waiting: set[int] = set()
        self._data: dict[int, bytes] = {}
        self._error: OSError | EOFError | None = None

    def write(self, offset: int, data: bytes) -> None:
        """Send a write of at most `WRITE_SIZE` bytes; waits only while too many are under way.

        Raises:
            OSError: an earlier write failed.
        """
        self._ask(CMD_WRITE, self._handle, int64(offset), data)
        while len(self._waiting) >= IN_FLIGHT:
            self._take_one()

    def drain(self) -> None:
        """Wait until every write has its status.

        Raises:
            OSError: a write failed.
        """
        while self._waiting:
            self._take_one()

    def read(self, offset: int, length: int) -> Iterator[bytes]:
        """Exactly `length` bytes in order, with a bounded number of reads under way.

        Raises:
            OSError: a read failed.
            EOFError: the file ends before.
        """
        queue: deque[tuple[int, int, int]] = deque()
        next_offset, end = offset, offset + length
        while queue or next_offset < end:
            while next_offset < end and len(queue) < IN_FLIGHT:
                size = min(READ_SIZE, end - next_offset)
                queue.append((self._ask(CMD_READ, self._handle, int64(next_offset), size), next_offset, size))
                next_offset += size
            number, at, size = queue.popleft()
            while number in self._waiting:
                self._take_one()
            data = self._data.pop(number)
            if not 0 < len(data) <= size:
                raise PeerError(
                    "The server's answer is not understood",
                    happened=f"A read of {size} bytes was answered with {len(data)}.",
                    todo="Tell the server's operator.",
                    code="CF-1615",
                )
            if len(data) < size:
                rest = size - len(data)
                again = self._ask(CMD_READ, self._handle, int64(at + len(data)), rest)
                queue.appendleft((again, at + len(data), rest))
            yield data

    def _ask(self, kind: int, *arguments: object) -> int:
        number: int = self._client._async_request(self, kind, *arguments)  # type: ignore[attr-defined]
        self._waiting.add(number)
        return number

    def _take_one(self) -> None:
        self._client._read_response()  # type: ignore[attr-defined]
        if self._error is not None:
            raise self._error

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        """Called by paramiko with the answer to one of our requests."""
        self._waiting.discard(number)
        if kind == CMD_DATA:
            self._data[number] = message.get_string()
            return
        if kind != CMD_STATUS:
            self._error = self._error or OSError("the server answered with another kind of message")
            return
        try:
            self._client._convert_status(message)  # type: ignore[attr-defined]
        except (OSError, EOFError) as error:
            self._error = self._error or error
