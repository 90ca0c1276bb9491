"""When lines become an alarm, and when many alarms are folded into one. Pure; microseconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from agent.alarms.rules import Rate

HOUR = 3_600_000_000
MOST_AN_HOUR = 10
"""Alarms of one rule and application in an hour; the next line begins a storm."""
QUIET = 15 * 60_000_000
"""A storm without a line for so long is over."""


class Step(StrEnum):
    """What a line does."""

    COUNTED = "counted"
    """It counts towards the rate, which is not reached yet."""
    RAISED = "raised"
    """It makes an alarm, with the lines that were counted before."""
    STORM = "storm"
    """It makes the one alarm that stands for all further lines until it is quiet."""
    FOLDED = "folded"
    """It is counted in that alarm."""


@dataclass(frozen=True, slots=True)
class Series:
    """What was before, of one rule and application.

    Attributes:
        counted: times of lines that count towards the rate.
        raised: times of the alarms of the last hour.
        storm: time of the last line of a storm; None outside of one.
    """

    counted: tuple[int, ...] = ()
    raised: tuple[int, ...] = ()
    storm: int | None = None


def step(series: Series, moment: int, *, rate: Rate) -> tuple[Series, Step]:
    """The series after a line, and what the line does.

    Args:
        series: before it; a storm that is over by the time of the line has ended.
        moment: of the line.
        rate: of the rule.
    """
    if series.storm is not None and moment - series.storm <= QUIET:
        return replace(series, storm=max(series.storm, moment)), Step.FOLDED
    counted = (*(at for at in series.counted if moment - at < rate.micros), moment)
    raised = tuple(at for at in series.raised if moment - at < HOUR)
    if len(counted) < rate.count:
        return Series(counted, raised, None), Step.COUNTED
    if len(raised) >= MOST_AN_HOUR:
        return Series((), raised, moment), Step.STORM
    return Series((), (*raised, moment), None), Step.RAISED


def is_quiet(touched: int, *, now: int) -> bool:
    """Whether a storm is over of which the last line was read then, by the agent's clock.

    The clock of the lines may be another one. An agent's clock that was set back by more ends it, too.
    """
    return not -QUIET <= now - touched <= QUIET
