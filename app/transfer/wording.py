"""How people write limits down: bytes per second, hours of the week, spans of time. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from app.domain.errors import InputError
from app.transfer.bandwidth import Hours

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

LARGEST_RATE = 10**12
"""Bytes per second; what is faster needs no limit."""

LONGEST_SPAN = 366 * 86_400.0

_RATE = re.compile(
    r"\A([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*(?:([kmg])(i?))?(?:bytes|b)?(?:/s)?\Z", re.IGNORECASE | re.ASCII
)
_FACTORS = {"": 0, "k": 1, "m": 2, "g": 3}
_NO_LIMIT = frozenset({"none", "no limit", "off", "unlimited"})
_TIME = re.compile(r"\A([0-9]{1,2}):([0-9]{2})\Z", re.ASCII)
_SPAN = re.compile(r"\A([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*(ms|s|m|min|h|d)\Z", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}


def parse_rate(text: str) -> int | None:
    """Bytes per second from ``2 MB/s``, ``500k``, ``1.5MiB``, ``0`` (stop) or ``none`` (no limit).

    K, M and G are powers of 1000, Ki, Mi and Gi of 1024; a b is a byte, never a bit.

    Raises:
        InputError: it is none (CF-1166).
    """
    words = " ".join(text.split()).lower()
    if words in _NO_LIMIT:
        return None
    match = _RATE.match(words)
    rate: int | None = None
    if match is not None:
        step = 1024 if match[3] else 1000
        rate = round(float(match[1]) * float(step ** _FACTORS[match[2] or ""]))
    if rate is None or rate > LARGEST_RATE:
        raise InputError(
            "This is no limit of bandwidth",
            happened="It is not a number of bytes per second.",
            todo="Write for example 500 KB/s, 2 MB/s, 0 to stop, or none for no limit.",
            code="CF-1166",
        )
    return rate


def rate_words(rate: int | None) -> str:
    """The same for people, and for `parse_rate`: ``2 MB/s``, ``none``."""
    if rate is None:
        return "none"
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("KB", 1000)):
        if rate >= size:
            return f"{rate / size:.6g} {unit}/s"
    return f"{rate} B/s"


def parse_days(text: str) -> frozenset[int]:
    """Days of the week (0 is Monday) from ``mon-fri``, ``sat,sun``, ``fri-mon`` or ``daily``.

    Raises:
        InputError: it names none (CF-1167).
    """
    found: set[int] = set()
    words = text.strip().lower()
    if words in ("daily", "every day"):
        return frozenset(range(7))
    for piece in words.split(","):
        first, dash, last = (each.strip()[:3] for each in piece.partition("-"))
        if first not in DAYS or (dash and last not in DAYS):
            raise _no_hours("it names no day of the week")
        begin, end = DAYS.index(first), DAYS.index(last if dash else first)
        found.update((begin + step) % 7 for step in range((end - begin) % 7 + 1))
    return frozenset(found)


def parse_time(text: str) -> time:
    """A time of the day from ``08:00``; ``24:00`` is the midnight at its end, which is ``00:00``.

    Raises:
        InputError: it is none (CF-1167).
    """
    match = _TIME.match(text.strip())
    hour, minute = (int(match[1]), int(match[2])) if match else (99, 0)
    if (hour, minute) == (24, 0):
        return time(0)
    if hour > 23 or minute > 59:
        raise _no_hours("it holds no time of the day from 00:00 to 24:00")
    return time(hour, minute)


def parse_hours(text: str) -> Hours:
    """A rule of the week from ``mon-fri 08:00-18:00 2MB/s``.

    Raises:
        InputError: it is none (CF-1166, CF-1167).
    """
    words = text.split(maxsplit=2)
    if len(words) != 3:
        raise _no_hours("days, times and limit are not all there")
    begin, dash, end = words[1].partition("-")
    if not dash:
        raise _no_hours("it holds no two times")
    return Hours(
        days=parse_days(words[0]), begin=parse_time(begin), end=parse_time(end), rate=parse_rate(words[2])
    )


def hours_words(hours: Hours) -> str:
    """The same for people, and for `parse_hours`."""
    end = "24:00" if hours.end == time(0) else f"{hours.end:%H:%M}"
    return f"{days_words(hours.days)} {hours.begin:%H:%M}-{end} {rate_words(hours.rate)}"


def days_words(days: frozenset[int]) -> str:
    """``mon-fri,sun``, in the order of the week."""
    runs: list[list[int]] = []
    for day in sorted(days):
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(_run_words(run) for run in runs)


def parse_span(text: str) -> float:
    """Seconds from ``30s``, ``15m``, ``2h`` or ``3d``; more than 0 and at most a year.

    Raises:
        InputError: it is none (CF-1168).
    """
    match = _SPAN.match(text.strip().lower())
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not 0 < seconds <= LONGEST_SPAN:
        raise InputError(
            "This is no span of time",
            happened="It is not a number with a unit, or not between 0 and a year.",
            todo="Write for example 30s, 15m, 2h or 3d.",
            code="CF-1168",
        )
    return seconds


def _run_words(run: Sequence[int]) -> str:
    if len(run) > 2:
        return f"{DAYS[run[0]]}-{DAYS[run[-1]]}"
    return ",".join(DAYS[day] for day in run)


def _no_hours(why: str) -> InputError:
    return InputError(
        "These are no hours of the week",
        happened=f"{why[0].upper()}{why[1:]}.",
        todo="Write days, times and limit, for example: mon-fri 08:00-18:00 2MB/s.",
        code="CF-1167",
    )
