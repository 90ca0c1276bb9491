"""How long to wait before the next attempt, and when to stop trying."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SYSTEM = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Exponential backoff with full jitter; the peer's ``Retry-After`` wins over it.

    Attributes:
        first, longest: seconds of the first and of the longest possible wait.
        longest_asked: the most seconds that a ``Retry-After`` is followed.
        give_up_after: seconds without one acknowledged byte after which an error is final.
        most_restarts: how often a peer may forget an upload before that is an error of its own.
        draw: a number from 0 to 1.
    """

    first: float = 0.5
    longest: float = 300.0
    longest_asked: float = 3600.0
    give_up_after: float = 1800.0
    most_restarts: int = 5
    draw: Callable[[], float] = field(default=_SYSTEM.random)

    def wait(self, failures: int, *, asked: float | None = None) -> float:
        """Seconds before the next attempt, after `failures` (1, 2, 3 …) without progress in a row."""
        if asked is not None:
            return min(max(asked, 0.0), self.longest_asked)
        ceiling: float = min(self.longest, self.first * 2.0 ** min(failures - 1, 60))
        return self.draw() * ceiling


def parse_retry_after(value: str | None, *, now: datetime) -> float | None:
    """Seconds from a ``Retry-After`` (RFC 9110, 10.2.3): a number or a date; None when it is neither."""
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
