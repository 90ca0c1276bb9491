"""One connection that writes parts of the unfinished file at their places."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.sftp_failures import guarded
from app.transfer.ssh.writing import Writing

DURABLE_EVERY = 64 * 1024 * 1024
"""Bytes that one connection writes before it asks the server to have them on its disk."""


class SftpLane:
    """`OverlappingLane`: a session, and a handle of the unfinished file.

    Args:
        peer: ``host:port``.
        session: signed in; nobody else uses it.
        handle: open for reading and writing.
        put_back: takes session and handle when the lane is closed and both are still usable.
        acknowledged: told of each part that the server has, with its bytes.
    """

    def __init__(
        self,
        peer: str,
        session: Session,
        handle: bytes,
        *,
        put_back: Callable[[Session, bytes], None],
        acknowledged: Callable[[Part, memoryview], None],
    ) -> None:
        self._peer = peer
        self._session = session
        self._handle = handle
        self._put_back = put_back
        self._acknowledged = acknowledged
        self._lock = threading.Lock()
        self._usable = True
        self._closed = False
        self._volatile = 0
        self._writing = Writing(session.client, handle)
        self._begun: deque[tuple[Part, memoryview]] = deque()

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """`Lane.put`: writes under way side by side; returns once each has its status."""
        self.begin(part, data, beat=beat)
        return self.end(beat=beat)

    def begin(self, part: Part, data: memoryview, *, beat: Beat) -> None:
        """`OverlappingLane.begin`."""
        with self._lock:
            if self._closed or not (self._usable or self._begun):
                raise RuntimeError("a part is begun on a lane that is closed")
            # Until every answer is in, nobody else can use the session.
            self._usable = False
        with self._guarded():
            if self._volatile >= DURABLE_EVERY:
                self._writing.drain()
                self._session.sync(self._handle, rest=beat.rest)
                self._volatile = 0
            self._begun.append((part, data))
            told = 0
            writing = self._writing.begin(part.offset, data, leaving=beat.leaving, most=lambda: beat.stride)
            for sent in writing:
                beat.moved(sent - told)
                told = sent
            self._volatile += len(data)

    def end(self, *, beat: Beat) -> int:
        """`OverlappingLane.end`."""
        del beat
        with self._guarded():
            self._writing.end()
        part, data = self._begun.popleft()
        if not self._begun:
            with self._lock:
                self._usable = not self._closed
        self._acknowledged(part, data)
        return part.end

    def expect_loss(self) -> None:
        """`LossyLane.expect_loss`."""
        self._session.expect_loss()

    def close(self) -> None:
        """`Lane.close`."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            usable = self._usable
        if usable:
            self._put_back(self._session, self._handle)
        else:
            self._session.close()

    def _guarded(self) -> AbstractContextManager[None]:
        return guarded(self._peer, alive=lambda: self._session.alive, writing=True)
