"""The time of every line of a segment, read in order and block by block.

A line without a stamp belongs to the one before. A clock without a date counts on from the line before it:
a step back of more than half a day is midnight; a shorter one is a clock that was set, and stays what it is.
Check points and full stamps tell the date anew.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from app.logs.kinds import KIND_WORD, MessageKind, count_kinds, kind_of
from app.logs.scanned import BlockScan, ScannedPart
from app.logs.stamps import check_point_of, clock_of, moment_of
from app.logs.zones import DAY, HOUR, SECOND, LocalClock, SegmentZone

_HALF = DAY // 2
_LATE = 600 * SECOND
_DISORDER = 2 * SECOND
_LONG = HOUR // 2
_FARTHEST = 31 * DAY
_LOOKED_AT = 160
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time
_MICROSECOND = timedelta(microseconds=1)

_CLOCKS = re.compile(rb"\n@?((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3})\d{0,3}" + KIND_WORD)
_FULL = re.compile(
    rb'\n(?:<\d{1,3}>(?:1 )?)?(?:[\[("{]|\{\s?"(?:@?timestamp|ts|time|date)"\s?:\s?"?)?'
    rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?)\d{0,3}(?:\s?(Z|[+-]\d\d:?\d\d(?!\d)))?" + KIND_WORD
)
_RARE = re.compile(
    rb'\n(?:\[?1\d{9}|\{\s?"(?:@?timestamp|ts|time)"\s?:\s?1\d|\[?\d\d?[/.]\d\d?[/.]\d\d|@?\d\d:\d\d:60'
    rb"|(?:\[|<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d)"
)
_CLF = re.compile(rb"\[\d\d/[A-Z][a-z]{2}/\d{4}:")
_POINTS = re.compile(rb"Check point (\d{4}-\d\d-\d\d)T")
_CLOCK_HEAD = rb"\n(?:@?([01]\d|2[0-3]):([0-5]\d):([0-5]\d)\.(\d{3,6})|"
_MAYBE_STAMPED = re.compile(_CLOCK_HEAD + rb'(?=[\[<{("@\d]|[A-Z][a-z]{2} [ \d]))')
_ANY_LINE = re.compile(_CLOCK_HEAD + rb"(?=[^ \t\r\n]))")


@dataclass(frozen=True, slots=True)
class Step:
    """A clock that was set: the line at `offset` is written at another time than the one before leads to.

    Attributes:
        offset: of the line in its block.
        before, after: microseconds UTC.
    """

    offset: int
    before: int
    after: int


class Stamp(NamedTuple):
    """A stamped line: where it begins in its block, its time in microseconds UTC, and its kind."""

    place: int
    moment: int
    kind: MessageKind


@dataclass(slots=True)
class BlockTimes:
    """The times in some whole lines; microseconds UTC.

    Attributes:
        first_at: where the first stamped line begins, in bytes from the start of the block.
        least, most: of all stamps.
        last: of the last one.
        local, offset: of the first stamp: local time, and its offset from UTC.
        records: stamped lines.
        kinds: how many of them are of which kind.
        stamps: every one of them; None when they were not looked at one by one.
        steps: clocks that were set.
        parts: the same by stretches of time, where a `BlockScan` read the block; else empty.
        pause: the longest step forward between two of its lines; known with `parts` only.
    """

    first_at: int
    least: int
    most: int
    last: int
    local: int
    offset: int
    records: int
    kinds: Counter[MessageKind]
    stamps: list[Stamp] | None = None
    steps: list[Step] = field(default_factory=list)
    parts: tuple[ScannedPart, ...] = ()
    pause: int = 0


class Timeline:
    """Follows the stamps of one segment.

    `local` and `offset` are what a later `Timeline` of the same segment needs to go on at the same line.
    """

    def __init__(
        self,
        zone: SegmentZone,
        *,
        opened: datetime | None,
        local: int | None = None,
        offset: int | None = None,
        scan: BlockScan | None = None,
    ) -> None:
        """Begin in front of the first line, or where another one stopped.

        Args:
            zone: of local times.
            opened: local time around the first line, which tells the date of a clock; from header or name.
            local: time of the last line that was read, or of the first one that will be.
            offset: of `local` from UTC.
            scan: reads blocks in which all stamps are common ones; expressions do where there is none.
        """
        self._scan = scan
        self._clock = LocalClock(zone, local=local, offset=offset)
        self._opened = None if opened is None else _micros(opened)
        self._year = None if opened is None else opened.year
        self._month = 0
        self._last: int | None = None if local is None else local - self._clock.offset
        if local is not None:
            self._year = (_EPOCH + timedelta(microseconds=local)).year

    @property
    def local(self) -> int | None:
        """The last local time; None before the first."""
        return self._clock.local

    @property
    def offset(self) -> int:
        """Its offset from UTC."""
        return self._clock.offset

    def read(self, block: bytes, *, singly: bool = False) -> BlockTimes | None:
        """Read the next lines; None when none of them is stamped.

        Args:
            block: whole lines in UTF-8 or an 8-bit encoding.
            singly: look at every line, and tell place and time of each.
        """
        if not singly:
            found = self._at_once(b"\n" + block) if self._scan is None else self._scanned(block, self._scan)
            if found is not None:
                return found
        return self._singly(block)

    def stamps(self, block: bytes) -> list[Stamp]:
        """Every stamped line of the next lines; of which kind each is, is not looked at."""
        return [Stamp(start, moment, MessageKind.MESSAGE) for start, moment in self._moments(block)]

    def _at_once(self, data: bytes) -> BlockTimes | None:
        """Least and most by comparing the stamps as text; None when anything is not as it mostly is."""
        before = self._clock.local
        if before is None or _RARE.search(data) or _CLF.search(data) or _of_other_days(data, before):
            return None
        clocks, full = _CLOCKS.findall(data), _FULL.findall(data)
        found: list[tuple[int, int, int]] = []  # least, most and first as local times
        zones = {zone for _stamp, zone, _kind in full}
        if zones - {b""} or not (clocks or full):
            return None
        if clocks:
            texts = [text for text, _kind in clocks]
            day = before - before % DAY
            found.append(tuple(day + _clock(t) for t in (min(texts), max(texts), texts[0])))  # type: ignore[arg-type]
        if full:
            texts = [text for text, _zone, _kind in full]
            low, high = min(texts), max(texts)
            if len({text[10:11] + text[19:20] for text in (low, high, texts[0])}) > 1:
                return None
            found.append(tuple(_full(t) for t in (low, high, texts[0])))  # type: ignore[arg-type]
        least, most = min(one[0] for one in found), max(one[1] for one in found)
        if not self._goes_on(before, least, most):
            return None
        place, local = self._first(data, found, clocks=bool(clocks))
        offset = self._clock.offset
        self._clock.local = most
        self._last = most - offset
        kinds = [word for _text, word in clocks]
        kinds += [word for _text, _zone, word in full]
        return BlockTimes(
            first_at=place,
            least=least - offset,
            most=most - offset,
            last=most - offset,
            local=local,
            offset=offset,
            records=len(kinds),
            kinds=count_kinds(kinds),
        )

    def _scanned(self, block: bytes, scan: BlockScan) -> BlockTimes | None:
        """The same by another reader, which knows the common stamps."""
        before = self._clock.local
        if before is None or _of_other_days(block, before):
            return None
        offset = self._clock.offset
        told = scan(block, before - before % DAY, offset)
        if told is None or not self._goes_on(before, told.least, told.most):
            return None
        self._clock.local = told.most
        self._last = told.most - offset
        return BlockTimes(
            first_at=told.place,
            least=told.least - offset,
            most=told.most - offset,
            last=told.most - offset,
            local=told.first,
            offset=offset,
            records=told.records,
            kinds=sum((part.kinds for part in told.parts), Counter()),
            parts=told.parts,
            pause=told.pause,
        )

    def _goes_on(self, before: int, least: int, most: int) -> bool:
        """Whether local times follow `before` as they mostly do, with the present offset."""
        if least < before - _DISORDER or most - before > _HALF or most - least > _LONG:
            return False
        return self._clock.plain(least, most)

    def _first(self, data: bytes, found: list[tuple[int, int, int]], *, clocks: bool) -> tuple[int, int]:
        """Place of the first stamped line, and its local time."""
        if len(found) == 1:
            match = (_CLOCKS if clocks else _FULL).search(data)
            return (match.start() if match else 0), found[0][2]
        clock, full = _CLOCKS.search(data), _FULL.search(data)
        places = [match.start() if match else len(data) for match in (clock, full)]
        return min(zip(places, (found[0][2], found[1][2]), strict=True))

    def _moments(self, block: bytes) -> Iterator[tuple[int, int]]:
        """Where each stamped line begins, and its time; the timeline stands at each of them in turn."""
        lines = _ANY_LINE if _CLF.search(block) else _MAYBE_STAMPED
        points = b"Check point" in block
        for match in lines.finditer(b"\n" + block):
            start = match.start()
            moment = self._matched(match, block, start, points=points)
            if moment is not None:
                yield start, moment
                self._last = moment

    def _singly(self, block: bytes) -> BlockTimes | None:
        found: list[Stamp] = []
        steps: list[Step] = []
        local, offset = 0, 0
        for start, moment in self._moments(block):
            before = self._last
            if not found:
                local, offset = moment + self._clock.offset, self._clock.offset
            if before is not None and moment < before - _DISORDER:
                steps.append(Step(start, before, moment))
            found.append(Stamp(start, moment, kind_of(block[start : start + _LOOKED_AT])))
        if not found:
            return None
        times = [stamp.moment for stamp in found]
        return BlockTimes(
            first_at=found[0].place,
            least=min(times),
            most=max(times),
            last=times[-1],
            local=local,
            offset=offset,
            records=len(found),
            kinds=Counter(stamp.kind for stamp in found),
            stamps=found,
            steps=steps,
        )

    def _matched(self, match: re.Match[bytes], block: bytes, start: int, *, points: bool) -> int | None:
        """The moment of the line that begins at `start`; the match has the parts of a clock, if it is one.

        `points` tells whether there is a check point in the block, whose line says more than its clock.
        """
        hour, minute, second, fraction = match.groups()
        if hour is None:
            return self._moment(block[start : start + _LOOKED_AT].partition(b"\n")[0])
        seconds = (int(hour) * 60 + int(minute)) * 60 + int(second)
        clock = seconds * SECOND + int(fraction) * 10 ** (6 - len(fraction))
        if not points:
            return self._of_clock(clock, b"")
        feed = block.find(b"\n", start, start + 64)
        return self._of_clock(clock, block[start : feed if feed >= 0 else start + 64])

    def _moment(self, line: bytes) -> int | None:
        if line[2:3] == b":" or line[:1] == b"@":
            clock = clock_of(line[:24])
            return None if clock is None else self._of_clock(clock // _MICROSECOND, line)
        stamp = moment_of(line, year=self._year)
        if stamp is None:
            return None
        if stamp.tzinfo is not None:
            return int((stamp - _UTC_EPOCH) // _MICROSECOND)
        return self._of_full(stamp)

    def _of_full(self, stamp: datetime) -> int:
        if self._month - stamp.month > 6 and self._year == stamp.year:
            stamp = _next_year(stamp)  # a syslog stamp has no year of its own
        local = _micros(stamp)
        before = self._clock.local if self._clock.local is not None else self._opened
        if before is not None and not -DAY - _HALF < local - before < _FARTHEST:
            return local - self._clock.rule(local, 0)
        self._year, self._month = stamp.year, stamp.month
        return self._clock.moment(local)

    def _of_clock(self, clock: int, line: bytes) -> int | None:
        point = check_point_of(line) if b"Check point" in line else None
        if point is not None:
            return self._clock.moment(_nearest(clock, _micros(point)))
        before = self._clock.local
        if before is None:
            return None if self._opened is None else self._clock.moment(_nearest(clock, self._opened))
        day, was = divmod(before, DAY)
        if was <= clock and was // HOUR == clock // HOUR:
            return self._clock.goes_on(day * DAY + clock)
        if was - clock > _HALF:
            day += 1
        elif clock - was > _HALF and was < _LATE and clock > DAY - _LATE:
            return (day - 1) * DAY + clock - self._clock.offset  # written late, just after midnight
        return self._clock.moment(day * DAY + clock)


_UTC_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def _nearest(clock: int, local: int) -> int:
    """The local time nearest to `local` at which the clock shows `clock`."""
    return local - (local - clock + _HALF) % DAY + _HALF


def _micros(moment: datetime) -> int:
    return (moment.replace(tzinfo=None, fold=0) - _EPOCH) // _MICROSECOND


def _of_other_days(data: bytes, local: int) -> bool:
    """Whether a check point tells another day than that of a local time."""
    return b"Check point" in data and bool(set(_POINTS.findall(data)) - {_day_text(local)})


def _day_text(local: int) -> bytes:
    return (_EPOCH + timedelta(microseconds=local)).strftime("%Y-%m-%d").encode()


def _next_year(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year + 1)
    except ValueError:  # the 29th of February
        return moment


def _clock(text: bytes) -> int:
    return ((int(text[:2]) * 60 + int(text[3:5])) * 60 + int(text[6:8])) * SECOND + int(text[9:12]) * 1000


def _full(text: bytes) -> int:
    day = datetime(int(text[:4]), int(text[5:7]), int(text[8:10]))  # noqa: DTZ001 - a local time
    seconds = (int(text[11:13]) * 60 + int(text[14:16])) * 60 + min(int(text[17:19]), 59)
    return _micros(day) + seconds * SECOND + int((text[20:26] or b"0").ljust(6, b"0"))
