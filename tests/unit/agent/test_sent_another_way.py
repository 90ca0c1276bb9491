"""A bundle that may be whole at a place which is gone goes another way on a person's word only."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.agentlink import JobState
from app.domain.errors import InputError, UnreachableError
from app.transfer import Control, RetryPolicy, send
from tests.peers.memory_store import Fault
from tests.unit.agent.test_cancelled_uploads import SENDS, Office

IMPATIENT = RetryPolicy(first=0.0, longest=0.0, give_up_after=0.0)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.desk = replace(made.desk, vouch=made.transfers.vouch)
    yield made
    made.transfers.close()
    made.journal.close()


def retried(office: Office, *, not_there: bool) -> None:
    """The job is sent where the configuration says now, after a person's retry."""
    office.journal.move("j", before=SENDS, after=JobState.FAILED, back_to=JobState.SENDING)
    office.desk.retry("j", not_there=not_there)
    job, (volume,) = office.journal.job("j"), office.journal.volumes.of("j")
    assert job is not None
    office.sender.send(job, volume, Control(), last=True)


def test_only_a_persons_word_sends_it_elsewhere(office: Office) -> None:
    office.store.say("verify", *[Fault.BEFORE] * 10)
    with pytest.raises(UnreachableError):
        send(office.transfers, office.bundle, office.there, key="k", policy=IMPATIENT)
    (volume,) = office.journal.volumes.of("j")
    there = office.sender.spool.bundle("j", volume.name)
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(office.bundle.path, there)
    office.store.script.clear()
    office.store.files.clear()  # that place is gone, with all it had
    office.there.identity = "memory://second/"
    with pytest.raises(InputError) as caught:
        retried(office, not_there=False)
    assert caught.value.code == "CF-1114"
    retried(office, not_there=True)
    assert set(office.store.files) == {"k"}
