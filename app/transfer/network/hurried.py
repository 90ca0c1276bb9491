"""What a proxy answers, within a time: the time-out of a socket begins anew with every byte of it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable


class Hurried:
    """A socket whose peer has so many seconds for everything that is said through this.

    Attributes:
        plain: the socket, which has less of its time-out left afterwards.
    """

    def __init__(
        self, plain: socket.socket, *, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """The time begins now."""
        self.plain = plain
        self._monotonic = monotonic
        self._until = monotonic() + seconds

    def sendall(self, data: bytes) -> None:
        """As of the socket; raises `OSError`, `TimeoutError` when the time is over."""
        self._hurry()
        self.plain.sendall(data)

    def recv(self, most: int) -> bytes:
        """As of the socket; raises `OSError`, `TimeoutError` when the time is over."""
        self._hurry()
        return self.plain.recv(most)

    def close(self) -> None:
        """As of the socket."""
        self.plain.close()

    def _hurry(self) -> None:
        left = self._until - self._monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.plain.settimeout(left)
