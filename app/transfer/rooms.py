"""Memory for parts, used again: fresh memory costs as much as reading into it."""

from __future__ import annotations

import threading

_KEPT = 48 * 1024 * 1024


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
            fitting = [one for one in free if length <= len(one) <= length + length // 8]
            if fitting:
                chosen = min(fitting, key=len)
                self._let_go([one for one in free if one is not chosen], more=0)
                return memoryview(chosen)[:length]
            self._let_go(free, more=length)
            room = bytearray(max(1, length))
            if self._held() + length <= self._kept:
                self._all.append(room)
            return memoryview(room)[:length]

    def keep(self, kept: int) -> None:
        """Keep at most so many bytes from now on; what is free beyond is let go of at once."""
        with self._lock:
            if kept < self._kept:
                self._kept = kept
                self._let_go(self._free(), more=0)
            self._kept = kept

    def _let_go(self, free: list[bytearray], *, more: int) -> None:
        while free and self._held() + more > self._kept:
            oldest = free.pop(0)
            self._all = [one for one in self._all if one is not oldest]

    def _held(self) -> int:
        return sum(map(len, self._all))

    def _free(self) -> list[bytearray]:
        return [one for one in self._all if not _is_lent(one)]


def _is_lent(room: bytearray) -> bool:
    """Whether somebody has a view of it: Python changes no length as long as there is one."""
    try:
        room.append(room.pop())
    except BufferError:
        return True
    return False
