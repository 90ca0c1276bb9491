"""Memory for parts, used again: fresh memory costs as much as reading into it."""

from __future__ import annotations

import sys
import threading

_KEPT = 48 * 1024 * 1024
_REFERENCES = 3
"""Of a buffer that nobody has a view of: the list of all, the loop over it, and the counting itself."""


class Rooms:
    """Buffers that are lent as views. Usable from several threads.

    A buffer is free again once the last view of it is gone; nobody gives one back. What is free is kept as
    long as all buffers together have at most `kept` bytes.
    """

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._all: list[bytearray] = []

    def take(self, length: int) -> memoryview:
        """A view of `length` bytes; what is in them is left over from others."""
        with self._lock:
            free = self._free()
            fitting = [one for one in free if length <= len(one) <= 2 * length]
            if fitting:
                return memoryview(min(fitting, key=len))[:length]
            while free and self._held() + length > self._kept:
                oldest = free.pop(0)
                self._all = [one for one in self._all if one is not oldest]
            room = bytearray(length)
            if self._held() + length <= self._kept:
                self._all.append(room)
            return memoryview(room)

    def _held(self) -> int:
        return sum(map(len, self._all))

    def _free(self) -> list[bytearray]:
        return [one for one in self._all if sys.getrefcount(one) == _REFERENCES]
