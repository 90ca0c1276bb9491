"""Sets of bytes of a file: what is there, what is missing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ByteRange:
    """Bytes of a file.

    Attributes:
        start: the first one.
        end: the first one behind them; not before `start`.
    """

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many."""
        return self.end - self.start


class RangeSet:
    """Ranges that neither overlap nor touch, in order. Cheap while they are few. Not thread-safe."""

    def __init__(self, ranges: Iterable[ByteRange] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._total = 0
        for each in ranges:
            self.add(each.start, each.end)

    def __iter__(self) -> Iterator[ByteRange]:
        return map(ByteRange, self._starts, self._ends)

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def total(self) -> int:
        """Bytes in the set."""
        return self._total

    def add(self, start: int, end: int) -> None:
        """Have these bytes in the set, too."""
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start = min(start, self._starts[first])
            end = max(end, self._ends[last - 1])
        self._total += end - start - sum(self._ends[n] - self._starts[n] for n in range(first, last))
        self._starts[first:last] = [start]
        self._ends[first:last] = [end]

    def remove(self, start: int, end: int) -> None:
        """Have none of these bytes in the set."""
        first = bisect_right(self._ends, start)
        last = bisect_left(self._starts, end)
        if start >= end or first >= last:
            return
        kept = [(self._starts[first], start), (end, self._ends[last - 1])]
        kept = [(low, high) for low, high in kept if low < high]
        self._total -= sum(self._ends[n] - self._starts[n] for n in range(first, last))
        self._total += sum(high - low for low, high in kept)
        self._starts[first:last] = [low for low, _high in kept]
        self._ends[first:last] = [high for _low, high in kept]

    def covers(self, start: int, end: int) -> bool:
        """Whether all of these bytes are in the set."""
        number = bisect_right(self._starts, start) - 1
        return start >= end or (number >= 0 and self._ends[number] >= end)

    def end_of(self, start: int) -> int:
        """The first byte at or behind `start` that is not in the set."""
        number = bisect_right(self._starts, start) - 1
        return max(start, self._ends[number]) if number >= 0 else start

    def next_start(self, place: int, *, limit: int) -> int:
        """Where the set goes on behind `place`, `limit` at most."""
        number = bisect_right(self._starts, place)
        return min(limit, self._starts[number]) if number < len(self._starts) else limit
