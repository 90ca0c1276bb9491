"""What a row of the agents' list says: how the agent is, in words, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from app.agentlink import JobState, Status
from app.domain.errors import CaseferryError, WorldError
from ui.shell.services import KnownAgent
from ui.widgets.quantities import plural, span_text

_DONE = {JobState.VERIFIED.value, JobState.CANCELLED.value}
_JUST = 3.0


class Health(IntEnum):
    """How an agent is; the worst first, as the list is sorted."""

    OFFLINE = 0
    WARNING = 1
    ASKING = 2
    HEALTHY = 3


SIGNS: dict[Health, tuple[str, str]] = {
    Health.OFFLINE: ("plug_disconnected", "danger.fg"),
    Health.WARNING: ("warning", "warning.fg"),
    Health.ASKING: ("arrow_sync", "text.secondary"),
    Health.HEALTHY: ("checkmark_circle", "success.fg"),
}
"""Icon and colour of each."""


@dataclass(frozen=True, slots=True)
class AgentRow:
    """One agent.

    Attributes:
        name: of its host, or its place before it answered.
        place: ``host:port`` for people; *This PC* for the agent of this machine.
        words: how it is.
        explained: what is wrong, in a sentence; empty when nothing is.
        status: its last answer, or None.
        seen: when that was.
        waiting: jobs that have not ended.
    """

    agent: KnownAgent
    name: str
    place: str
    health: Health
    words: str
    explained: str
    status: Status | None
    seen: datetime | None

    @property
    def waiting(self) -> int:
        """Jobs that have not ended."""
        if self.status is None:
            return 0
        return sum(count for state, count in self.status.jobs.items() if state not in _DONE)


def row_of(
    agent: KnownAgent, status: Status | None, *, seen: datetime | None, problem: CaseferryError | None
) -> AgentRow:
    """The row of an agent.

    Args:
        agent: which one.
        status: its last answer.
        seen: when it was given.
        problem: why it does not answer now; None when it does, or was not asked yet.
    """
    if problem is not None:
        health, words, explained = Health.OFFLINE, *_unreached(problem)
    elif status is None:
        health, words, explained = Health.ASKING, "Asking…", ""
    else:
        found = _wrong(status)
        health = Health.WARNING if found else Health.HEALTHY
        words, explained = found or ("Healthy", "")
    name = (status.host if status is not None else "") or agent.place.rpartition(":")[0] or "This PC"
    return AgentRow(agent, name, agent.place or "This PC", health, words, explained, status, seen)


def in_order(rows: Iterable[AgentRow]) -> list[AgentRow]:
    """Problems first, then by name."""
    return sorted(rows, key=lambda row: (row.health, row.name.casefold(), row.agent.place))


def seen_text(seen: datetime | None, *, now: datetime) -> str:
    """How long ago an agent answered."""
    if seen is None:
        return "–"
    seconds = max(0.0, (now - seen).total_seconds())
    return "now" if seconds < _JUST else span_text(float(int(seconds)))


def folders_text(row: AgentRow) -> str:
    """The names of the watched folders, without where they lie."""
    if row.status is None:
        return ""
    names = [folder.path.replace("\\", "/").rstrip("/").rpartition("/")[2] for folder in row.status.folders]
    return ", ".join(name for name in names if name) or "No folder is watched"


def spoken(row: AgentRow, *, now: datetime) -> str:
    """The row for a screen reader."""
    waiting = plural(row.waiting, "transfer waits", "transfers wait")
    return f"{row.name}, {row.place}, {row.words}, seen {seen_text(row.seen, now=now)}, {waiting}"


def _unreached(problem: CaseferryError) -> tuple[str, str]:
    if isinstance(problem, WorldError):
        return problem.title, f"{problem.happened} {problem.todo}"
    return "It could not be asked", str(problem)


def _wrong(status: Status) -> tuple[str, str] | None:
    """The first thing that needs a person."""
    failed = status.jobs.get(JobState.FAILED.value, 0)
    unreadable = [folder for folder in status.folders if not folder.readable]
    if not status.portal_reachable:
        return "Portal not reachable", f"{status.portal} does not answer it. What it has prepared waits."
    if unreadable:
        count = len(unreadable)
        return (
            f"{plural(count, 'folder', 'folders')} cannot be read",
            unreadable[0].problem or "Its logs are not deleted, only unknown.",
        )
    if status.config is not None and status.config.problem:
        return "Its configuration was not taken", status.config.problem
    if failed:
        return (
            f"{plural(failed, 'transfer', 'transfers')} failed",
            "Transfers says why, and tries again.",
        )
    if status.draining:
        return "It takes no new job", "It was drained; caseferry-agent undrain has it work again."
    return None
