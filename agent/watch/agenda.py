"""When to look at what: at once after a hint, often at what is hot, at everything every so often. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

_SMALLEST_GAP = 0.02
_GAP_PER_LOOK = 10.0
"""After a look there is a rest of ten times the processor time that it took: at most 10 % of a core."""
_LONGEST_GAP = 2.0
_SHARE_OF_SCANNING = 0.02
_SMALLEST_FULL_GAP = 1.0
_GAP_PER_FULL = 5.0
_MOST_DIRTY = 4096
_LONGEST_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Tiers:
    """How often what is looked at, in seconds.

    Attributes:
        hot: files that were written a short while ago.
        directories: whether names came or went, by the directories' own times of change.
        full: every file.
        longest: what `full` may grow to where scanning is slow (network shares), so that it takes 2 % of the
            time at most; the same as `full` on local disks.
    """

    hot: float
    directories: float
    full: float
    longest: float

    @classmethod
    def of(cls, *, full: float, share: bool) -> Tiers:
        """The tiers for this period of the full scan."""
        longest = max(full, 600.0) if share else full
        return cls(hot=min(1.0, full), directories=min(10.0, full), full=full, longest=longest)

    def next_full(self, took: float) -> float:
        """Seconds from the start of a full scan that took so long to the start of the next one."""
        return min(max(self.full, took / _SHARE_OF_SCANNING), self.longest)


class LookKind(StrEnum):
    """What a look is about."""

    FULL = "full"
    SOME = "some"
    DIRECTORIES = "directories"
    HOT = "hot"


@dataclass(frozen=True, slots=True)
class Look:
    """What to look at now.

    Attributes:
        directories: relative paths, for `LookKind.SOME`.
        forced: those of them that are handed on even without a change.
    """

    kind: LookKind
    directories: frozenset[str] = frozenset()
    forced: frozenset[str] = frozenset()


@dataclass(slots=True)
class Agenda:
    """The looks at one folder that are due. All times are monotonic seconds."""

    tiers: Tiers
    _full: float = 0.0
    _directories: float = 0.0
    _hot: float = 0.0
    _earliest: float = 0.0
    _earliest_full: float = 0.0
    _everything: bool = False
    _dirty: set[str] = field(default_factory=set)
    _again: dict[str, float] = field(default_factory=dict)

    @property
    def dirty(self) -> int:
        """How many directories wait for a look because of hints; bounded."""
        return len(self._dirty)

    def hint(self, directory: str) -> bool:
        """Something happened in this directory; whether that is news."""
        if self._everything or directory in self._dirty:
            return False
        self._dirty.add(directory)
        if len(self._dirty) > _MOST_DIRTY:
            self._dirty.clear()
            self.everything()
        return True

    def everything(self) -> None:
        """Anything may have happened (an overflow, a clock step, a wake from sleep): a full scan is due."""
        self._everything = True

    def again(self, directories: Iterable[str], *, at: float) -> None:
        """Hand these on at that time, changed or not."""
        for directory in directories:
            self._again[directory] = min(at, self._again.get(directory, at))

    def take(self, now: float) -> Look | float:
        """The look that is due, or the seconds until one may be; a hint may bring it forward."""
        full = min(self._full, self._earliest_full) if self._everything else self._full
        if now >= full:
            forced = self._forced(now)
            self._dirty.clear()
            self._everything = False
            return Look(LookKind.FULL, forced=forced)
        some = min(self._again.values(), default=full)
        if self._dirty:
            some = 0.0
        some = max(some, self._earliest)
        if now >= some:
            forced = self._forced(now)
            directories = frozenset(self._dirty)
            self._dirty.clear()
            return Look(LookKind.SOME, directories=directories | forced, forced=forced)
        if now >= self._directories:
            return Look(LookKind.DIRECTORIES)
        if now >= self._hot:
            return Look(LookKind.HOT)
        return min(full, some, self._directories, self._hot, now + _LONGEST_WAIT) - now

    def done(
        self, look: Look, *, began: float, ended: float, cost: float | None = None, readable: bool = True
    ) -> None:
        """A look ended.

        Args:
            look: which.
            began: when it began.
            ended: when it ended.
            cost: seconds of the processor that it took; the time when None.
            readable: whether the folder itself could be listed.
        """
        took = ended - began
        if look.kind is LookKind.FULL:
            self._full = max(
                began + self.tiers.next_full(took), ended + min(_SMALLEST_FULL_GAP, self.tiers.full)
            )
            self._earliest_full = ended + max(min(_SMALLEST_FULL_GAP, self.tiers.full), took * _GAP_PER_FULL)
            self._directories = ended + self.tiers.directories
            self._earliest = ended + _SMALLEST_GAP
        elif look.kind is LookKind.SOME:
            rest = max(_SMALLEST_GAP, took, (took if cost is None else cost) * _GAP_PER_LOOK)
            self._earliest = ended + min(rest, _LONGEST_GAP)
        elif look.kind is LookKind.DIRECTORIES:
            self._directories = ended + max(self.tiers.directories, took / _SHARE_OF_SCANNING)
        else:
            self._hot = ended + max(self.tiers.hot, took / _SHARE_OF_SCANNING)
        if not readable:
            self._full = min(self._full, ended + max(self.tiers.directories, took))

    def _forced(self, now: float) -> frozenset[str]:
        forced = frozenset(directory for directory, at in self._again.items() if at <= now)
        for directory in forced:
            del self._again[directory]
        return forced
