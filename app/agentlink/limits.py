"""The part of the contract that says how fast an agent may send, and in which order."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

MOST_PRIORITY = 9


@dataclass(frozen=True, slots=True)
class LimitHours:
    """Another limit in hours of the week.

    Attributes:
        days: 0 (Monday) to 6.
        begin, end: ``HH:MM``, local time of the agent; an `end` not after `begin` is on the next day.
        rate: bytes per second; 0 stops, None is without limit.
    """

    days: list[int]
    begin: str
    end: str
    rate: int | None


@dataclass(frozen=True, slots=True)
class TransferLimits:
    """``set_limits``: how fast the agent may send, all its transfers together.

    Attributes:
        rate: bytes per second when no hours hold; 0 stops, None is without limit.
        hours: the first that covers the moment wins.
        only_idle: nothing is sent while others use the machine or its link.
        connections: the most for one bundle, 1 to 16.
    """

    rate: int | None = None
    hours: list[LimitHours] = field(default_factory=list)
    only_idle: bool = False
    connections: int = 16


class LimitsFrom(StrEnum):
    """Who set the limits."""

    CONFIGURATION = "configuration"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class LimitsShown:
    """The answer of ``limits``, ``set_limits`` and ``reset_limits``.

    Attributes:
        fixed: whether the configuration alone decides; ``set_limits`` is refused then.
        rate_now: bytes per second at this moment; 0 stops, None is without limit.
        moved, worked: bytes that the agent's own transfers have moved, and processor seconds of its process,
            since it began: what a program beside it does not count as the work of others.
    """

    limits: TransferLimits
    set_by: LimitsFrom
    fixed: bool
    rate_now: int | None
    moved: int = 0
    worked: float = 0.0


@dataclass(frozen=True, slots=True)
class LendAsk:
    """``lend``: another program of the agent's machine wants to move bytes under the agent's limit.

    Attributes:
        bytes: how many, 1 or more.
        who: the same for all that one program moves, and of no other; up to 64 characters.
    """

    bytes: int
    who: str


@dataclass(frozen=True, slots=True)
class Lent:
    """The answer of ``lend``, within about a second.

    Attributes:
        bytes: so many may be moved now, perhaps fewer than were asked for; 0 when none were due in time, None
            when there is no limit.
    """

    bytes: int | None


@dataclass(frozen=True, slots=True)
class JobPriority:
    """``prioritise``: higher goes first, -9 to 9; 0 is usual. What runs is not interrupted for it."""

    job: str
    priority: int


@dataclass(frozen=True, slots=True)
class JobPlace:
    """``move``: another place in the order; before this job, or at the end when it is empty."""

    job: str
    before: str = ""
