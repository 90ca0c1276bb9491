"""How weighty a record must be for its segment to be sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from app.logs import MessageKind


class Level(StrEnum):
    """Levels of records, the weightiest first."""

    ALARM = "alarm"
    ERROR = "error"
    WARNING = "warning"
    STANDARD = "standard"
    INTERACTION = "interaction"
    TRACE = "trace"
    DEBUG = "debug"


_ORDER = tuple(Level)
_LEVELS = {
    MessageKind.ALARM: Level.ALARM,
    MessageKind.ERROR: Level.ERROR,
    MessageKind.WARNING: Level.WARNING,
    MessageKind.STANDARD: Level.STANDARD,
    MessageKind.INTERACTION: Level.INTERACTION,
    MessageKind.TRACE: Level.TRACE,
    MessageKind.MESSAGE: Level.TRACE,  # events of a T-Server name no level, and are written at trace
    MessageKind.DEBUG: Level.DEBUG,
}


def weightiest(kinds: Mapping[MessageKind, int]) -> Level | None:
    """The level of the weightiest record; None without any."""
    found = {_LEVELS[kind] for kind, count in kinds.items() if count}
    return next((level for level in _ORDER if level in found), None)


def reaches(level: Level | None, least: Level) -> bool:
    """Whether a record of this level is as weighty as `least`, or weightier."""
    return level is not None and _ORDER.index(level) <= _ORDER.index(least)
