"""Hours of the night in which a set is sent, told in local time. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_LONGEST_GAP = 26 * 60
"""Minutes that a local clock may skip: an island that changes the side of the date line skips a day."""
_NIGHTS_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Window:
    """One night's hours, from `begin` up to, but without, `end`; aware UTC."""

    begin: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.begin <= moment < self.end


@dataclass(frozen=True, slots=True)
class Night:
    """Local hours, such as 02:00 to 05:00 or 22:00 to 04:00.

    A time that a night skips counts as the first moment behind the gap, so that a night may be shorter, or
    have no window at all. Of a time that a night has twice the first one counts: there is never more than
    one window.
    """

    begin: time
    end: time

    def window(self, day: date, *, zone: tzinfo) -> Window:
        """The window that begins on a local day; empty when the night skips all of it."""
        last = day if self.begin < self.end else day + _DAY
        return Window(_moment(day, self.begin, zone), _moment(last, self.end, zone))

    def window_at(self, now: datetime, *, zone: tzinfo) -> Window | None:
        """The window that a moment lies in."""
        today = now.astimezone(zone).date()
        windows = (self.window(day, zone=zone) for day in (today, today - _DAY))
        return next((window for window in windows if window.holds(now)), None)

    def next_begin(self, now: datetime, *, zone: tzinfo) -> datetime:
        """When the next window behind `now` begins."""
        today = now.astimezone(zone).date()
        days = (today + number * _DAY for number in range(-1, _NIGHTS_AHEAD))
        windows = (self.window(day, zone=zone) for day in days)
        return min(window.begin for window in windows if window.begin > now and window.begin < window.end)


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    local = datetime.combine(day, at)
    for minutes in range(_LONGEST_GAP):
        tried = local + minutes * _MINUTE
        moment = tried.replace(tzinfo=zone).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == tried:
            return moment
    return local.replace(tzinfo=zone).astimezone(UTC)
