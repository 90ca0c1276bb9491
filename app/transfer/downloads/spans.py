"""What of a file is missing, and how several connections share it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from app.transfer.downloads.ledger import Proven
from app.transfer.ranges import ByteRange, RangeSet


def gaps_of(proven: Proven, *, size: int) -> list[ByteRange]:
    """What is missing of so many bytes, in order."""
    there = RangeSet([ByteRange(0, proven.position)])
    for island in proven.islands:
        there.add(island.start, island.end)
    gaps, at = [], 0
    while (at := there.end_of(at)) < size:
        end = there.next_start(at, limit=size)
        gaps.append(ByteRange(at, end))
        at = end
    return gaps


def spread(gaps: Sequence[ByteRange], *, streams: int) -> list[ByteRange]:
    """The gaps, the longest halved until there is one for each stream."""
    spans = list(gaps)
    while spans and len(spans) < streams:
        longest = max(spans, key=lambda each: each.length)
        middle = (longest.start + longest.end) // 2
        place = spans.index(longest)
        spans[place : place + 1] = [ByteRange(longest.start, middle), ByteRange(middle, longest.end)]
    return spans
