"""How fast a transfer goes, and when it will be done: from what was seen, never from one reading."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from statistics import fmean, median

SHOWN_AFTER = 5.0
"""Seconds of observation before a remaining time is said."""

WINDOW = 30.0
"""Seconds whose median rate the remaining time is made from."""

KEPT = 900.0
"""Seconds of history the charts draw."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Bytes per second at a moment, in seconds of a monotonic clock."""

    at: float
    rate: float


class RateHistory:
    """The readings of one transfer, oldest first; bounded to the last quarter of an hour."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()
        self._started: float | None = None

    def add(self, rate: float, *, at: float) -> None:
        """Note a rate; a rate of 0 is a gap that the chart shows."""
        if rate > 0 and self._started is None:
            self._started = at
        self._readings.append(Reading(at, max(rate, 0.0)))
        while self._readings and self._readings[0].at < at - KEPT:
            self._readings.popleft()

    def stopped(self) -> None:
        """The transfer was interrupted: the next estimate is made from new readings."""
        self._started = None

    @property
    def readings(self) -> tuple[Reading, ...]:
        """All that is kept."""
        return tuple(self._readings)

    def recent(self, count: int = 48) -> list[float]:
        """The last rates, for a sparkline."""
        return [reading.rate for reading in list(self._readings)[-count:]]

    def average(self) -> float:
        """Mean rate over what is kept, without gaps; 0 when nothing moved."""
        moving = [reading.rate for reading in self._readings if reading.rate > 0]
        return fmean(moving) if moving else 0.0

    def seconds_left(self, left: int, *, at: float) -> float | None:
        """Seconds until `left` bytes are sent at the median rate, or None while that cannot be said."""
        if self._started is None or at - self._started < SHOWN_AFTER:
            return None
        rates = [r.rate for r in self._readings if r.at >= max(at - WINDOW, self._started) and r.rate > 0]
        if not rates:
            return None
        return left / median(rates)
