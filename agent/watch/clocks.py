"""Whether time went on as it does: after sleep or a step of the clock nothing is taken for granted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_STEP = 5.0
"""Seconds by which the two clocks may drift apart between two looks."""


@dataclass(slots=True)
class ClockWatch:
    """Compares the wall clock with the monotonic one.

    The machine's sleep is a step as well: the clock of `awake_clock` stands still meanwhile.
    """

    _apart: float | None = None

    def stepped(self, *, monotonic: float, wall: float) -> bool:
        """Whether one of them has jumped since the last call. Seconds; the first call is never a step.

        Args:
            monotonic: of a clock that stands still while the machine sleeps.
            wall: since 1970.
        """
        apart = wall - monotonic
        before, self._apart = self._apart, apart
        return before is not None and abs(apart - before) > _STEP


def awake_clock(system: str = sys.platform) -> Callable[[], float]:
    """Monotonic seconds that stand still while the machine sleeps.

    Those of Python do so on Linux and macOS; on Windows they go on, and the system's unbiased time does not.
    """
    return _unbiased if system == "win32" else time.monotonic


def _unbiased() -> float:
    import ctypes

    ticks = ctypes.c_ulonglong()
    kernel: Any = vars(ctypes)["WinDLL"]("kernel32")
    kernel.QueryUnbiasedInterruptTime(ctypes.byref(ticks))
    return ticks.value / 10_000_000
