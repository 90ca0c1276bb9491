"""A time for limiters that passes by being waited for."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

_LOOK = 0.1
"""Seconds from which on a wait is that of one who is not the next."""


class FakePace:
    """Moves on when the one whose turn is next waits; who waits behind it only lets others run.

    `alone`: one thread waits at a time, and every wait of its passes, also where nothing may move.
    """

    def __init__(
        self,
        *,
        start: datetime = datetime(2026, 11, 25, 12, 0),  # noqa: DTZ001 - local, as the limiter's
        alone: bool = False,
    ) -> None:
        """`start`: the local time when it begins, a Wednesday noon."""
        self._alone = alone
        self.seconds = self._began = 1000.0
        self._start = start

    def now(self) -> float:
        return self.seconds

    def moment(self) -> datetime:
        return self._start + timedelta(seconds=self.seconds - self._began)

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        if seconds < _LOOK or self._alone:
            self.seconds += max(seconds, 1e-6)
        else:
            condition.wait(0.001)
