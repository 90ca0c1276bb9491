"""Blocks of a body from the thread that receives and decrypts to the one that hashes and writes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from app.sandbox.uploads.direct import page_block

BLOCK = 1 << 20
"""Bytes handed over at once: each hand-over, and each wait for the interpreter beside it, costs."""

_BLOCKS = 3
_kept = threading.local()
"""The blocks of a receiving thread: fresh memory is slower than memory that was written before."""


class Relay:
    """At most three blocks are on their way. Made, filled and ended by one thread; `run` is for another.

    Args:
        store: takes a block; what it raises ends the relay.
    """

    def __init__(self, store: Callable[[memoryview], None]) -> None:
        self._store = store
        self._full: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        for block in _blocks():
            self._free.put(block)

    def block(self) -> memoryview | None:
        """An empty one, to be filled and handed over; None when nothing is stored any more."""
        return self._free.get()

    def hand_over(self, block: memoryview, filled: int) -> None:
        """The first `filled` bytes of the block come next."""
        self._full.put(block[:filled])

    def end(self) -> None:
        """Nothing more comes: `run` returns once everything that was handed over is stored."""
        self._full.put(None)

    def run(self) -> None:
        """Store block by block.

        Raises:
            Exception: of `store`; `block` answers None from then on.
        """
        try:
            while (view := self._full.get()) is not None:
                self._store(view)
                self._free.put(memoryview(view.obj))
        except BaseException:
            self._free.put(None)
            raise


def _blocks() -> list[memoryview]:
    blocks: list[memoryview] | None = getattr(_kept, "blocks", None)
    if blocks is None:
        blocks = _kept.blocks = [page_block(BLOCK) for _number in range(_BLOCKS)]
    return blocks
