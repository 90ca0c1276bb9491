"""The part of the contract about the running agent itself: drain, restart, configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DrainShown:
    """The answer of ``drain`` and ``undrain``.

    Attributes:
        draining: no new job is taken, and what ran stops at the next point from which it goes on.
        running: jobs that have not come to such a point yet; the agent may be stopped when it is 0.
    """

    draining: bool
    running: int


@dataclass(frozen=True, slots=True)
class Restarting:
    """The answer of ``restart``: this run of the agent ends, and the next one begins by itself."""

    instance: str


@dataclass(frozen=True, slots=True)
class ConfigShown:
    """Which configuration is in force.

    Attributes:
        read: when it was read.
        problem: why a later state of the file was not taken, with line and field; empty when it was.
        restart: fields that have changed in the file and count after a restart only.
        doubts: what is in force and of no use, or not as it was meant, each with file, line and field.
    """

    read: datetime
    problem: str = ""
    restart: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """``configure``: one field of the configuration file; its comments and all other lines stay.

    Attributes:
        field: such as ``transfer.limit`` or ``rule[0].case``.
        value: as TOML writes it, such as ``"10 MB/s"``, ``true`` or ``["/logs/sip"]``; a text without
            quotes is taken as a string. Empty takes the field out.
    """

    field: str
    value: str
