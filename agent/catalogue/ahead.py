"""Reading ahead in a plain file up to a word: as quick as the system hands the file over.

Blocks in which the word is not are read and left behind by the compiled library, while other threads run.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from functools import cache
from io import FileIO

from agent.catalogue.needles import Block, WordNeedle
from app.masking.native import CoreMissing, load_core

_ROOM = 256 << 10
"""Bytes that are read at once: what a processor's own cache holds."""

Ahead = Callable[[int, int, int, bytes, int, int], int]
"""Descriptor, where to begin and end, the word, address and size of a room that begins at a cache line.

It answers where the word first stands whole in the file, or the end when it does not. Raises OSError.
"""


@cache
def open_ahead() -> Ahead | None:
    """What reads ahead on this machine; None where blocks have to be read one by one."""
    if not hasattr(os, "pread"):
        return None
    try:
        core = load_core()
        read, wide = core["cf_ahead"], core.cf_seek_wide()
    except (CoreMissing, AttributeError):
        return None
    read.restype = ctypes.c_int64
    read.argtypes = (
        *(ctypes.c_int, ctypes.c_uint64, ctypes.c_uint64),
        *(ctypes.c_char_p, ctypes.c_uint64, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int),
    )

    def ahead(file: int, start: int, end: int, word: bytes, room: int, size: int) -> int:
        found = int(read(file, start, end, word, len(word), room, size, wide))
        if found < 0:
            raise OSError("a log cannot be read")
        return found

    return ahead


def places_ahead(
    file: FileIO, needle: WordNeedle, block: Block, *, start: int, end: int, ahead: Ahead
) -> Iterator[list[int]]:
    """Places of a word in [start, end) of a plain file, those of one block at a time; some may be told twice.

    What stands before `start` is looked at, as it may be of the same word; what is behind `end` is not.

    Raises:
        OSError: the file cannot be read.
    """
    first, begin = block.aligned(0), block.aligned(needle.overlap)
    room = min(_ROOM, len(block.data) - first)
    at = start
    while (found := ahead(file.fileno(), at, end, needle.word, block.address + first, room)) < end:
        # With what stands before it, and in step with the letters of a wide encoding.
        block_start = found - 2 - (found - start) % 2
        if block_start < 0:
            block_start = start
        wanted = min(block.size, end - block_start)
        file.seek(block_start)
        count = file.readinto(block.view[begin : begin + wanted])
        size, more = begin + count, count == wanted and block_start + count < end
        base = block_start - begin
        block.data[begin - 2 : begin] = b"\0\0"
        yield [
            base + place
            for place, until in needle.places(block, size, start=found - base)
            if not more or until + 2 <= size  # else what is behind it decides, which is in the next block
        ]
        at = max(found + 1, block_start + count - needle.overlap) if more else block_start + count
