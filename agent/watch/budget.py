"""Processor time that may be spent: a share of a core in the long run, saved up meanwhile. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Budget:
    """How much is left. All are seconds of the processor, all times monotonic seconds.

    Attributes:
        share: of a core: what is earned in a second.
        saved: what is kept of what was not spent, at most; also what there is at the start.
        owed: what may be owed, at most: more is forgiven, so that nothing waits for longer than it takes to
            earn this.
    """

    share: float
    saved: float
    owed: float
    _spent: float = 0.0
    _at: float = 0.0

    def spend(self, cost: float, *, now: float) -> None:
        """So much was spent; never asked about first, as nobody knows before what a look costs."""
        self._spent = min(self._spent_at(now) + max(0.0, cost), self.saved + self.owed)
        self._at = now

    def ready(self, *, owing: float = 0.0) -> float:
        """When no more than this is owed: a time, which may have passed long ago.

        Args:
            owing: what may still be owed then.
        """
        return self._at + (self._spent - self.saved - owing) / self.share

    def _spent_at(self, now: float) -> float:
        return max(0.0, self._spent - max(0.0, now - self._at) * self.share)
