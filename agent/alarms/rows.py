"""Alarms and drafts of cases as they are kept; times in microseconds UTC."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from agent.alarms.rules import Action, AlarmRule, Severity

MOST_LINES = 20
"""That an alarm or a draft shows."""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """A line as an alarm may show it; None when it could not be masked."""

    moment: int
    text: str | None


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """An alarm that is raised.

    Attributes:
        source: the application as the catalogue knows it; `application` is it masked.
        generation, offset: of its last line.
        lines: all of them, the oldest first.
        folded: a storm begins with it.
    """

    rule: AlarmRule
    source: str
    application: str
    version: str
    message: str
    generation: str
    offset: int
    lines: Sequence[SeenLine]
    folded: bool


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm; see the table."""

    id: int
    rule: str
    severity: Severity
    application: str
    source: str
    version: str
    message: str
    raised: int
    touched: int
    first: int
    last: int
    count: int
    folded: bool
    ended: int | None
    lines: tuple[str, ...]
    left_out: int
    pending: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft of a case; `count` is that of the lines of all its alarms."""

    id: int
    rule: str
    severity: Severity
    application: str
    version: str
    message: str
    first: int
    last: int
    count: int
    lines: tuple[str, ...]
    left_out: int
    made: int
    taken: int | None
    alarms: tuple[int, ...]


def alarm_row(row: sqlite3.Row) -> AlarmRow:
    """An alarm from its row."""
    return AlarmRow(
        id=row["id"],
        rule=row["rule"],
        severity=Severity(row["severity"]),
        application=row["application"],
        source=row["source"],
        version=row["version"],
        message=row["message"],
        raised=row["raised"],
        touched=row["touched"],
        first=row["first"],
        last=row["last"],
        count=row["count"],
        folded=bool(row["folded"]),
        ended=row["ended"],
        lines=tuple(json.loads(row["lines"])),
        left_out=row["left_out"],
        pending=tuple(Action(each) for each in json.loads(row["pending"])),
    )


def draft_row(row: sqlite3.Row, *, alarms: Sequence[tuple[int, int]]) -> DraftRow:
    """A draft from its row, and the ids of its alarms with the count of lines of each."""
    return DraftRow(
        id=row["id"],
        rule=row["rule"],
        severity=Severity(row["severity"]),
        application=row["application"],
        version=row["version"],
        message=row["message"],
        first=row["first"],
        last=row["last"],
        count=sum(count for _alarm, count in alarms),
        lines=tuple(json.loads(row["lines"])),
        left_out=row["left_out"],
        made=row["made"],
        taken=row["taken"],
        alarms=tuple(alarm for alarm, _count in alarms),
    )


def shown_lines(lines: Sequence[SeenLine]) -> tuple[list[str], int]:
    """The texts that an alarm shows, and how many lines could not be masked."""
    texts = [line.text for line in lines if line.text is not None]
    return texts[:MOST_LINES], sum(line.text is None for line in lines)
