"""One connection that writes parts of the unfinished file at their places."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.transfer.destination import Beat
from app.transfer.parts import Part
from app.transfer.session import Session
from app.transfer.sftp_failures import guarded

DURABLE_EVERY = 64 * 1024 * 1024
"""Bytes that one connection writes before it asks the server to have them on its disk."""


class SftpLane:
    """`Lane`: a session, and a handle of the unfinished file.

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

    def put(self, part: Part, data: memoryview, *, beat: Beat) -> int:
        """`Lane.put`: writes under way side by side; returns once each has its status."""
        with self._lock:
            if self._closed or not self._usable:
                raise RuntimeError("put on a lane that is closed")
            # Until every answer is in, nobody else can use the session.
            self._usable = False
        with guarded(self._peer, alive=lambda: self._session.alive, writing=True):
            told = 0
            for sent in self._session.client.write(self._handle, part.offset, data):
                beat.moved(sent - told)
                told = sent
            self._volatile += len(data)
            if self._volatile >= DURABLE_EVERY:
                self._session.sync(self._handle, rest=beat.rest)
                self._volatile = 0
        with self._lock:
            self._usable = not self._closed
        self._acknowledged(part, data)
        return part.end

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
