"""How long a person has been asked in vain: by a clock that nobody sets, as long as the agent runs.

The wall clock may be set, forward or back, while a person thinks; that makes the eight hours neither shorter
nor longer. So each step of it is added to the time until which its requests wait, for good: a start goes on
with that. Of a step that comes while the agent does not run nothing is known: then the wall clock counts.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from agent.requests.ledger import RequestLedger, RequestRow

_log = logging.getLogger(__name__)

ANSWER_WITHIN = timedelta(hours=8)
"""A person says yes in this time, or it is no."""
_STEP = 5.0
"""Seconds by which the two clocks may drift apart between two looks."""


def decide_until(row: RequestRow) -> datetime:
    """When no answer means no, by the wall clock as it goes now; at the request's own end at the latest."""
    return min(row.received + ANSWER_WITHIN + row.shifted, row.request.expires)


class WaitingTime:
    """Notices steps of the wall clock. Methods may be called from any thread."""

    def __init__(
        self, ledger: RequestLedger, *, wall: Callable[[], datetime], lasting: Callable[[], float]
    ) -> None:
        """What the clocks are apart from now on is no step.

        Args:
            ledger: of the requests that wait.
            wall: aware time.
            lasting: see `lasting_clock`.
        """
        self._ledger = ledger
        self._wall = wall
        self._lasting = lasting
        self._lock = threading.Lock()
        self._apart = self._now()

    def look(self) -> None:
        """Add a step since the last look to what requests wait.

        Raises:
            LocalError: it cannot be recorded; the next look does.
        """
        with self._lock:
            apart = self._now()
            step = apart - self._apart
            if abs(step) > _STEP and self._ledger.shift(timedelta(seconds=step)):
                _log.info("the clock was set by %+.0f s: log requests wait as long as before", step)
            self._apart = apart

    def _now(self) -> float:
        return self._wall().timestamp() - self._lasting()


def lasting_clock(system: str = sys.platform) -> Callable[[], float]:
    """Monotonic seconds that go on while the machine sleeps.

    Those of Python do so on Windows, and not on Linux and macOS, which have other clocks for it.
    """
    name = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}.get(system, "")
    number = getattr(time, name, None)
    return time.monotonic if number is None else lambda: time.clock_gettime(number)
