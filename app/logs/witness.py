"""When a segment begins and ends, by the stamps of its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from app.logs.headers import Header
from app.logs.scanned import CHECK_POINT, ClockScan
from app.logs.stamps import check_point_of, clock_of, moment_of

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LOOKED_AT = 160
_SIGN = re.compile(rb":\d\d|1\d{9}")
"""Every form of a stamp has a clock, or counts seconds since 1970."""
_CHECK_POINT = b"Check point"
_HALF_A_DAY = 12
_NO_STAMP = b" \t\r"
"""What a line that goes on with another one begins with; an empty line begins with nothing."""


@dataclass(slots=True)
class Witness:
    """Follows the stamps of a segment, in the order of its lines.

    Clocks without a date count days since the first of them; a check point, the header or the file name then
    tells which day that was.

    Attributes:
        header: of the segment.
        named: when it was opened, by its name.
        scan: reads clocks quickly; expressions do where there is none.
    """

    header: Header
    named: datetime | None
    scan: ClockScan | None = None
    year: int | None = None
    first: datetime | timedelta | None = None
    last: datetime | timedelta | None = None
    _before: timedelta | None = None
    _days: int = 0
    _day_zero: datetime | None = field(default=None)

    def __post_init__(self) -> None:
        known = self.header.local or self.named
        self.year = known.year if known else None

    def see(self, line: bytes) -> None:
        """Take one more line into account."""
        if _has_clock_form(line):
            self._see_clock(line)
            return
        if line[:1] in _NO_STAMP:
            return
        moment = moment_of(line[:_LOOKED_AT], year=self.year)
        if moment is not None:
            self._keep(moment)

    def see_lines(self, data: bytes, feed: int, end: int) -> None:
        """Take whole lines into account, as if `see` were called with each of them.

        Where nothing between the first and the last stamp can tell a thing, only the last ones are read.
        Lines without the sign of a stamp are not looked at.

        Args:
            data: with the lines somewhere in it.
            feed: where the line feed in front of the first line is.
            end: behind the line feed of the last line.
        """
        start = _signed_line(data, feed + 1, end)
        while self.first is None and start < end:
            feed = data.index(b"\n", start)
            self.see(data[start:feed])
            start = _signed_line(data, feed + 1, end)
        if start >= end:
            return
        clocks, check_point = self._told(data, start - 1, end)
        if clocks is None or (self._day_zero is None and clocks and check_point):
            for line in data[start : end - 1].split(b"\n"):
                self.see(line)
        else:
            self._see_last(data, start, end, clocks=clocks)

    def _told(self, data: bytes, start: int, end: int) -> tuple[bool | None, bool]:
        """As `_same_day`, and whether there may be a check point."""
        if self.scan is not None:
            told = self.scan(data, start, end)
            hours = told & ~CHECK_POINT
            before = 0 if self._before is None else 1 << self._before // _HOUR
            if _within_half_a_day(hours | before):
                return hours > 0, told != hours
        clocks = self._same_day(data, start, end)
        return clocks, bool(clocks) and self._day_zero is None and data.find(_CHECK_POINT, start, end) >= 0

    def _same_day(self, data: bytes, start: int, end: int) -> bool | None:
        """Whether there are clocks in these lines; None when midnight may lie between two of them.

        Two clocks that are half a day apart differ by twelve in their hours.
        """
        hour = None if self._before is None else self._before // _HOUR
        found, at = False, start
        while match := _other_than(hour).search(data, at, end):
            after = int(match[1])
            if hour is not None and abs(after - hour) > 11:
                return None
            hour, at, found = after, match.end(), True
        return found or (hour is not None and _other_than(None).search(data, start, end) is not None)

    def _see_last(self, data: bytes, begin: int, end: int, *, clocks: bool) -> None:
        """Keep the last stamp of these lines, and the last clock when there are any."""
        stamped = False
        while end > begin and not (stamped and not clocks):
            feed = end - 1
            end = data.rfind(b"\n", 0, feed) + 1
            line = data[end : min(feed, end + _LOOKED_AT)]
            if _has_clock_form(line):
                clock = clock_of(line[:24])
                if clock is not None and clocks:
                    self._before, clocks = clock, False
                    self.last = self.last if stamped else clock + self._days * _DAY
                    stamped = True
            elif not stamped and line[:1] not in _NO_STAMP:
                moment = moment_of(line, year=self.year)
                if moment is not None:
                    self.last, stamped = moment, True

    def _see_clock(self, line: bytes) -> None:
        clock = clock_of(line[:24])
        if clock is None:
            return
        if self._before is not None:
            if self._before - clock > _DAY / 2:
                self._days += 1
            elif clock - self._before > _DAY / 2 and self._days:
                self._days -= 1  # a line written late, just after midnight
        self._before = clock
        if self._day_zero is None and _CHECK_POINT in line[:64]:
            point = check_point_of(line)
            if point:
                self._day_zero = _midnight(point) - self._days * _DAY
        self._keep(clock + self._days * _DAY)

    def _keep(self, stamp: datetime | timedelta) -> None:
        if self.first is None:
            self.first = stamp
        self.last = stamp

    def verdict(self) -> tuple[datetime | None, datetime | None, bool]:
        """First and last time, aware, and whether their zone is known."""
        first, last = self._dated(self.first), self._dated(self.last)
        zone: tzinfo = self.header.zone or UTC
        known = self.header.zone is not None or not any(m and m.tzinfo is None for m in (first, last))
        return _aware(first, zone), _aware(last, zone), known

    def _dated(self, stamp: datetime | timedelta | None) -> datetime | None:
        if stamp is None or isinstance(stamp, datetime):
            return stamp
        zero = self._day_zero or self._day_of_opening()
        return zero + stamp if zero else None

    def _day_of_opening(self) -> datetime | None:
        opened = self.header.local or self.named
        if opened is None:
            return None
        zero = _midnight(opened)
        first = self.first
        if isinstance(first, timedelta) and (opened - zero) - first > _DAY / 2:
            return zero + _DAY  # opened before midnight, first line after it
        return zero


def _signed_line(data: bytes, start: int, end: int) -> int:
    """Where the first of these lines begins that may hold a stamp; `end` when none may."""
    sign = _SIGN.search(data, start, end)
    return end if sign is None else max(start, data.rfind(b"\n", start, sign.start()) + 1)


def _within_half_a_day(hours: int) -> bool:
    """Whether no two of these hours, a bit each, are twelve apart or more."""
    lowest = (hours & -hours).bit_length()
    return hours.bit_length() - lowest < _HALF_A_DAY


def _has_clock_form(line: bytes) -> bool:
    return line[2:3] == b":" or line[:1] == b"@"


@cache
def _other_than(hour: int | None) -> re.Pattern[bytes]:
    """A clock at the head of a line whose hour is another one."""
    but = b"" if hour is None else b"(?!%02d)" % hour
    return re.compile(rb"\n@?" + but + rb"([01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)\.\d{3}")


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _aware(moment: datetime | None, zone: tzinfo) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=zone)
