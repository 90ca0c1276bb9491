"""Looking for a word in memory with the core: as quick as memory is read; other threads run meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from app.masking.native.library import CoreMissing, load_core

Seek = Callable[[int, int, int, bytes], int]
"""Address of a text, where to begin and end in it, the word: where in the text it first stands, or -1."""


def core_seek() -> Seek | None:
    """The core's search; None where the core cannot be used. The caller keeps the memory where it is."""
    try:
        core = load_core()
    except CoreMissing:
        return None
    search, wide = core.cf_seek, core.cf_seek_wide()

    def seek(address: int, start: int, end: int, word: bytes) -> int:
        return int(search(address, start, end, word, len(word), wide))

    return seek
