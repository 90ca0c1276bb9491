"""What a screen reader is told while jobs move: quarters of a transfer, and changes of state. Pure."""

from __future__ import annotations

from app.agentlink import Job, JobState
from app.agentlink.order import waits_for_its_turn
from ui.pages.transfers.rows import outcome_words

_QUARTER = 25


def announcement(before: Job | None, now: Job) -> str:
    """The words for a change; empty when it is not worth a word.

    Args:
        before: the job as it was known; None for a job that was not known.
        now: the job as it is.
    """
    if before is None:
        return ""
    if (before.state, waits_for_its_turn(before)) != (now.state, waits_for_its_turn(now)):
        return f"{now.name}: {outcome_words(now)}"
    if now.state is not JobState.SENDING or not now.size or now.queued:
        return ""
    reached = _quarter(now)
    return f"{now.name}: {reached} %" if reached > _quarter(before) else ""


def _quarter(job: Job) -> int:
    return job.sent * 100 // job.size // _QUARTER * _QUARTER if job.size else 0
