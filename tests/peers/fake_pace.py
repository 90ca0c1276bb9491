"""A time for limiters that passes by being waited for."""

from __future__ import annotations

import threading
from datetime import datetime

_LOOK = 0.1
"""Seconds from which on a wait is that of one who is not the next."""


class FakePace:
    """Moves on when the one whose turn is next waits; who waits behind it only lets others run."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    def moment(self) -> datetime:
        return datetime(2026, 11, 25, 12, 0)  # noqa: DTZ001 - local, as the limiter's

    def wait(self, condition: threading.Condition, seconds: float) -> None:
        if seconds < _LOOK:
            self.seconds += max(seconds, 1e-6)
        else:
            condition.wait(0.001)
