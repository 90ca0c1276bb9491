"""When lines become an alarm, and when many alarms are folded into one. Pure; microseconds."""

from __future__ import annotations

from collections.abc import Sequence
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

    Lines need not come by time: of logs that were written while no agent ran the newest is read first.

    Attributes:
        counted: times of lines that count towards the rate.
        raised: times of the alarms of an hour.
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
    counted = _remembered((*series.counted, moment), moment, within=rate.micros)
    raised = _remembered(series.raised, moment, within=HOUR)
    near = [at for at in counted if abs(moment - at) < rate.micros]
    if not _are_together(near, rate.count, within=rate.micros):
        return Series(counted, raised, None), Step.COUNTED
    left = tuple(at for at in counted if abs(moment - at) >= rate.micros)
    alarms = [at for at in (*raised, moment) if abs(moment - at) < HOUR]
    if _are_together(alarms, MOST_AN_HOUR + 1, within=HOUR):
        return Series(left, raised, moment), Step.STORM
    return Series(left, (*raised, moment), None), Step.RAISED


def _remembered(times: Sequence[int], moment: int, *, within: int) -> tuple[int, ...]:
    """Those that what comes next may belong to: near to the newest line, or to the one that was just read."""
    newest = max(times, default=moment)
    return tuple(at for at in times if newest - at < within or abs(moment - at) < within)


def _are_together(times: Sequence[int], count: int, *, within: int) -> bool:
    """Whether so many of them lie within less than this time."""
    ordered = sorted(times)
    return any(last - first < within for first, last in zip(ordered, ordered[count - 1 :], strict=False))


def is_quiet(touched: int, *, now: int) -> bool:
    """Whether a storm is over of which the last line was read then, by the agent's clock.

    The clock of the lines may be another one. An agent's clock that was set back by more ends it, too.
    """
    return not -QUIET <= now - touched <= QUIET
