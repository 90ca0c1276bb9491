"""The ``[jobs]`` table of the agent's configuration: the spool, bundles, and how kind to the host."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from agent.jobs.kindness import Manners
from agent.jobs.tools import MOST_VOLUME
from app.domain.errors import InputError
from app.settings import TomlDocument
from app.transfer import Hours, parse_hours

_SIZE = re.compile(r"\A([0-9]{1,7}(?:\.[0-9]+)?)\s*(MB|GB|TB)\Z")
_SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12}
_LEAST = 100_000
_MOST_CPU = 6400


@dataclass(frozen=True, slots=True)
class JobsTable:
    """The table as it stands in the file."""

    spool: str = "10GB"
    volume: str = "64MB"
    nice: bool = True
    cpu: int = 100
    busy: int = 75
    hours: list[str] = field(default_factory=list)
    keep_growing: bool = True


@dataclass(frozen=True, slots=True)
class JobSettings:
    """How jobs are prepared.

    Attributes:
        spool: bytes that masked copies and bundles may take.
        volume: raw bytes that go into one bundle.
        keep_growing: whether growing segments that rules want are kept, in case they are destroyed.
    """

    spool: int = 10_000_000_000
    volume: int = MOST_VOLUME
    manners: Manners = field(default_factory=Manners)
    keep_growing: bool = True


def read_jobs(document: TomlDocument, read: JobsTable) -> JobSettings:
    """Check the table.

    Raises:
        InputError: with file, line and field.
    """
    if not 0 <= read.cpu <= _MOST_CPU:
        raise document.error(
            "jobs",
            "cpu",
            happened="it is out of range.",
            todo=f"Use 1 to {_MOST_CPU}: 100 is one processor; 0 is without limit.",
        )
    if not 0 <= read.busy <= 100:
        raise document.error(
            "jobs",
            "busy",
            happened="it is no share of all processors.",
            todo="Use 1 to 100 percent; 0 never counts the host as busy.",
        )
    return JobSettings(
        spool=_size(document, read.spool, "spool"),
        volume=_size(document, read.volume, "volume"),
        keep_growing=read.keep_growing,
        manners=Manners(
            nice=read.nice,
            cpu=read.cpu / 100 or None,
            busy=read.busy / 100 or None,
            hours=tuple(_hours(document, text, index) for index, text in enumerate(read.hours)),
        ),
    )


def _size(document: TomlDocument, text: str, name: str) -> int:
    match = _SIZE.match(text)
    size = int(float(match[1]) * _SIZES[match[2]]) if match else 0
    if size < _LEAST:
        raise document.error(
            "jobs",
            name,
            happened="it is not a size, or too small.",
            todo="Write a number with a unit, from 0.1MB on: 64MB or 10GB.",
        )
    return size


def _hours(document: TomlDocument, text: str, index: int) -> Hours:
    try:
        if len(text.split()) != 2:
            raise _not_hours()
        return parse_hours(f"{text} none")
    except InputError as error:
        raise document.error(
            "jobs",
            "hours",
            index,
            happened=error.happened[:1].lower() + error.happened[1:],
            todo="Write days and times, for example: mon-fri 18:00-07:00.",
        ) from error


def _not_hours() -> InputError:
    return InputError(
        "These are no hours of the week",
        happened="Days and times are not all there, or something else is.",
        todo="Write days and times, for example: mon-fri 18:00-07:00.",
        code="CF-1167",
    )
