"""Whether time went on as it does: after sleep or a step of the clock nothing is taken for granted."""

from __future__ import annotations

from dataclasses import dataclass

_STEP = 5.0
"""Seconds by which the two clocks may drift apart between two looks."""


@dataclass(slots=True)
class ClockWatch:
    """Compares the wall clock with the monotonic one.

    The machine's sleep is a step as well: the monotonic clock of Linux and macOS stands still meanwhile.
    """

    _apart: float | None = None

    def stepped(self, *, monotonic: float, wall: float) -> bool:
        """Whether one of them has jumped since the last call. Seconds; the first call is never a step."""
        apart = wall - monotonic
        before, self._apart = self._apart, apart
        return before is not None and abs(apart - before) > _STEP
