"""What a channel has received and nobody has read yet: the chunks as they came, none of them moved again."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

from paramiko.buffered_pipe import PipeTimeout
from paramiko.ssh_exception import SSHException


class _Event(Protocol):
    def set(self) -> None:
        """Something can be read."""

    def clear(self) -> None:
        """Nothing can be read."""


class ChunkPipe:
    """Stands in for `paramiko.buffered_pipe.BufferedPipe`, whose every read moves all that is left.

    Args:
        most: bytes that may wait. More means that the peer overruns the window that it was given.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._chunks: deque[memoryview] = deque()
        self._count = 0
        self._closed = False
        self._ready = threading.Condition(threading.Lock())
        self._event: _Event | None = None

    def __len__(self) -> int:
        return self._count

    def set_event(self, event: _Event) -> None:
        """See paramiko: it is set while something can be read, or nothing will come."""
        with self._ready:
            self._event = event
            if self._closed or self._chunks:
                event.set()
            else:
                event.clear()

    def feed(self, *pieces: bytes | memoryview) -> None:
        """Bytes that came.

        Raises:
            SSHException: more than the window allows.
        """
        with self._ready:
            for data in pieces:
                if self._count + len(data) > self._most:
                    raise SSHException("the peer sends more than its window allows")
                if data:
                    self._chunks.append(memoryview(data))
                    self._count += len(data)
            if self._chunks:
                if self._event is not None:
                    self._event.set()
                self._ready.notify()

    def read_ready(self) -> bool:
        """Whether `read` would give bytes at once."""
        return self._count > 0

    def take(self, most: int, timeout: float | None = None) -> memoryview:
        """The first chunk, or as much of it as asked for; empty when the peer has ended.

        Raises:
            PipeTimeout: nothing came for so many seconds.
        """
        with self._ready:
            if not self._chunks and not self._closed:
                self._await(timeout)
            if not self._chunks:
                return memoryview(b"")
            chunk = self._chunks[0]
            if len(chunk) <= most:
                self._chunks.popleft()
            else:
                chunk, self._chunks[0] = chunk[:most], chunk[most:]
            self._count -= len(chunk)
            if self._event is not None and not self._chunks and not self._closed:
                self._event.clear()
            return chunk

    def take_all(self, timeout: float | None = None) -> list[memoryview]:
        """Every chunk that lies here, in order; none when the peer has ended.

        Raises:
            PipeTimeout: nothing came for so many seconds.
        """
        with self._ready:
            if not self._chunks and not self._closed:
                self._await(timeout)
            chunks = list(self._chunks)
            self._forget()
            return chunks

    def read(self, nbytes: int, timeout: float | None = None) -> bytes:
        """See `take`; as bytes."""
        return bytes(self.take(nbytes, timeout))

    def empty(self) -> bytes:
        """All of it."""
        with self._ready:
            whole = b"".join(self._chunks)
            self._forget()
            return whole

    def close(self) -> None:
        """Nothing more will come."""
        with self._ready:
            self._closed = True
            self._ready.notify_all()
            if self._event is not None:
                self._event.set()

    def _forget(self) -> None:
        self._chunks.clear()
        self._count = 0
        if self._event is not None and not self._closed:
            self._event.clear()

    def _await(self, timeout: float | None) -> None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._chunks and not self._closed:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                raise PipeTimeout
            self._ready.wait(left)
