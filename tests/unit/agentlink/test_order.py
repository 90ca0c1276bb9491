"""What waits is listed in the order in which an agent sends it."""

from __future__ import annotations

import pytest

from app.agentlink import Job, JobState
from app.agentlink.order import as_they_go, has_place
from tests.peers.made_up import a_job


def queued(name: str, *, place: int, source: str = "drop", priority: int = 0) -> Job:
    return a_job(name, JobState.SENDING, queued=True, place=place, source=source, priority=priority)


def test_what_runs_then_what_waits_as_it_goes_then_what_has_ended() -> None:
    jobs = [
        a_job("done", JobState.VERIFIED),
        queued("by rule", place=1, source="nightly"),
        queued("later", place=7),
        a_job("runs", JobState.SENDING),
        a_job("paused", JobState.PAUSED, place=4),
        queued("urgent", place=9, source="nightly", priority=2),
        a_job("failed", JobState.FAILED),
    ]
    assert [job.id for job in as_they_go(jobs)] == [
        *("runs", "failed"),
        *("urgent", "paused", "later", "by rule"),
        "done",
    ]


@pytest.mark.parametrize("state", [JobState.VERIFIED, JobState.CANCELLED, JobState.FAILED, JobState.REVIEW])
def test_what_rests_has_no_place(state: JobState) -> None:
    assert not has_place(a_job("j", state, queued=True))
