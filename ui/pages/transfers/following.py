"""Following an agent's jobs: one long poll, merged to four refreshes a second, one list of jobs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from app.agentlink import Events, Job, Jobs, JobsAsk, JobState
from app.agentlink.order import DROPPED, waits_for_its_turn
from app.domain.errors import CaseferryError
from ui.pages.transfers.estimate import RateHistory
from ui.pages.transfers.rows import ACTIVE_STATES, SIZE_ONLY, outcome_words, problem_text, proof_words
from ui.shell.services import AgentService
from ui.tasks import Stream, Task
from ui.widgets.quantities import size_text

FLUSH_MS = 250
_POLL_SECONDS = 25.0
_SAMPLE_EVERY = 0.9
_KEPT_EVENTS = 40


@dataclass(frozen=True, slots=True)
class Seen:
    """A change of a job that was seen while this window was open."""

    at: datetime
    text: str


class JobFollower(QObject):
    """What the agent's jobs are now, and how fast they were.

    Signals:
        changed: the jobs are new.
        lost: the agent does not answer; the `CaseferryError`.
        alarm_raised: number of an alarm that the agent tells of.
    """

    changed = Signal()
    alarm_raised = Signal(int)
    lost = Signal(object)

    def __init__(
        self,
        agent: AgentService | None,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.agent = agent
        self.jobs: list[Job] = []
        self.problem: CaseferryError | None = None
        self.loaded = False
        self._clock, self._monotonic = clock, monotonic
        self._histories: dict[str, RateHistory] = {}
        self._sampled: dict[str, float] = {}
        self._seen: dict[str, list[Seen]] = {}
        self._states: dict[str, tuple[JobState, bool]] = {}
        self._asking = self._again = False
        self._stream: Stream[Events] | None = None

    def start(self) -> None:
        """Ask for all jobs, then follow them; a second call does nothing."""
        agent = self.agent
        if agent is None or self._stream is not None:
            return
        self._stream = Stream(lambda: _poll(agent), interval_ms=FLUSH_MS, parent=self)
        self._stream.batch.connect(self._told)
        self._stream.failed.connect(self._lost)
        self._stream.start()
        self.refresh()

    def _told(self, batch: list[Events]) -> None:
        for number in _alarms_in(batch):
            self.alarm_raised.emit(number)
        self.refresh()

    def stop(self) -> None:
        """Follow no longer."""
        if self._stream is not None:
            self._stream.stop()
            self._stream = None

    def refresh(self) -> None:
        """Ask for all jobs; asks that come while one is under way make one more."""
        if self.agent is None:
            return
        if self._asking:
            self._again = True
            return
        self._asking = True
        Task.run(self.agent.jobs, JobsAsk(limit=500), owner=self).on_done(self._take).on_error(self._failed)

    def job(self, job_id: str) -> Job | None:
        """A job that is known."""
        return next((job for job in self.jobs if job.id == job_id), None)

    def history(self, job_id: str) -> RateHistory:
        """The rates of a job."""
        return self._histories.setdefault(job_id, RateHistory())

    def seen(self, job_id: str) -> list[Seen]:
        """Changes of a job, newest first."""
        return list(reversed(self._seen.get(job_id, [])))

    def seconds_left(self, job: Job) -> float | None:
        """The remaining time of a sending job, when it can be said: the agent's word, else our guess."""
        stands = job.held or job.queued or job.problem is not None
        if job.state is not JobState.SENDING or not job.size or stands:
            return None
        if job.eta is not None:
            return job.eta
        return self.history(job.id).seconds_left(job.size - job.sent, at=self._monotonic())

    def total_rate(self) -> float:
        """Bytes per second of all jobs together."""
        return sum(job.rate for job in self.jobs if job.state is JobState.SENDING)

    def now(self) -> float:
        """Seconds of the clock that the histories use."""
        return self._monotonic()

    def take_job(self, job: Job) -> None:
        """The answer of a call that changed one job."""
        kept = [each for each in self.jobs if each.id != job.id]
        self._note([job, *kept])

    def _take(self, answer: Jobs) -> None:
        self._asking = False
        self.problem = None
        self.loaded = True
        self._note(answer.jobs)
        if self._again:
            self._again = False
            self.refresh()

    def _note(self, jobs: list[Job]) -> None:
        now = self._monotonic()
        for job in jobs:
            self._note_rate(job, now)
            self._note_state(job)
        self.jobs = sorted(jobs, key=lambda job: (job.created, job.id), reverse=True)
        known = {job.id for job in jobs}
        for gone in self._histories.keys() - known:
            del self._histories[gone]
        self.changed.emit()

    def _note_rate(self, job: Job, now: float) -> None:
        stands = job.state is JobState.WAITING or waits_for_its_turn(job)
        if not (job.id in self._histories if stands else job.state in ACTIVE_STATES):
            return
        if now - self._sampled.get(job.id, -1e9) < _SAMPLE_EVERY:
            return
        self._sampled[job.id] = now
        history = self.history(job.id)
        moving = job.state is JobState.SENDING and not stands
        history.add(job.rate if moving else 0.0, at=now)
        if not moving:
            history.stopped()

    def _note_state(self, job: Job) -> None:
        before, now = self._states.get(job.id), (job.state, waits_for_its_turn(job))
        if before == now:
            return
        self._states[job.id] = now
        seen = self._seen.setdefault(job.id, [Seen(job.created, f"Started by {_source(job)}")])
        if before is not None or job.state not in (JobState.COLLECTING, JobState.MASKING):
            seen.append(Seen(job.changed, _change_text(job)))
        del seen[1:-_KEPT_EVENTS]

    def _failed(self, error: CaseferryError) -> None:
        self._asking = self._again = False
        self._lost(error)

    def _lost(self, error: CaseferryError) -> None:
        self.problem = error
        self.lost.emit(error)


def _source(job: Job) -> str:
    return "you" if job.source == DROPPED else f"the rule “{job.source}”"


def _change_text(job: Job) -> str:
    if job.problem is not None and job.state in (JobState.FAILED, JobState.WAITING):
        return problem_text(job.problem)
    if job.state is JobState.VERIFIED:
        what = "Arrived" if job.level == SIZE_ONLY else "Verified"
        return f"{what}: {size_text(job.size)}, {proof_words(job.level)}"
    if job.state is JobState.SENDING and job.sent and not waits_for_its_turn(job):
        return f"Goes on after {size_text(job.sent)}"
    return outcome_words(job)


def _alarms_in(batch: list[Events]) -> list[int]:
    """Numbers of the alarms that events tell of, each once."""
    subjects = [event.subject for each in batch for event in each.events if event.kind == "alarm"]
    return [int(subject) for subject in dict.fromkeys(subjects) if subject.isdecimal()]


def _poll(agent: AgentService | None) -> Iterator[Events]:
    """Endless long poll. The first answer comes at once, so that a recovered agent is noticed."""
    since, timeout = 0, 0.0
    while agent is not None:
        events = agent.events(since, timeout)
        since, timeout = events.last, _POLL_SECONDS
        yield events
