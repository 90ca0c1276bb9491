"""What a quick reader says of the times of whole lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from app.logs.kinds import MessageKind


class ScannedPart(NamedTuple):
    """What was written in one stretch of time.

    Attributes:
        number: of the stretch: moments (UTC) divided by its width.
        size: bytes of its lines, with those without a stamp behind them; before the first stamp of the block
            they count for that one.
        records: stamped lines.
        kinds: how many of them are of which kind.
    """

    number: int
    size: int
    records: int
    kinds: Counter[MessageKind]


class ScannedBlock(NamedTuple):
    """Some whole lines; local times in microseconds since 1970.

    Attributes:
        place: where the first stamped line begins.
        least, most, first: of all stamps, and of that line.
        pause: the longest step forward from one stamp to the next.
        records: stamped lines.
        parts: in no order.
    """

    place: int
    least: int
    most: int
    first: int
    pause: int
    records: int
    parts: tuple[ScannedPart, ...]


BlockScan = Callable[[bytes, int, int], ScannedBlock | None]
"""Reads a block, given the local time at which the day of its clocks begins, and the offset from UTC.

None when no line is stamped, or a line has a stamp that must be looked at singly.
"""

CHECK_POINT = 1 << 24

ClockScan = Callable[[bytes, int, int], int]
"""Reads whole lines, from the line feed before the first of them to behind the last one.

A bit for each hour that a clock with milliseconds at the head of a line has, the lowest for midnight; and
`CHECK_POINT` where there are such clocks, and these words somewhere.
"""
