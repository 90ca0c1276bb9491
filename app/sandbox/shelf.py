"""Memory that is used again: fresh memory is slower than memory that was written before."""

from __future__ import annotations

import threading

from app.storage import page_block


class Shelf:
    """Blocks that nobody has now, by their sizes. For several threads.

    Args:
        most: bytes of each size that are kept.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: dict[int, list[memoryview]] = {}

    def take(self, size: int) -> memoryview:
        """A block of so many bytes, with any content."""
        with self._lock:
            kept = self._kept.get(size)
            return kept.pop() if kept else page_block(size)

    def put(self, block: memoryview) -> None:
        """Nobody has this block any more; one too many is let go."""
        with self._lock:
            kept = self._kept.setdefault(len(block), [])
            if (len(kept) + 1) * len(block) <= self._most:
                kept.append(block)
