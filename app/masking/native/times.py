"""Times of lines, read by the core: ten times as fast as by expressions, while others have the lock."""

from __future__ import annotations

import ctypes
from collections import Counter

from app.logs import BlockScan, ClockScan, MessageKind, ScannedBlock, ScannedPart
from app.masking.native.library import CoreMissing, CTimes, load_core

_KINDS = tuple(MessageKind)


def block_scan(width: int) -> BlockScan | None:
    """What reads the times of a block for `app.logs.Timeline`; None where there is no core.

    Args:
        width: of the stretches of time that are counted apart, microseconds; a block of half an hour must not
            touch more than eight of them.
    """
    try:
        core = load_core()
    except CoreMissing:
        return None

    def scan(block: bytes, day: int, offset: int) -> ScannedBlock | None:
        told = CTimes()
        if core.cf_times(block, len(block), day, -offset, width, ctypes.byref(told)) <= 0:
            return None
        parts = [
            ScannedPart(part.number, part.size, part.records, _counted(part.kinds))
            for part in told.parts[: told.count]
        ]
        return ScannedBlock(
            told.place, told.least, told.most, told.first, told.pause, told.records, tuple(parts)
        )

    return scan


def clock_scan() -> ClockScan | None:
    """What reads the clocks of whole lines for `app.logs.describe`; None where there is no core."""
    try:
        core = load_core()
    except CoreMissing:
        return None

    def scan(data: bytes, start: int, end: int) -> int:
        # The bytes stay where they are for as long as `data` is held, here.
        at = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p).value or 0
        told: int = core.cf_clocks(at + start, end - start)
        return told

    return scan


def _counted(kinds: ctypes.Array[ctypes.c_uint32]) -> Counter[MessageKind]:
    return Counter({kind: count for kind, count in zip(_KINDS, kinds, strict=True) if count})
