"""How a moment is written beside others: ``today 14:20``, ``9 Jun 16:20``, ``9 Jun 2022 16:20``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from PySide6.QtCore import QDate, QLocale


def moment_text(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """Date and time in the reader's zone; ``today`` and ``tomorrow`` in words, the year only when it differs.

    Args:
        at: an aware time.
        now: the time now, aware.
        zone: the reader's zone; the machine's when None.
    """
    local, today = at.astimezone(zone), now.astimezone(zone)
    return f"{_day(local, today)} {local:%H:%M}"


def date_text(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """As `moment_text` without the time, and without words for days: ``14 Jul``."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return _date(local, with_year=local.year != today.year)


def time_text(at: datetime, *, zone: tzinfo | None = None) -> str:
    """``14:20`` in the reader's zone."""
    return f"{at.astimezone(zone):%H:%M}"


def is_today(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> bool:
    """Whether both moments lie on the same day of the reader's zone."""
    return at.astimezone(zone).date() == now.astimezone(zone).date()


def both_zones_text(at: datetime, *, zone: tzinfo | None = None) -> str:
    """Local and portal time, for tooltips: ``9 Jun 2023 16:20 here, 14:20 UTC``."""
    local = at.astimezone(zone)
    return f"{_date(local, with_year=True)} {local:%H:%M} here, {at.astimezone(UTC):%H:%M} UTC"


def _day(local: datetime, today: datetime) -> str:
    if local.date() == today.date():
        return "today"
    if local.date() == today.date() + timedelta(days=1):
        return "tomorrow"
    return _date(local, with_year=local.year != today.year)


def _date(local: datetime, *, with_year: bool) -> str:
    day = QDate(local.year, local.month, local.day)
    return QLocale().toString(day, "d MMM yyyy" if with_year else "d MMM")
