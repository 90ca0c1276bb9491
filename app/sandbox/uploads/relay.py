"""Blocks of a body from the thread that receives and decrypts to those that write, check and hash."""

from __future__ import annotations

import queue
import threading
from collections import deque
from collections.abc import Callable

from app.sandbox.uploads.direct import page_block

BLOCK = 1 << 20
"""Bytes handed over at once: each hand-over, and each wait for the interpreter beside it, costs."""

_BLOCKS = 4
_KEPT = 16
_kept: deque[memoryview] = deque(maxlen=_KEPT)
"""Blocks that no body uses now: fresh memory is slower than memory that was written before."""


class _Shared:
    """A block on its way to several takers."""

    __slots__ = ("block", "left", "view")

    def __init__(self, block: memoryview, filled: int, takers: int) -> None:
        self.block = block
        self.view = block[:filled]
        self.left = takers


class Relay:
    """At most four blocks are on their way. Made, filled and ended by one thread; each `run` is for another.

    Each taker gets every block in order, at its own pace; a block is free once all of them are done with it.

    Args:
        takers: what they raise ends the relay.
    """

    def __init__(self, *takers: Callable[[memoryview], None]) -> None:
        self._takers = takers
        self._full: list[queue.SimpleQueue[_Shared | None]] = [queue.SimpleQueue() for _taker in takers]
        self._free: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._made = 0

    @property
    def takers(self) -> int:
        """How many."""
        return len(self._takers)

    def block(self) -> memoryview | None:
        """An empty one, to be filled and handed over; None when nothing is taken any more."""
        if self._made < _BLOCKS and self._free.empty():
            self._made += 1
            return _fresh()
        return self._free.get()

    def hand_over(self, block: memoryview, filled: int) -> None:
        """The first `filled` bytes of the block come next."""
        shared = _Shared(block, filled, len(self._takers))
        for full in self._full:
            full.put(shared)

    def end(self) -> None:
        """Nothing more comes: each `run` returns once it has taken everything that was handed over."""
        for full in self._full:
            full.put(None)

    def run(self, number: int) -> None:
        """Let the taker of this number have block by block.

        Raises:
            Exception: of the taker; `block` answers None from then on.
        """
        take, full = self._takers[number], self._full[number]
        try:
            while (shared := full.get()) is not None:
                take(shared.view)
                with self._lock:
                    shared.left -= 1
                    done = not shared.left
                if done:
                    self._free.put(shared.block)
        except BaseException:
            self._free.put(None)
            raise

    def close(self) -> None:
        """Once every `run` has returned: the blocks are for other bodies."""
        while not self._free.empty():
            block = self._free.get()
            if block is not None:
                _kept.append(block)


def _fresh() -> memoryview:
    try:
        return _kept.pop()
    except IndexError:
        return page_block(BLOCK)
