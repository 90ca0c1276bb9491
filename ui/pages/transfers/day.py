"""The bandwidth of a day: what was allowed in each hour, and what was used in each half. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from app.agentlink import LimitsShown
from ui.pages.settings.week import DAY_NAMES, grid_of, limit_words, next_change
from ui.widgets.quantities import rate_text

SLOTS = 48
SLOT_SECONDS = 1_800.0
_LONGEST_GAP = 30.0
"""Seconds that one reading stands for at most: nobody knows what was in a longer silence."""


class DayUse:
    """Mean rates of each half hour of the day in view, as far as the desktop has looked."""

    def __init__(self) -> None:
        self._day: date | None = None
        self._bytes = [0.0] * SLOTS
        self._last: datetime | None = None
        self._rate = 0.0

    def add(self, rate: float, *, at: datetime) -> None:
        """The rate of all transfers together from now on; `at` in local time, never before the last one's."""
        if self._day != at.date():
            self._day, self._bytes, self._last = at.date(), [0.0] * SLOTS, None
        if self._last is not None:
            seconds = min((at - self._last).total_seconds(), _LONGEST_GAP)
            self._bytes[_slot(at)] += self._rate * max(seconds, 0.0)
        self._last, self._rate = at, max(rate, 0.0)

    def rates(self, *, now: datetime) -> list[float]:
        """Bytes per second of each half hour up to now; of the one that runs, of its part that is over."""
        if self._day != now.date():
            return [0.0] * SLOTS
        current = _slot(now)
        into = (now.minute % 30) * 60 + now.second
        spans = [SLOT_SECONDS] * SLOTS
        spans[current] = max(float(into), 60.0)
        return [moved / span for moved, span in zip(self._bytes, spans, strict=True)]


def top_of(limits: Sequence[int | None], used: Sequence[float]) -> float:
    """The rate that the whole height stands for: the largest limit or use, at least 1 MB/s."""
    return max(1_000_000.0, *(float(each) for each in limits if each is not None), *used)


def strip_words(shown: LimitsShown, *, rate: float, now: datetime) -> str:
    """``14.2 of 16 MB/s now · 40 MB/s from 18:00``; `now` in the agent's own zone."""
    moving = rate_text(rate) or "nothing"
    if shown.rate_now is None:
        words = [f"{moving} now, no limit"]
    elif shown.rate_now == 0:
        words = ["nothing is sent now"]
    else:
        words = [f"{moving} of {limit_words(shown.rate_now)} now"]
    grid = grid_of(shown.limits)
    change = next_change(grid, day=now.weekday(), hour=now.hour)
    if change is not None:
        day, hour, rate_then = change
        same_day = day == now.weekday() and hour > now.hour
        words.append(f"{limit_words(rate_then)} from {'' if same_day else f'{DAY_NAMES[day]} '}{hour:02}:00")
    return " · ".join(words)


def _slot(at: datetime) -> int:
    return at.hour * 2 + at.minute // 30
