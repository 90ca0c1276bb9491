"""When to look at what: at once after a hint, often at what is hot, at everything every so often. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from agent.watch.budget import Budget

_SMALLEST_GAP = 0.02
"""Seconds in which hints are gathered, so that a file that is written to all the time costs one look."""
_LONGEST_GAP = 2.0
_SHARE_OF_LOOKING = 0.1
"""Of a core: what looks after hints may take in the long run."""
_SAVED = 0.1
"""Seconds of the processor that quiet saves up: so much is looked at without any rest."""
_KEPT_FOR_QUIET = 0.1
"""Seconds of the processor that are owed by busy directories while a quiet one is still looked at at once."""
_MOST_QUIET = 64
"""Quiet directories that are let before busy ones; more of them at once are a storm of their own."""
_BUSY_FOR = 5.0
"""Seconds after a look for which a directory is no quiet one."""
_SHARE_OF_SCANNING = 0.02
_LONGEST_ON_SHARES = 600.0
_LONGEST_OF_ALL = 86_400.0
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
        longest: what `full` may grow to after one slow scan where scanning is slow (network shares), so that
            it takes 2 % of the time at most; the same as `full` on local disks.
        share: whether the folder lies on a network share. Where two scans in a row are slow, `full` grows
            beyond `longest` there, to a day at most.
    """

    hot: float
    directories: float
    full: float
    longest: float
    share: bool = False

    @classmethod
    def of(cls, *, full: float, share: bool) -> Tiers:
        """The tiers for this period of the full scan."""
        longest = max(full, _LONGEST_ON_SHARES) if share else full
        hot, directories = min(1.0, full), min(10.0, full)
        return cls(hot=hot, directories=directories, full=full, longest=longest, share=share)

    def next_full(self, took: float, *, before: float = 0.0) -> float:
        """Seconds from the start of a full scan that took so long to the start of the next one.

        Args:
            took: seconds of the last one.
            before: seconds of the one before it. One scan alone may be slow because the share did not answer
                for a while, so the shorter of the two decides how far beyond `longest` the next one is.
        """
        wanted = max(self.full, took / _SHARE_OF_SCANNING)
        if not self.share:
            return min(wanted, self.longest)
        usual = min(took, before) / _SHARE_OF_SCANNING
        return min(wanted, max(self.longest, usual), max(self.longest, _LONGEST_OF_ALL))


def late_text(name: str, period: float) -> str:
    """That a folder is scanned only once in so many seconds, for people."""
    return (
        f"A full scan of {name} is slow, so there is one every {period / 60:.0f} minutes:"
        " a write to a file that was quiet before is seen that late."
    )


def slow_share(name: str, took: float) -> str:
    """What is late in a share whose full scans take so many seconds, for people; empty when nothing is."""
    tiers = Tiers.of(full=_LONGEST_ON_SHARES, share=True)
    period = tiers.next_full(took, before=took)
    return late_text(name, period) if period > tiers.longest else ""


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
    """The looks at one folder that are due. All times are monotonic seconds.

    A hint is followed at once as long as looks cost little. In a storm of hints the directories of the storm
    wait for the processor time that they have used up; a quiet one is let before them.
    """

    tiers: Tiers
    _full: float = 0.0
    _directories: float = 0.0
    _hot: float = 0.0
    _earliest: float = 0.0
    _earliest_full: float = 0.0
    _took: float = 0.0
    _period: float = 0.0
    _everything: bool = False
    _dirty: set[str] = field(default_factory=set)
    _quiet: set[str] = field(default_factory=set)
    _looked: dict[str, float] = field(default_factory=dict)
    _budget: Budget = field(
        default_factory=lambda: Budget(_SHARE_OF_LOOKING, saved=_SAVED, owed=_SHARE_OF_LOOKING * _LONGEST_GAP)
    )
    _again: dict[str, float] = field(default_factory=dict)

    @property
    def dirty(self) -> int:
        """How many directories wait for a look because of hints; bounded."""
        return len(self._dirty)

    @property
    def late(self) -> float | None:
        """Seconds between two full scans when they are slow and therefore rarer than every ten minutes."""
        return self._period if self._period > self.tiers.longest else None

    def hint(self, directory: str) -> bool:
        """Something happened in this directory; whether that is news."""
        if self._everything or directory in self._dirty:
            return False
        self._dirty.add(directory)
        if directory not in self._looked:
            self._quiet.add(directory)
        if len(self._dirty) > _MOST_DIRTY:
            self._clear()
            self.everything()
        return True

    def paced(self, tiers: Tiers) -> None:
        """These periods from now on: another file system may be in the folder's place."""
        self.tiers = tiers

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
            self._clear()
            self._everything = False
            return Look(LookKind.FULL, forced=forced)
        some = min(self._again.values(), default=full)
        if self._dirty:
            some = 0.0
        some = max(some, self._earliest, self._budget.ready())
        if now >= some:
            forced = self._forced(now)
            directories = frozenset(self._dirty)
            self._clear()
            return Look(LookKind.SOME, directories=directories | forced, forced=forced)
        if 0 < len(self._quiet) <= _MOST_QUIET:
            some = min(some, max(self._earliest, self._budget.ready(owing=_KEPT_FOR_QUIET)))
            if now >= some:
                directories = frozenset(self._quiet)
                self._dirty -= directories
                self._quiet.clear()
                return Look(LookKind.SOME, directories=directories)
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
            self._period = self.tiers.next_full(took, before=self._took)
            self._took = took
            self._full = max(began + self._period, ended + min(_SMALLEST_FULL_GAP, self.tiers.full))
            self._earliest_full = ended + max(min(_SMALLEST_FULL_GAP, self.tiers.full), took * _GAP_PER_FULL)
            self._directories = ended + self.tiers.directories
            self._earliest = ended + _SMALLEST_GAP
        elif look.kind is LookKind.SOME:
            self._budget.spend(took if cost is None else cost, now=ended)
            self._earliest = ended + min(max(_SMALLEST_GAP, took), _LONGEST_GAP)
            self._note(look.directories, ended)
        elif look.kind is LookKind.DIRECTORIES:
            self._directories = ended + max(self.tiers.directories, took / _SHARE_OF_SCANNING)
        else:
            self._hot = ended + max(self.tiers.hot, took / _SHARE_OF_SCANNING)
        if not readable:
            self._full = min(self._full, ended + max(self.tiers.directories, took))

    def _clear(self) -> None:
        self._dirty.clear()
        self._quiet.clear()

    def _note(self, directories: frozenset[str], now: float) -> None:
        """These were looked at; forget those that were so long ago. Oldest first, so that few are asked."""
        self._quiet -= directories
        for directory in directories:
            self._looked.pop(directory, None)
            self._looked[directory] = now
        since = now - _BUSY_FOR
        old = list(itertools.takewhile(lambda directory: self._looked[directory] < since, self._looked))
        for directory in old:
            del self._looked[directory]

    def _forced(self, now: float) -> frozenset[str]:
        forced = frozenset(directory for directory, at in self._again.items() if at <= now)
        for directory in forced:
            del self._again[directory]
        return forced
