"""Time stamps at the head of a line, in the forms contact-center servers write.

A stamp is *full* (it has a date) or a *clock* (hours to fraction only). The order of the forms is their
priority.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

FIRST_YEAR, LAST_YEAR = 1970, 2199
"""Years of logs. What has another one is no stamp but a value, such as a program's "never" (9999, 0001)."""
_MONTHS = {m: i for i, m in enumerate(b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_HEAD = rb'^(?:<\d{1,3}>(?:1 )?)?(?:[\[("{]|\{\s?"(?:@?timestamp|ts|time|date)"\s?:\s?"?)?'
_ISO = re.compile(
    _HEAD + rb"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d(?!\d))?"
)
_CLOCK = re.compile(rb"^@?(\d\d):(\d\d):(\d\d)\.(\d{3,6})")
_AT = re.compile(rb"^(\d\d)/(\d\d)/(\d\d)@(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?")
_DOTTED = re.compile(rb"^\[?(\d\d)\.(\d\d)\.(\d{4})[ T](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?")
_SLASHED = re.compile(
    rb"^\[?(\d{1,2})/(\d{1,2})/(\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?: ([AP])M)?"
)
_NAMED = re.compile(
    rb"^\[?([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?: ([AP])M)?"
)
_CLF = re.compile(rb"^[^\[\n]{0,80}\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-]\d{4})\]")
_SYSLOG = re.compile(rb"^(?:<\d{1,3}>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)")
_EPOCH = re.compile(rb'^(?:\[|\{\s?"(?:@?timestamp|ts|time)"\s?:\s?)?(1\d{9})(?:(\d{3})|\.(\d{1,6}))?(?!\d)')
_CHECK_POINT = re.compile(rb"\bCheck point (\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")


def clock_of(line: bytes) -> timedelta | None:
    """Time since midnight of a stamp without a date (``10:15:02.118``, ``@10:15:03.4412``), or None."""
    match = _CLOCK.match(line)
    if not match:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=int(match[4].ljust(6, b"0")))


def check_point_of(line: bytes) -> datetime | None:
    """The date and time a check-point line tells, without a zone, or None."""
    match = _CHECK_POINT.search(line[:256])
    return _date(*(int(part) for part in match.groups())) if match else None


def moment_of(line: bytes, *, year: int | None = None) -> datetime | None:
    """The full stamp at the head of `line`, or None.

    Args:
        line: without its line end.
        year: for syslog stamps, which have none; without it they are not read.

    Returns:
        An aware time when the stamp has a zone or counts seconds of the epoch, else a naive local one.
    """
    match = _ISO.match(line)
    if match:
        moment = _date(*(int(p) for p in match.groups()[:6]), fraction=match[7])
        return _in_zone(moment, match[8]) if moment and match[8] else moment
    return _rarer(line[:128], year)


def _rarer(line: bytes, year: int | None) -> datetime | None:
    if match := _AT.match(line):
        month, day, short, hour, minute, second = (int(p) for p in match.groups()[:6])
        return _date(2000 + short, month, day, hour, minute, second, fraction=match[7])
    if match := _DOTTED.match(line):
        day, month, full, hour, minute, second = (int(p) for p in match.groups()[:6])
        return _date(full, month, day, hour, minute, second, fraction=match[7])
    if match := _SLASHED.match(line):
        month, day, full, hour, minute, second = (int(p) for p in match.groups()[:6])
        if month > 12:
            month, day = day, month
        return _date(full, month, day, _hour(hour, match[8]), minute, second, fraction=match[7])
    if match := _NAMED.match(line):
        day, full, hour, minute, second = (int(p) for p in match.groups()[1:6])
        return _date(
            full, _MONTHS.get(match[1], 0), day, _hour(hour, match[8]), minute, second, fraction=match[7]
        )
    if match := _EPOCH.match(line):
        micros = int((match[2] or match[3] or b"").ljust(6, b"0"))
        return datetime.fromtimestamp(int(match[1]), UTC) + timedelta(microseconds=micros)
    return _with_month_name(line, year)


def _with_month_name(line: bytes, year: int | None) -> datetime | None:
    if match := _CLF.match(line):
        day, full, hour, minute, second = (int(match[i]) for i in (1, 3, 4, 5, 6))
        moment = _date(full, _MONTHS.get(match[2], 0), day, hour, minute, second)
        return _in_zone(moment, match[7]) if moment else None
    if year is not None and (match := _SYSLOG.match(line)):
        day, hour, minute, second = (int(match[i]) for i in (2, 3, 4, 5))
        return _date(year, _MONTHS.get(match[1], 0), day, hour, minute, second)
    return None


def _hour(hour: int, half: bytes | None) -> int:
    if half is None:
        return hour
    return hour % 12 + (12 if half == b"P" else 0)


def _date(*parts: int, fraction: bytes | None = None) -> datetime | None:
    year, month, day, hour, minute, second = parts
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    micros = int((fraction or b"")[:6].ljust(6, b"0"))
    try:
        return datetime(year, month, day, hour, minute, min(second, 59), micros)  # noqa: DTZ001
    except ValueError:
        return None


def _in_zone(moment: datetime, zone: bytes) -> datetime:
    if zone == b"Z":
        return moment.replace(tzinfo=UTC)
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    if minutes >= 24 * 60:
        return moment
    return moment.replace(tzinfo=timezone(timedelta(minutes=-minutes if zone[:1] == b"-" else minutes)))
