"""Whose turn a job is: of those who prepare or of those who send, and before which others."""

from __future__ import annotations

from agent.jobs.rows import JobRow
from app.agentlink import MOST_PRIORITY, JobState

PREPARES = frozenset({JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING})
SENDS = frozenset({JobState.SENDING, JobState.VERIFYING})


def aim_of(job: JobRow) -> JobState:
    """The state that the job is in, or that it comes back to after a wait."""
    return (job.back_to or job.state) if job.state is JobState.WAITING else job.state


def is_ahead(job: JobRow, states: frozenset[JobState]) -> bool:
    """Whether one who sends has taken a job that is still being prepared."""
    return states == SENDS and aim_of(job) in PREPARES


def ahead_of(job: JobRow) -> str:
    """Under which name a job that is sent ahead counts as served: another thread may prepare it."""
    return f"{job.id} ahead"


def group_of(job: JobRow, states: frozenset[JobState]) -> str:
    """Who is treated fairly: cases, among those who prepare and among those who send.

    That a job of a case was prepared is no turn at being sent.
    """
    return f"{'sent' if states == SENDS else 'prepared'} {job.case}"


def priority(job: JobRow) -> int:
    """What a person said comes first; then what a person chose; what is only to be thrown away is last."""
    if job.state is JobState.CANCELLED:
        return -2 * MOST_PRIORITY - 1
    return 2 * job.priority + int(job.dropped)
