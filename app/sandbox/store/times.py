"""Times in the store: whole microseconds since 1970 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def stamp(moment: datetime) -> int:
    """The stored form of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(stored: int) -> datetime:
    """The aware UTC time of a stored one."""
    return _EPOCH + timedelta(microseconds=stored)


def maybe_stamp(at: datetime | None) -> int | None:
    """`stamp`, or None for None."""
    return None if at is None else stamp(at)


def maybe_moment(stored: int | None) -> datetime | None:
    """`moment`, or None for None."""
    return None if stored is None else moment(stored)
