"""Whose end was read, and whose was not: what was deleted before it could be read is said, once.

Two things tell that something may be lost:

- a generation whose end was not read is found nowhere any more: neither under a rotated name, nor by an open
  handle;
- of everything that lay in a series at one look, nothing is there at the next, but others are: what came
  between them may have come and gone unseen. The end of the newest one is open again then.

It is believed when it has been so for a while: a copy is known again late.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from agent.watch.positions import End, OnEnd, Position, Positions, Series
from agent.watch.rotation import rotated_name

HOLD = 20.0
"""Seconds after which what is not found any more counts as deleted."""


class Ends:
    """Keeps book of the ends of one folder's generations. Used by one thread."""

    def __init__(self, positions: Positions, *, on_end: OnEnd) -> None:
        """Whatever is among the positions counts as seen at the look before the first one."""
        self._positions = positions
        self._on_end = on_end
        self._missed: dict[int, float] = {}
        self._broken: set[int] = set()
        lay: dict[Series, set[int]] = {}
        for position in positions:
            lay.setdefault(position.series, set()).add(position.generation)
        self._lay = {series: frozenset(generations) for series, generations in lay.items()}

    @property
    def open(self) -> bool:
        """Whether something may have to be said soon."""
        return bool(self._missed)

    def read_to_end(self, generation: int, *, gone: bool = False) -> None:
        """It lies under a rotated name, or (`gone`) in an open handle only, and was read to its end."""
        if gone and generation in self._broken:
            return  # its own end is not what is missing
        position = self._positions[generation]
        if position.offset and position.end is not End.READ:
            self._say(position, End.READ)

    def found(self, generation: int) -> None:
        """It lies in a file, or is forgotten."""
        self._missed.pop(generation, None)
        self._broken.discard(generation)

    def missed(self, position: Position, now: float) -> None:
        """Its file is not where it was."""
        if position.offset and position.end is End.OPEN:
            self._missed.setdefault(position.generation, now)

    def looked(self, matched: Iterable[int], now: float) -> None:
        """A look ended at which these lay in their files.

        Args:
            matched: generations.
            now: monotonic seconds.
        """
        there: dict[Series, set[int]] = {}
        for generation in matched:
            position = self._positions[generation]
            if position.offset:
                there.setdefault(position.series, set()).add(generation)
        for series, generations in there.items():
            before = self._lay.get(series, frozenset())
            self._lay[series] = frozenset(generations)
            if before.isdisjoint(generations):
                known = [self._positions[one] for one in before if one in self._positions]
                # one whose end is not known stands for those that came after it, too
                if known and all(one.end is End.READ for one in known):
                    newest = max(known, key=lambda one: one.generation)
                    self._say(newest, End.OPEN)
                    self._missed[newest.generation] = now
                    self._broken.add(newest.generation)

    def judge(self, now: float, *, pending: Callable[[Series], bool], held: Callable[[int], bool]) -> None:
        """Say what has been missed long enough.

        Args:
            now: monotonic seconds.
            pending: whether a file of this series waits to be judged: it may be the one.
            held: whether a generation is still read by an open handle.
        """
        for generation, since in list(self._missed.items()):
            position = self._positions[generation]
            if now - since < HOLD or held(generation) or pending(position.series):
                continue
            if position.end is End.OPEN:
                self._say(position, End.READ if self._left_behind(position) else End.LOST)
            del self._missed[generation]

    def _say(self, position: Position, end: End) -> None:
        said = replace(position, end=end)
        self._on_end(said)
        self._positions.put(said)

    def _left_behind(self, position: Position) -> bool:
        """Whether its name has a stamp, and a later one of its series was seen beside what was read of it."""
        stamp = rotated_name(position.path.rpartition("/")[2]).stamp
        return bool(stamp) and any(
            rotated_name(other.path.rpartition("/")[2]).stamp > stamp
            for other in self._positions.in_series(position.series)
        )
