"""Rules of alarms: which lines, how many of them, how bad it is, and what is done."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MICROSECOND = timedelta(microseconds=1)


class Severity(StrEnum):
    """How bad an alarm is, the worst first."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"


class Action(StrEnum):
    """What an alarm does."""

    NOTIFY = "notify"
    """Tells everyone who follows the agent's events."""
    HOLD = "hold"
    """Keeps the segments around it before rotation deletes them."""
    DRAFT = "draft"
    """Proposes a case; a person takes it."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many lines within a time make an alarm."""

    count: int = 1
    within: timedelta = timedelta(minutes=1)

    @property
    def micros(self) -> int:
        """The time in microseconds."""
        return self.within // MICROSECOND


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """One rule.

    Attributes:
        ids: of messages, five digits; any line when empty.
        pattern: an expression of RE2 that the line matches, too; empty for any line.
        applications: patterns such as ``sips_*``; every application when empty.
        around: before and after the lines: what a hold keeps.
        text: what it means, for people.
    """

    name: str
    severity: Severity
    ids: tuple[str, ...] = ()
    pattern: str = ""
    applications: tuple[str, ...] = ()
    rate: Rate = Rate()
    actions: tuple[Action, ...] = (Action.NOTIFY,)
    around: timedelta = timedelta(minutes=15)
    text: str = ""

    def wants(self, application: str) -> bool:
        """Whether lines of this application belong to the rule; letter case does not matter."""
        name = application.casefold()
        return not self.applications or any(
            fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in self.applications
        )
