"""What a row of the agents' list says: how the agent is, in words, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from app.agentlink import Health as Figures
from app.agentlink import JobState, Status
from app.domain.errors import CaseferryError, WorldError
from ui.pages.agents.beats import NEARLY_FULL, Cell, cells_of, full_in, silent_hours
from ui.shell.services import AgentGlance, KnownAgent
from ui.widgets.quantities import plural, progress_text, size_text, span_text

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
        figures: how it was during the last day, or None.
        seen: when it answered.
    """

    agent: KnownAgent
    name: str
    place: str
    health: Health
    words: str
    explained: str
    status: Status | None
    figures: Figures | None
    seen: datetime | None

    @property
    def system(self) -> str:
        """What its machine runs; its place while that is not known."""
        return self.figures.system if self.figures is not None and self.figures.system else self.place

    def cells(self, *, now: datetime) -> list[Cell]:
        """The heartbeats of the last day; none while they are not known.

        Args:
            now: of this PC's clock; the agent's own may be another.
        """
        if self.figures is None or self.seen is None:
            return []
        return cells_of(self.figures, now=self.figures.at + max(timedelta(), now - self.seen))

    @property
    def waiting(self) -> int:
        """Jobs that have not ended."""
        if self.status is None:
            return 0
        return sum(count for state, count in self.status.jobs.items() if state not in _DONE)


def row_of(
    agent: KnownAgent,
    glance: AgentGlance | None,
    *,
    seen: datetime | None,
    problem: CaseferryError | None,
    restarting: bool = False,
) -> AgentRow:
    """The row of an agent.

    Args:
        agent: which one.
        glance: its last answer.
        seen: when it was given.
        problem: why it does not answer now; None when it does, or was not asked yet.
        restarting: it begins anew, as a person wished.
    """
    status = None if glance is None else glance.status
    figures = None if glance is None else glance.health
    if restarting:
        health, words, explained = Health.ASKING, "Begins anew…", ""
    elif problem is not None:
        health, words, explained = Health.OFFLINE, *_unreached(problem)
    elif status is None:
        health, words, explained = Health.ASKING, "Asking…", ""
    else:
        found = _wrong(status, figures)
        health = Health.WARNING if found else Health.HEALTHY
        words, explained = found or ("Healthy", "")
    name = (status.host if status is not None else "") or agent.place.rpartition(":")[0] or "This PC"
    return AgentRow(agent, name, agent.place or "This PC", health, words, explained, status, figures, seen)


def in_order(rows: Iterable[AgentRow]) -> list[AgentRow]:
    """Problems first, then by name."""
    return sorted(rows, key=lambda row: (row.health, row.name.casefold(), row.agent.place))


def seen_text(seen: datetime | None, *, now: datetime) -> str:
    """How long ago an agent answered."""
    if seen is None:
        return "–"
    seconds = max(0.0, (now - seen).total_seconds())
    return "now" if seconds < _JUST else span_text(float(int(seconds)))


def watched_text(row: AgentRow) -> str:
    """The applications whose logs it watches; else the names of the folders, without where they lie."""
    if row.figures is not None and row.figures.applications:
        return ", ".join(each.name for each in row.figures.applications)
    if row.status is None:
        return ""
    names = [folder.path.replace("\\", "/").rstrip("/").rpartition("/")[2] for folder in row.status.folders]
    return ", ".join(name for name in names if name) or "No folder is watched"


def spoken(row: AgentRow, *, now: datetime) -> str:
    """The row for a screen reader."""
    waiting = plural(row.waiting, "transfer waits", "transfers wait")
    known = f"{row.name}, {row.place}, {row.words}, seen {seen_text(row.seen, now=now)}, {waiting}"
    return ", ".join(each for each in (known, *_spoken_figures(row, now=now)) if each)


def waiting_text(row: AgentRow) -> str:
    """What waits on its disk; jobs, where it does not tell bytes."""
    if row.figures is not None and row.health is not Health.OFFLINE:
        return size_text(row.figures.queue)
    if row.status is None or row.health is Health.OFFLINE:
        return "?"
    return plural(row.waiting, "job", "jobs") if row.waiting else "–"


def cpu_text(row: AgentRow) -> str:
    """Share of one processor that it used lately."""
    if row.figures is None or row.figures.cpu is None or row.health is Health.OFFLINE:
        return "–"
    return f"{row.figures.cpu * 100:.1f} %"


def _spoken_figures(row: AgentRow, *, now: datetime) -> list[str]:
    if row.figures is None:
        return []
    silent = silent_hours(row.cells(now=now))
    return [
        plural(len(row.figures.applications), "application", "applications"),
        f"{waiting_text(row)} on its disk",
        f"processor {cpu_text(row)}",
        f"no heartbeat for {span_text(silent * 3600)} of the last day" if silent else "",
    ]


def _unreached(problem: CaseferryError) -> tuple[str, str]:
    if isinstance(problem, WorldError):
        return problem.title, f"{problem.happened} {problem.todo}"
    return "It could not be asked", str(problem)


def _queue_full(figures: Figures) -> tuple[str, str] | None:
    most = figures.queue_most
    if not most or figures.queue < NEARLY_FULL * most:
        return None
    left = full_in(figures.beats, most=most)
    when = "When it is full" if left is None else f"In about {span_text(_rounded(left))}"
    room = f"{progress_text(figures.queue, most)}."
    return (
        f"Disk queue {min(figures.queue / most, 1):.0%} full".replace("%", " %"),
        f"{room} {when} the agent stops preparing; the logs themselves stay untouched.",
    )


def _rounded(span: timedelta) -> timedelta:
    return timedelta(minutes=max(1, round(span.total_seconds() / 60)))


def _wrong(status: Status, figures: Figures | None) -> tuple[str, str] | None:
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
    full = None if figures is None else _queue_full(figures)
    if full is not None:
        return full
    if failed:
        return (
            f"{plural(failed, 'transfer', 'transfers')} failed",
            "Transfers says why, and tries again.",
        )
    if status.draining:
        return "It takes no new job", "It was drained; caseferry-agent undrain has it work again."
    return None
