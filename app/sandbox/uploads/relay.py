"""Blocks of a body from the thread that receives and decrypts to those that write, check and hash."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from app.sandbox.shelf import Shelf

LARGE = 4 << 20
"""Bytes handed over at once, as a rule: each hand-over, and each wait for the interpreter beside it, costs.
A quarter of it costs a twentieth more CPU."""

SMALL = 1 << 20
"""Bytes of the first block, which a slow client has for long, and of all where bodies have much together."""

_LEAST = 2
_MOST = 3
_AT_ONCE = 2
_EASY = 32 << 20
_KEPT_SMALL = 8 << 20


class _Blocks:
    """The blocks of all bodies: a small one and two large ones each, as long as they have 32 MiB together.

    Then each has what is left, two small ones at least.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelves = {LARGE: Shelf(most=_EASY), SMALL: Shelf(most=_KEPT_SMALL)}
        self._out = 0

    def take(self, *, had: int) -> memoryview | None:
        """One more for a body that has so many; None when it has to do with those."""
        with self._lock:
            size = LARGE if had and self._out + LARGE <= _EASY else SMALL
            if size == SMALL and had >= _LEAST:
                return None
            self._out += size
        return self._shelves[size].take(size)

    def give_back(self, blocks: list[memoryview], *, taken: int) -> None:
        """A body has ended that had taken so many bytes; some of its blocks may be lost."""
        with self._lock:
            self._out -= taken
        for block in blocks:
            self._shelves[len(block)].put(block)


_blocks = _Blocks()


class _Shared:
    """A block on its way to several takers."""

    __slots__ = ("block", "left", "view")

    def __init__(self, block: memoryview, filled: int, takers: int) -> None:
        self.block = block
        self.view = block[:filled]
        self.left = takers


class Relay:
    """Few blocks are on their way. Made, filled, ended and closed by one thread; each `run` is for another.

    Each taker gets every block in order, at its own pace; one that is behind gets several at once. A block is
    free once all of them are done with it.

    Args:
        takers: what they raise ends the relay.
    """

    def __init__(self, *takers: Callable[[list[memoryview]], None]) -> None:
        self._takers = takers
        self._full: list[queue.SimpleQueue[_Shared | None]] = [queue.SimpleQueue() for _taker in takers]
        self._free: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._made = 0
        self._bytes = 0

    @property
    def takers(self) -> int:
        """How many."""
        return len(self._takers)

    def block(self) -> memoryview | None:
        """An empty one, to be filled and handed over; None when nothing is taken any more."""
        if self._made < _MOST and self._free.empty():
            block = _blocks.take(had=self._made)
            if block is not None:
                self._made += 1
                self._bytes += len(block)
                return block
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
        take = self._takers[number]
        try:
            while coming := self._next(self._full[number]):
                take([shared.view for shared in coming])
                for shared in coming:
                    self._done(shared)
        except BaseException:
            self._free.put(None)
            raise

    def _next(self, full: queue.SimpleQueue[_Shared | None]) -> list[_Shared]:
        """What has come; empty at the end."""
        found: list[_Shared] = []
        shared = full.get()
        while shared is not None:
            found.append(shared)
            if len(found) == _AT_ONCE or full.empty():
                return found
            shared = full.get()
        if found:
            full.put(None)
        return found

    def _done(self, shared: _Shared) -> None:
        with self._lock:
            shared.left -= 1
            free = not shared.left
        if free:
            self._free.put(shared.block)

    def close(self) -> None:
        """Once every `run` has returned: the blocks are for other bodies."""
        found: list[memoryview] = []
        while not self._free.empty():
            block = self._free.get()
            if block is not None:
                found.append(block)
        _blocks.give_back(found, taken=self._bytes)
        self._made, self._bytes = _MOST, 0
