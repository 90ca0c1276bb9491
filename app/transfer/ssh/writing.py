"""Writing parts of one file, the next one begun before the last answers to the one before are in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from app.transfer.ssh.protocol import Malformed, StatusError, write_head

if TYPE_CHECKING:
    from app.transfer.ssh.client import SftpClient

BYTES_UNDER_WAY = 16 * 255 * 1024
"""Bytes of reads or writes without an answer at once: twice the window of OpenSSH, and no more, because what
lies ahead only fills the server's memory."""

MOST_UNDER_WAY = 128
"""Requests without an answer at once."""

_BEAT_EVERY = 256 * 1024


class Writing:
    """Writes to one handle of one client; nothing else may be asked of the client while any are under way.

    After a `StatusError` no answer is outstanding, and the client is usable; after anything else it is not.
    """

    def __init__(self, client: SftpClient, handle: bytes) -> None:
        self._client = client
        self._handle = handle
        self._part_of: dict[int, set[int]] = {}
        self._begun: deque[set[int]] = deque()
        self._failed: StatusError | None = None

    @property
    def begun(self) -> int:
        """Parts that were begun and not ended."""
        return len(self._begun)

    def begin(
        self,
        offset: int,
        data: memoryview,
        *,
        leaving: Callable[[int], None] | None = None,
        most: Callable[[], int] = lambda: _BEAT_EVERY,
    ) -> Iterator[int]:
        """Send a part; gives its bytes sent so far about every 256 KiB.

        Args:
            offset: of its first byte.
            data: its bytes.
            leaving: called with a count before so many bytes are sent; may wait.
            most: how many bytes are sent at once; asked before each time.
        """
        client = self._client
        part: set[int] = set()
        self._begun.append(part)
        largest = client.largest_write
        depth = max(1, min(MOST_UNDER_WAY, BYTES_UNDER_WAY // largest))
        start = 0
        while start < len(data):
            pieces: list[bytes | memoryview] = []
            at_once = most()
            size = min(largest, at_once)
            end = min(len(data), start + size * (at_once // size))
            if leaving is not None:
                leaving(end - start)
            for at in range(start, end, size):
                piece = data[at : min(end, at + size)]
                request_number = client.next_number()
                part.add(request_number)
                self._part_of[request_number] = part
                pieces += [write_head(request_number, self._handle, offset + at, len(piece)), piece]
            client.stream.send(*pieces)
            start = end
            yield end
            while self._part_of and (len(self._part_of) >= depth or client.stream.ready()):
                self._take_status()
            if self._failed is not None:
                self.drain()

    def end(self) -> None:
        """Wait until the server has acknowledged every byte of the oldest part that was begun."""
        oldest = self._begun[0]
        while oldest and self._failed is None:
            self._take_status()
        if self._failed is not None:
            self.drain()
        self._begun.popleft()

    def drain(self) -> None:
        """Wait for every answer that is outstanding.

        Raises:
            StatusError: the server refused a write.
        """
        while self._part_of:
            self._take_status()
        if self._failed is not None:
            failed, self._failed = self._failed, None
            self._begun.clear()
            raise failed

    def _take_status(self) -> None:
        answered, error = self._client.next_status()
        part = self._part_of.pop(answered, None)
        if part is None:
            raise Malformed("an answer to no request")
        part.discard(answered)
        self._failed = self._failed or error
