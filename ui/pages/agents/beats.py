"""The last day of an agent as cells, and when its queue will be full. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from app.agentlink import BEAT_SECONDS, Beat, Health

CELLS = 48
CELL = timedelta(minutes=30)
NEARLY_FULL = 0.8
"""Share of its room from which on a queue needs a person."""
_BEAT = timedelta(seconds=BEAT_SECONDS)
_TREND = timedelta(hours=1)
_LONGEST = timedelta(days=2)


class Cell(StrEnum):
    """Half an hour of an agent."""

    BEAT = "heartbeat"
    WARNED = "heartbeat with a warning"
    NONE = "none"
    BEFORE = "before it was installed"


def cells_of(figures: Health, *, now: datetime) -> list[Cell]:
    """The last day, the oldest first; the last cell ends at `now` of the agent's clock."""
    begin = now - CELLS * CELL
    made = []
    for number in range(CELLS):
        first, last = begin + number * CELL, begin + (number + 1) * CELL
        beats = [beat for beat in figures.beats if beat.at < last and beat.at + _BEAT > first]
        if beats:
            made.append(Cell.WARNED if any(beat.warned for beat in beats) else Cell.BEAT)
        else:
            known = figures.since is not None and figures.since < last
            made.append(Cell.NONE if known else Cell.BEFORE)
    return made


def silent_hours(cells: Sequence[Cell]) -> float:
    """How long there was no heartbeat."""
    return sum(cell is Cell.NONE for cell in cells) * CELL.total_seconds() / 3600


def full_in(beats: Sequence[Beat], *, most: int) -> timedelta | None:
    """When a queue that goes on growing as in the last hour has no room; None when it does not grow so."""
    if not beats:
        return None
    last = beats[-1]
    first = next(beat for beat in beats if beat.at >= last.at - _TREND)
    grown, lasted = last.queue - first.queue, last.at - first.at
    if grown <= 0 or not lasted or last.queue >= most:
        return None
    left = lasted * ((most - last.queue) / grown)
    return left if left <= _LONGEST else None
