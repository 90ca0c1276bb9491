"""What the other side has unfinished of a job is thrown away there when the job is cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import (
    DROP,
    JobDesk,
    JobJournal,
    JobRow,
    OwnFiles,
    ProgressBoard,
    Sender,
    Spool,
    TransferPace,
    Workshop,
)
from app.agentlink import JobState, TransferLimits, Via
from app.domain.errors import CredentialsError, RefusedError, UnreachableError
from app.transfer import Control, Interrupted, Journal, Progress, RetryPolicy, TransferState, send
from tests.peers.memory_store import Fault, MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SENDS = frozenset({JobState.SENDING, JobState.VERIFYING})
PART = 1000


class There(MemoryDestination):
    """The other side, which may be away."""

    away = False
    refuses = 0
    refusal = RefusedError("No", happened="It is complete.", todo="Nothing.", code="CF-1210")

    def abort(self, remote: str, *, sha256: str = "") -> None:
        if self.refuses:
            self.refuses -= 1
            raise self.refusal
        if self.away:
            raise UnreachableError("Away", happened="Nobody answers.", todo="Again.", code="CF-1510")
        super().abort(remote, sha256=sha256)


class Office:
    """A job that a person dropped, whose bundle has begun to be sent, and those who work on it.

    Attributes:
        forgotten: jobs whose account is not needed any more.
        now: of the wall clock.
    """

    def __init__(self, folder: Path) -> None:
        self.now = NOW
        self.store = MemoryStore()
        self.there = There(self.store, connections=1, part_size=PART)
        self.transfers = Journal(folder / "transfers.db")
        self.journal = JobJournal(folder / "journal.db", wall=lambda: self.now)
        self.forgotten: list[str] = []
        nothing = cast("Any", None)
        board, spool = ProgressBoard(), Spool(folder / "spool")
        pace = TransferPace(folder / "limits.json", configured=TransferLimits(), fixed=False)
        self.sender = sender = Sender(
            transfers=self.transfers,
            journal=self.journal,
            spool=spool,
            destinations=cast(
                "Any",
                SimpleNamespace(
                    of=lambda _job: self.there,
                    place=lambda _job: self.there,
                    address=lambda _job: "there",
                    forget=lambda job: self.forgotten.append(job.id),
                ),
            ),
            progress=board,
            policy=RetryPolicy(),
            changed=lambda _job: None,
            pace=pace,
            record=lambda _job, _volume: None,
        )
        tools = SimpleNamespace(journal=self.journal, sender=sender, spool=spool)
        self.workshop = Workshop(
            cast("Any", tools), changed=lambda _job: None, senders=0, wall=lambda: self.now
        )
        self.desk = JobDesk(
            journal=self.journal,
            intake=nothing,
            workshop=self.workshop,
            progress=board,
            spool=spool,
            previews=nothing,
            vault=cast("Any", SimpleNamespace(delete=self.forgotten.append)),
            drops=True,
            drop_folders=(),
            own=OwnFiles(folder / "data"),
            changed=lambda _job: None,
            wall=lambda: self.now,
        )
        self.bundle = sealed_bundle(folder / "sealed", size=8 * PART)
        job = JobRow("j", "0003256109", DROP, Via.HTTPS, JobState.SENDING, "j.zip", NOW, NOW)
        self.journal.create(job, [])
        self.journal.volumes.note_sealed("j", 1, self.bundle, key="k", packed_sizes={})

    def sent_until(self, acked: int) -> None:
        """The job has sent so many bytes, and is paused."""
        control = Control()

        def follow(progress: Progress) -> None:
            if progress.acked >= acked:
                control.stop()

        with suppress(Interrupted, CredentialsError):
            send(self.transfers, self.bundle, self.there, key="k", control=control, on_progress=follow)
        self.journal.move("j", before=SENDS, after=JobState.PAUSED, back_to=JobState.SENDING)

    def works(self) -> bool:
        """One turn of who sends; whether there was something to do."""
        job = self.workshop._first(SENDS, self.now)
        if job is not None:
            self.workshop._work(job, Control())
        return job is not None

    def state(self) -> TransferState:
        found = self.transfers.find("k")
        assert found is not None
        return found.state


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.transfers.close()
    made.journal.close()


def test_the_unfinished_upload_of_a_paused_job_goes_when_the_job_is_cancelled(office: Office) -> None:
    office.sent_until(2 * PART)
    assert office.store.unfinished
    office.desk.cancel("j")
    assert office.works()
    assert (office.store.unfinished, office.state()) == ({}, TransferState.CANCELLED)
    office.now += timedelta(days=1)
    assert not office.works()


def test_what_cannot_be_thrown_away_now_is_later_and_the_account_is_kept_until_then(office: Office) -> None:
    office.sent_until(2 * PART)
    office.there.away = True
    office.desk.cancel("j")
    assert office.works()
    assert (bool(office.store.unfinished), office.forgotten) == (True, [])
    assert not office.works()
    office.there.away = False
    office.now += timedelta(minutes=1)
    assert office.works()
    assert (office.store.unfinished, office.forgotten) == ({}, ["j"])


def test_it_is_thrown_away_at_once_when_the_network_is_back(office: Office) -> None:
    office.sent_until(2 * PART)
    office.there.away = True
    office.desk.cancel("j")
    office.works()
    assert office.workshop.away.may_be_back() == 1
    office.there.away = False
    office.works()
    assert office.store.unfinished == {}


def test_what_a_bundle_that_was_withdrawn_while_nobody_answered_has_left_goes_when_the_new_one_has_arrived(
    office: Office, tmp_path: Path
) -> None:
    office.sent_until(2 * PART)
    job, (volume,) = office.journal.job("j"), office.journal.volumes.of("j")
    assert job is not None
    office.there.away = True
    assert office.sender.withdraw(job, volume)
    assert office.store.unfinished
    office.there.away = False
    office.journal.volumes.withdraw("j", 1)
    again = sealed_bundle(tmp_path / "spool" / "j", size=7 * PART)
    office.journal.volumes.note_sealed("j", 1, again, key="k2", packed_sizes={})
    (volume,) = office.journal.volumes.of("j")
    office.sender.send(job, volume, Control(), last=True)
    assert (office.store.unfinished, set(office.store.files)) == ({}, {"k2"})


def test_after_a_week_it_is_left_to_the_other_side(office: Office) -> None:
    office.sent_until(2 * PART)
    office.there.away = True
    office.desk.cancel("j")
    office.now += timedelta(days=8)
    assert office.works()
    office.now += timedelta(days=1)
    assert not office.works()


def test_a_bundle_that_is_there_as_a_whole_is_not_thrown_away(office: Office) -> None:
    office.store.say("finish", Fault.SIGN_IN)
    office.sent_until(10**9)
    assert office.store.unfinished
    office.desk.cancel("j")
    assert office.works()
    assert office.store.unfinished


def test_what_has_all_its_bytes_and_no_name_yet_goes_where_that_is_known_to_be_unfinished(
    office: Office,
) -> None:
    office.there.features = replace(office.there.features, unfinished_apart=True)
    office.store.say("finish", Fault.SIGN_IN)
    office.sent_until(10**9)
    office.desk.cancel("j")
    assert office.works()
    assert (office.store.unfinished, office.forgotten) == ({}, ["j"])


def test_what_the_other_side_refuses_to_let_go_is_asked_for_once(office: Office) -> None:
    office.sent_until(2 * PART)
    office.there.refuses = 1
    office.desk.cancel("j")
    assert office.works()
    office.now += timedelta(days=1)
    assert not office.works()


def test_what_a_proxy_does_not_let_through_is_asked_for_again(office: Office) -> None:
    office.sent_until(2 * PART)
    office.there.refuses = 1
    office.there.refusal = RefusedError("No", happened="Its rules say no.", todo="Ask.", code="CF-1250")
    office.desk.cancel("j")
    office.works()
    office.now += timedelta(days=1)
    office.works()
    assert office.store.unfinished == {}


def test_a_cancelled_job_shows_no_next_attempt(office: Office) -> None:
    office.sent_until(2 * PART)
    assert office.desk.cancel("j").next_attempt is None


def test_of_a_job_that_has_sent_nothing_nothing_is_done(office: Office) -> None:
    with office.journal._database.transaction() as connection:
        connection.execute("DELETE FROM volumes")
    office.desk.cancel("j")
    assert not office.works()
    assert office.forgotten == ["sftp-of-job-j"]
