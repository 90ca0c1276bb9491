"""Stopping a job that goes on while somebody stops it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import JobDesk, JobJournal, JobRow, OwnFiles, ProgressBoard, Spool
from app.agentlink import JobState, Via
from app.domain.errors import RefusedError

AT = datetime(2023, 6, 9, 10, 0, tzinfo=UTC)


class Hasty(JobJournal):
    """The job is in its next state as soon as one has looked at it."""

    steps: list[JobState]

    def job(self, job: str) -> JobRow | None:
        row = super().job(job)
        if self.steps and row is not None:
            super().move(job, before=(row.state,), after=self.steps.pop(0))
        return row


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Hasty]:
    made = Hasty(tmp_path / "journal.db")
    made.steps = []
    made.create(
        JobRow(
            id="1",
            case="0003256109",
            source="all",
            via=Via.HTTPS,
            state=JobState.COLLECTING,
            name="all.zip",
            created=AT,
            changed=AT,
        ),
        [],
    )
    yield made
    made.close()


@pytest.fixture
def desk(journal: Hasty, tmp_path: Path) -> JobDesk:
    none: Any = None
    workshop = SimpleNamespace(
        interrupt=lambda _job, cancel: None, is_busy=lambda _job: False, holds_back=lambda _row: False
    )
    return JobDesk(
        journal=journal,
        intake=none,
        workshop=cast(Any, workshop),
        progress=ProgressBoard(),
        spool=Spool(tmp_path / "spool"),
        previews=none,
        vault=none,
        drops=True,
        drop_folders=(),
        own=OwnFiles(tmp_path / "data"),
        changed=lambda _job: None,
    )


def test_a_job_that_goes_on_meanwhile_is_paused_and_knows_where(desk: JobDesk, journal: Hasty) -> None:
    journal.steps = [JobState.MASKING, JobState.BUNDLING]
    assert desk.pause("1").state is JobState.PAUSED
    row = journal.job("1")
    assert row is not None
    assert row.back_to is JobState.BUNDLING


def test_a_job_that_goes_on_meanwhile_is_cancelled(desk: JobDesk, journal: Hasty) -> None:
    journal.steps = [JobState.MASKING]
    assert desk.cancel("1").state is JobState.CANCELLED


def test_a_job_that_has_ended_meanwhile_is_not(desk: JobDesk, journal: Hasty) -> None:
    journal.steps = [JobState.VERIFIED]
    with pytest.raises(RefusedError, match="CF-1292"):
        desk.pause("1")
