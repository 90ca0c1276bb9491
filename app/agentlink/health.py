"""The agent API's contract for how an agent is: figures of the last day, and what its doctor finds.

An agent that is older than this part of the contract does not know these calls (CF-1191).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

BEAT_SECONDS = 600
"""How long a `Beat` stands for."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Ten minutes in which the agent ran, at least for a while.

    Attributes:
        at: when they began.
        warned: whether something needed a person meanwhile.
        queue: the most bytes that waited on its disk to be sent.
        cpu: share of one processor that it used: 0.5 is half of it.
    """

    at: datetime
    warned: bool
    queue: int
    cpu: float


@dataclass(frozen=True, slots=True)
class AppShown:
    """An application whose logs lie in the watched folders.

    Attributes:
        segments: files of it, the growing ones among them.
        size: bytes of all.
        newest: when one of them was written last.
    """

    name: str
    segments: int
    growing: int
    size: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class FolderShown:
    """A watched folder: bytes of the segments in it, and when one was written last (None without any)."""

    path: str
    size: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleFolders:
    """An automatic rule and the folders it watches."""

    name: str
    folders: list[str]


@dataclass(frozen=True, slots=True)
class Health:
    """``health``: how the agent is, and how it was during the last day.

    Attributes:
        at: the agent's clock.
        system: what its machine runs, for people.
        since: when its first beat was, which is kept over restarts; None before it.
        beats: of the last day, the oldest first; where one is missing the agent did not run.
        cpu: share of one processor that it used lately; None until that is known.
        memory: bytes that are its own now; None where the system does not tell.
        queue, queue_most: bytes that wait on its disk, and how many may.
        masking: name of the rule set.
        cpu_most: share of one processor that preparing may use; None is without limit.
        nice: it prepares at the lowest priority.
    """

    at: datetime
    system: str
    since: datetime | None
    beats: list[Beat]
    cpu: float | None
    memory: int | None
    queue: int
    queue_most: int
    applications: list[AppShown]
    folders: list[FolderShown]
    rules: list[RuleFolders]
    masking: str
    cpu_most: float | None
    nice: bool


class Verdict(StrEnum):
    """How a check of the doctor ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CheckShown:
    """One check of the doctor.

    Attributes:
        todo: what to do; empty when all is well.
        code: of the error, ``CF-nnnn``; empty when there is none.
    """

    check: str
    verdict: Verdict
    result: str
    todo: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer of ``diagnose``: every check, in order."""

    at: datetime
    checks: list[CheckShown] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WatchFolder:
    """``watch_folder``: one more folder for a rule of the configuration; its comments and other lines stay.

    Attributes:
        path: absolute, on the agent's machine.
        rule: which; the only one when empty.
    """

    path: str
    rule: str = ""
