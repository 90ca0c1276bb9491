"""Which offset from UTC the local times of a segment have, also in the hour that is there twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from app.logs.headers import Header

SECOND = 1_000_000
"""Microseconds; all times here are whole ones since 1970."""
HOUR = 3600 * SECOND
DAY = 24 * HOUR
_QUARTER = HOUR // 4
_BORDER = HOUR // 12
_NIGHT = 4
_CHANGING_MONTHS = frozenset({3, 4, 9, 10, 11})
_FRIDAY = 4
_LEAP_YEAR = 1972
"""It has every date, and no zone has a part of it before 1970."""
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a local time
_MICROSECOND = timedelta(microseconds=1)


class SystemZone(tzinfo):
    """The time zone of this machine with all its rules, whatever the system calls it."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Local time minus UTC; `moment` is local, its fold tells which of two equal hours it is."""
        if moment is None:
            return None
        naive = moment.replace(tzinfo=None)
        if naive.year < _LEAP_YEAR:
            naive = naive.replace(year=_LEAP_YEAR)  # Windows knows no local time before 1970
        universal = datetime.fromtimestamp(naive.timestamp(), UTC).replace(tzinfo=None, fold=0)
        return timedelta(minutes=round((naive.replace(fold=0) - universal) / timedelta(minutes=1)))

    def fromutc(self, moment: datetime) -> datetime:
        """The local time of a moment whose fields are those of UTC."""
        seconds = moment.replace(tzinfo=UTC).timestamp()
        return datetime.fromtimestamp(seconds).replace(tzinfo=self)  # noqa: DTZ006 - local time is wanted

    def dst(self, moment: datetime | None) -> timedelta | None:  # noqa: ARG002 - tzinfo's face
        """Not known apart from the offset."""
        return None

    def tzname(self, moment: datetime | None) -> str | None:  # noqa: ARG002 - tzinfo's face
        """A name for people."""
        return "local"


@dataclass(frozen=True, slots=True)
class SegmentZone:
    """The zone of a segment's local times.

    Attributes:
        rules: with or without a change to summer time.
        fixed: `rules` is a mere offset of the segment's start; whether and when it changes is not known.
        known: whether the segment itself tells it.
        start: the offset at the segment's start, microseconds; None when the segment does not tell it.
    """

    rules: tzinfo
    fixed: bool
    known: bool
    start: int | None = None

    @classmethod
    def of(cls, header: Header, *, rules: tzinfo) -> SegmentZone:
        """The zone that header and machine agree on, else that of the header alone.

        Args:
            header: of the segment; it has a zone when it tells the start in UTC and in local time.
            rules: of the machine that wrote it, as far as one knows.
        """
        if header.zone is None or header.local is None:
            return cls(rules=rules, fixed=False, known=False)
        offset = header.zone.utcoffset(None)
        agreed = any(rules.utcoffset(header.local.replace(fold=fold)) == offset for fold in (0, 1))
        return cls(
            rules=rules if agreed else header.zone,
            fixed=not agreed,
            known=True,
            start=offset // _MICROSECOND,
        )


class LocalClock:
    """Turns local times, in the order they were written, into moments.

    Where local time repeats an hour, a step back by about an hour begins the second one. With a zone that is
    a mere offset, such a step in a night in which clocks are changed somewhere changes the offset.

    Attributes:
        local: the last local time; None before the first.
        offset: the offset that was used for it.
    """

    def __init__(self, zone: SegmentZone, *, local: int | None = None, offset: int | None = None) -> None:
        self.local = local
        self.offset = (zone.start or 0) if offset is None else offset
        self._zone = zone
        self._known: dict[tuple[int, int], int] = {}
        self._fold = 0
        if local is not None and offset is not None and not zone.fixed:
            self._fold = int(offset != self.rule(local, 0) and offset == self.rule(local, 1))

    def moment(self, local: int) -> int:
        """The moment of the next local time, microseconds UTC."""
        self.offset = self._guessed(local) if self._zone.fixed else self._ruled(local)
        self.local = local
        return local - self.offset

    def goes_on(self, local: int) -> int:
        """The moment of a local time later in the same hour as the last one, where nothing changes."""
        self.local = local
        return local - self.offset

    def rule(self, local: int, fold: int) -> int:
        """The offset that the rules of the zone give for a local time."""
        key = (local // _QUARTER, fold)
        found = self._known.get(key)
        if found is None:
            moment = (_EPOCH + timedelta(microseconds=key[0] * _QUARTER)).replace(fold=fold)
            found = (self._zone.rules.utcoffset(moment) or timedelta()) // _MICROSECOND
            self._known[key] = found
        return found

    def plain(self, low: int, high: int) -> bool:
        """Whether every local time from `low` to `high` has the present offset, whatever came before it."""
        if self._zone.fixed:
            return not (_may_change(low) or _may_change(high))
        return all(
            self.rule(local, fold) == self.offset
            for local in range(low, high + _QUARTER, _QUARTER)
            for fold in (0, 1)
        )

    def _ruled(self, local: int) -> int:
        first, second = self.rule(local, 0), self.rule(local, 1)
        if first <= second:
            self._fold = 0
            return first
        if self.local is None:
            self._fold = int(self._zone.start == second)
        elif HOUR // 2 < self.local - local < HOUR + _BORDER:
            self._fold = 1
        return second if self._fold else first

    def _guessed(self, local: int) -> int:
        if self.local is None:
            return self.offset
        was, now = self.local // HOUR, local // HOUR
        at_borders = self.local % HOUR >= HOUR - _BORDER and local % HOUR <= _BORDER
        if at_borders and _may_change(local):
            if now == was:
                return self.offset - HOUR
            if now == was + 2:
                return self.offset + HOUR
        return self.offset


def _may_change(local: int) -> bool:
    """Whether it is a night in which clocks are changed somewhere."""
    moment = _EPOCH + timedelta(microseconds=local)
    return moment.hour < _NIGHT and moment.month in _CHANGING_MONTHS and moment.weekday() >= _FRIDAY
