"""The week as a grid of hours, and the limits that it stands for. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from app.agentlink import LimitHours, LimitsShown, TransferLimits

HOURS = 24
DAYS = 7
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

PRESETS: tuple[int | None, ...] = (0, 8_000_000, 16_000_000, 40_000_000, None)
"""The limits of the keys 1 to 5, in bytes per second; 0 stops, None is without limit."""

Grid = tuple[tuple[int | None, ...], ...]
"""Seven days from Monday, with the limit of each of their 24 hours."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the grid; both ends belong to it."""

    first_day: int
    last_day: int
    first_hour: int
    last_hour: int

    @classmethod
    def between(cls, one: tuple[int, int], other: tuple[int, int]) -> Block:
        """The smallest that holds both cells, each a day and an hour."""
        days, hours = sorted((one[0], other[0])), sorted((one[1], other[1]))
        return cls(days[0], days[1], hours[0], hours[1])

    def holds(self, day: int, hour: int) -> bool:
        """Whether the cell is in it."""
        return self.first_day <= day <= self.last_day and self.first_hour <= hour <= self.last_hour

    @property
    def words(self) -> str:
        """``Mon–Fri 09:00–12:00``."""
        days = DAY_NAMES[self.first_day]
        if self.last_day != self.first_day:
            days += f"–{DAY_NAMES[self.last_day]}"
        return f"{days} {self.first_hour:02}:00–{self.last_hour + 1:02}:00"


def grid_of(limits: TransferLimits) -> Grid:
    """The limit of each hour, as it is at the hour's beginning."""
    return tuple(tuple(_at(limits, day, hour) for hour in range(HOURS)) for day in range(DAYS))


def is_whole(limits: TransferLimits) -> bool:
    """Whether every rule begins and ends with an hour, so that the grid says all of it."""
    return all(each.begin.endswith(":00") and each.end.endswith(":00") for each in limits.hours)


def with_block(grid: Grid, block: Block, rate: int | None) -> Grid:
    """The grid with another limit in a rectangle."""
    return tuple(
        tuple(rate if block.holds(day, hour) else grid[day][hour] for hour in range(HOURS))
        for day in range(DAYS)
    )


def limits_of(grid: Grid, *, beside: TransferLimits) -> TransferLimits:
    """The limits that the grid stands for; what it does not show is kept from `beside`.

    The limit that most hours have is the usual one; days with the same hours share a rule.
    """
    usual = Counter(rate for day in grid for rate in day).most_common(1)[0][0]
    rules: defaultdict[tuple[int, int, int | None], list[int]] = defaultdict(list)
    for day, rates in enumerate(grid):
        for first, last, rate in _runs(rates):
            if rate != usual:
                rules[first, last, rate].append(day)
    hours = [
        LimitHours(days=days, begin=_clock(first), end=_clock(last + 1), rate=rate)
        for (first, last, rate), days in sorted(rules.items(), key=lambda rule: (rule[1], rule[0][:2]))
    ]
    return replace(beside, rate=usual, hours=hours)


def shade_of(rate: int | None) -> int:
    """Which of the five shades a limit has: 0 stops, 4 is without limit."""
    if rate is None:
        return len(PRESETS) - 1
    if rate == 0:
        return 0
    middle = [each for each in PRESETS if each]
    return 1 + min(sum(rate > each for each in middle), len(middle) - 1)


def limit_words(rate: int | None) -> str:
    """``No uploads``, ``8 MB/s``, ``no limit``."""
    if rate == 0:
        return "No uploads"
    if rate is None:
        return "no limit"
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 1000)):
        if rate >= size:
            return f"{rate / size:.4g} {unit}/s"
    return f"{rate} B/s"


def next_change(grid: Grid, *, day: int, hour: int) -> tuple[int, int, int | None] | None:
    """The next day, hour and limit that differ from those of this hour; None when none does in a week."""
    now = grid[day][hour]
    for step in range(1, DAYS * HOURS):
        at = (day * HOURS + hour + step) % (DAYS * HOURS)
        rate = grid[at // HOURS][at % HOURS]
        if rate != now:
            return at // HOURS, at % HOURS, rate
    return None


def limit_line(shown: LimitsShown, *, now: datetime) -> str:
    """``Limit 16 MB/s until 18:00``; `now` in the agent's own zone."""
    words = {0: "Nothing is sent", None: "No limit"}.get(
        shown.rate_now, f"Limit {limit_words(shown.rate_now)}"
    )
    grid = grid_of(shown.limits)
    if grid[now.weekday()][now.hour] != shown.rate_now:
        return words  # the machine is in use, or a rule begins within the hour: nobody knows until when
    change = next_change(grid, day=now.weekday(), hour=now.hour)
    if change is None:
        return words
    day, hour, _rate = change
    tomorrow = "" if day == now.weekday() and hour > now.hour else f"{DAY_NAMES[day]} "
    return f"{words} until {tomorrow}{hour:02}:00"


def said(grid: Grid, block: Block) -> str:
    """What a screen reader says of a selection."""
    rates = {
        grid[day][hour]
        for day in range(block.first_day, block.last_day + 1)
        for hour in range(block.first_hour, block.last_hour + 1)
    }
    limit = limit_words(next(iter(rates))) if len(rates) == 1 else "several limits"
    return f"{block.words}, {limit}"


def _at(limits: TransferLimits, day: int, hour: int) -> int | None:
    return next((each.rate for each in limits.hours if _covers(each, day, hour)), limits.rate)


def _covers(hours: LimitHours, day: int, hour: int) -> bool:
    begin, end = time.fromisoformat(hours.begin), time.fromisoformat(hours.end)
    at = time(hour)
    if begin < end:
        return day in hours.days and begin <= at < end
    return (day in hours.days and at >= begin) or ((day - 1) % DAYS in hours.days and at < end)


def _runs(rates: Sequence[int | None]) -> list[tuple[int, int, int | None]]:
    runs: list[tuple[int, int, int | None]] = []
    for hour, rate in enumerate(rates):
        if runs and runs[-1][2] == rate:
            runs[-1] = (runs[-1][0], hour, rate)
        else:
            runs.append((hour, hour, rate))
    return runs


def _clock(hour: int) -> str:
    return f"{hour % HOURS:02}:00"
