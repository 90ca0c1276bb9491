"""The ``[transfer]`` table of the agent's configuration: limits, connections, bundles at a time."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.agentlink import LimitHours, TransferLimits
from app.domain.errors import InputError
from app.settings import TomlDocument
from app.transfer import MOST_CONNECTIONS, Hours, parse_hours, parse_rate

_MOST_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class TransferTable:
    """The table as it stands in the file."""

    limit: str = "none"
    hours: list[str] = field(default_factory=list)
    only_idle: bool = False
    connections: int = MOST_CONNECTIONS
    at_once: int = 2
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class TransferSettings:
    """How fast bundles are sent, and how many at a time.

    Attributes:
        limits: until a person sets others.
        at_once: bundles that are sent at a time.
        fixed: nobody may set other limits.
    """

    limits: TransferLimits = field(default_factory=TransferLimits)
    at_once: int = 2
    fixed: bool = False


def read_transfer(document: TomlDocument, read: TransferTable) -> TransferSettings:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
    if not 1 <= read.connections <= MOST_CONNECTIONS:
        raise _out_of_range(document, "connections", MOST_CONNECTIONS)
    if not 1 <= read.at_once <= _MOST_AT_ONCE:
        raise _out_of_range(document, "at_once", _MOST_AT_ONCE)
    try:
        rate = parse_rate(read.limit)
    except InputError as error:
        raise document.error(
            "transfer", "limit", happened="it is no limit of bandwidth.", todo=error.todo
        ) from error
    hours = [_hours(document, text, index) for index, text in enumerate(read.hours)]
    return TransferSettings(
        limits=TransferLimits(rate=rate, hours=hours, only_idle=read.only_idle, connections=read.connections),
        at_once=read.at_once,
        fixed=read.fixed,
    )


def _hours(document: TomlDocument, text: str, index: int) -> LimitHours:
    try:
        return shown_hours(parse_hours(text))
    except InputError as error:
        happened = error.happened[:1].lower() + error.happened[1:]
        raise document.error("transfer", "hours", index, happened=happened, todo=error.todo) from error


def shown_hours(hours: Hours) -> LimitHours:
    """Hours in the words of the contract."""
    return LimitHours(
        days=sorted(hours.days), begin=f"{hours.begin:%H:%M}", end=f"{hours.end:%H:%M}", rate=hours.rate
    )


def _out_of_range(document: TomlDocument, name: str, most: int) -> InputError:
    return document.error("transfer", name, happened="it is out of range.", todo=f"Use 1 to {most}.")
