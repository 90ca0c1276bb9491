"""How long ago, in the few words a list has room for."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from PySide6.QtCore import QCoreApplication

from ui.widgets.moments import date_text


def age_text(at: datetime, *, now: datetime, zone: tzinfo | None = None) -> str:
    """``now``, ``11 min``, ``2 h``, ``Yesterday``, ``9 Jun``, ``9 Jun 2022`` (aware times)."""
    age = now - at
    if age < timedelta(minutes=1):
        return QCoreApplication.translate("Ages", "now")
    if age < timedelta(hours=1):
        return QCoreApplication.translate("Ages", "{0} min").format(age // timedelta(minutes=1))
    if age < timedelta(hours=24):
        return QCoreApplication.translate("Ages", "{0} h").format(age // timedelta(hours=1))
    if at.astimezone(zone).date() == now.astimezone(zone).date() - timedelta(days=1):
        return QCoreApplication.translate("Ages", "Yesterday")
    return date_text(at, now=now, zone=zone)
