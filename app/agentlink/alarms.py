"""The agent API's contract for alarms: what was seen in logs, and the cases that are proposed.

Times are aware UTC. Lines are masked; those that could not be masked are counted, never shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AlarmsAsk:
    """``alarms``: the newest ``limit`` (1 to 500)."""

    limit: int = 100


@dataclass(frozen=True, slots=True)
class AlarmRef:
    """Names an alarm, for ``alarm``."""

    alarm: int


@dataclass(frozen=True, slots=True)
class AlarmShown:
    """An alarm.

    Attributes:
        severity: ``critical``, ``major`` or ``minor``.
        text: what the rule means.
        version: of the application; empty when its log does not tell it.
        message: id of the message; empty when the line has none.
        first, last: of its lines.
        count: lines; more than are shown, perhaps.
        storm: it stands for all lines until it is quiet.
        ended: when a storm was over; None while it goes on, and for other alarms.
        lines: masked, 20 at most.
        left_out: lines that could not be masked.
        waiting: actions that are still to be done.
    """

    alarm: int
    rule: str
    severity: str
    text: str
    application: str
    version: str
    message: str
    raised: datetime
    first: datetime
    last: datetime
    count: int
    storm: bool = False
    ended: datetime | None = None
    lines: list[str] = field(default_factory=list)
    left_out: int = 0
    waiting: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Alarms:
    """The answer to `AlarmsAsk`: the newest first, and how many rules there are."""

    alarms: list[AlarmShown]
    rules: int


@dataclass(frozen=True, slots=True)
class DraftRef:
    """Names a draft, for ``draft`` and ``take_draft``."""

    draft: int


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case that alarms propose. Nothing of it is sent: a person takes it, and opens the case.

    Attributes:
        component: the application, masked.
        alarms: numbers of its alarms.
        taken: when a person took it.
    """

    draft: int
    rule: str
    severity: str
    component: str
    version: str
    message: str
    summary: str
    description: str
    first: datetime
    last: datetime
    count: int
    lines: list[str]
    left_out: int
    made: datetime
    taken: datetime | None = None
    alarms: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CaseDrafts:
    """The answer of ``drafts``: those that nobody has taken, the newest first."""

    drafts: list[CaseDraft]
