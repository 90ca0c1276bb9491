"""In which order an agent sends what waits, as far as its jobs tell. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from app.agentlink.contract import FINAL_STATES, Job, JobState

DROPPED = "drop"
"""The source of what a person chose."""

_WORKED_ON = frozenset(
    {JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING, JobState.SENDING, JobState.VERIFYING}
)


def waits_for_its_turn(job: Job) -> bool:
    """Whether nobody works on it yet, or no longer, although nothing is wrong with it."""
    return job.queued and job.state in _WORKED_ON


def has_place(job: Job) -> bool:
    """Whether it stands in the order of those that wait, where a person may move it."""
    return job.state in (JobState.WAITING, JobState.PAUSED) or waits_for_its_turn(job)


def rank(job: Job) -> tuple[int, bool]:
    """The lowest goes first: what a person made urgent, then what a person chose. Places count within one."""
    return -job.priority, job.source != DROPPED


def as_they_go(jobs: Iterable[Job]) -> list[Job]:
    """What is worked on or needs a person, what waits in the order in which it goes, and what has ended.

    Cases take turns besides that; jobs of the first and last group stay as they come.
    """

    def key(job: Job) -> tuple[int, tuple[int, bool], int]:
        if has_place(job):
            return 1, rank(job), job.place
        return (2 if job.state in FINAL_STATES else 0), (0, False), 0

    return sorted(jobs, key=key)
