"""A log that is rewritten in place at every masking: the job backs off, and says why in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs import FileState, JobJournal, JobRow, Spool, Studies, Tools, Workshop
from agent.jobs.rows import FileRow
from agent.jobs.volumes import UNPLANNED
from app.agentlink import JobState, Via
from app.masking import PseudonymKey, load_rules, open_engine, residual_check
from app.transfer import Control

BEGIN = datetime(2026, 3, 4, 5, 0, tzinfo=UTC)
PREPARES = frozenset({JobState.COLLECTING, JobState.MASKING, JobState.BUNDLING})
LINE = b"2026-11-24T04:20:00.123 call %04d is over\n"
KEY, RULES = PseudonymKey(bytes(range(32))), load_rules()
ENGINE, CHECK = open_engine(RULES, KEY), residual_check(RULES, KEY)


class Server:
    """An agent with one job, in one thread and with a clock in the hand.

    Attributes:
        on_change, on_read: called at every change of the job, and while a log is masked.
    """

    def __init__(self, folder: Path, *, logs: int) -> None:
        self.now, self.waits = BEGIN, list[float]()
        self.journal = JobJournal(folder / "journal.db", wall=lambda: self.now)
        self.on_change: Callable[[], None] = lambda: None
        self.on_read: Callable[[], None] = lambda: None
        nothing = cast("Any", None)
        tools = Tools(
            journal=self.journal,
            catalogue=nothing,
            spool=Spool(folder / "spool"),
            engine=ENGINE,
            check=CHECK,
            lens=None,
            previews=nothing,
            studies=Studies(ENGINE, self.journal),
            sender=cast("Any", SimpleNamespace(progress=SimpleNamespace(stands_still=lambda _job: None))),
            host="",
            created_by="test",
            breathe=self._read,
        )
        self.workshop = Workshop(
            tools, changed=lambda _job: self.on_change(), senders=0, wall=lambda: self.now
        )
        self.logs = [folder / f"{number}.log" for number in range(logs)]
        for log in self.logs:
            log.write_bytes(LINE % 0 * 50)
        self.journal.create(
            JobRow("j", "0003256109", "all", Via.HTTPS, JobState.COLLECTING, "j.zip", BEGIN, BEGIN),
            [
                FileRow("j", number, log.name, log, FileState.WAITING, raw_size=2500, volume=UNPLANNED)
                for number, log in enumerate(self.logs, start=1)
            ],
        )

    @property
    def job(self) -> JobRow:
        found = self.journal.job("j")
        assert found is not None
        return found

    def live(self, span: timedelta) -> None:
        """From one due moment to the next, as long as there is something to prepare."""
        end = self.now + span
        while self.now < end:
            while (job := self.workshop._first(PREPARES, self.now)) is not None:
                self.workshop._work(job, Control())
            due = self.journal.next_due(after=self.now)
            if due is None:
                return
            self.waits.append((due - self.now).total_seconds())
            self.now = due

    def _read(self) -> None:
        self.on_read()

    def rewrite(self) -> None:
        """The first log has as many bytes as before, and others."""
        self.logs[0].write_bytes(LINE % (self.logs[0].stat().st_mtime_ns % 10_000) * 50)


@pytest.fixture(params=[1, 3], ids=["alone", "with others"])
def server(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    made = Server(tmp_path, logs=request.param)
    yield made
    made.journal.close()


def rewritten_between(server: Server) -> None:
    server.on_change = lambda: server.rewrite() if server.job.state is JobState.MASKING else None


def rewritten_while_read(server: Server) -> None:
    server.on_read = server.rewrite


@pytest.mark.parametrize("rewritten", [rewritten_between, rewritten_while_read])
def test_a_log_that_is_rewritten_at_every_masking_ends_in_quarantine_and_the_others_go_on(
    server: Server, rewritten: Callable[[Server], None]
) -> None:
    rewritten(server)
    server.live(timedelta(hours=1))
    states = [file.state for file in server.journal.files("j")]
    assert states == [FileState.QUARANTINED, *[FileState.MASKED] * (len(server.logs) - 1)]
    assert server.job.state is (JobState.FAILED if len(server.logs) == 1 else JobState.SENDING)


def test_each_try_of_a_log_that_is_rewritten_waits_longer(server: Server) -> None:
    rewritten_between(server)
    server.live(timedelta(hours=1))
    assert [wait >= 2.5 * 2**number for number, wait in enumerate(server.waits)] == [True] * 5


def test_a_log_that_rests_after_some_tries_is_sent_whole(server: Server) -> None:
    rewritten_between(server)
    server.live(timedelta(seconds=30))
    server.on_change = lambda: None
    server.live(timedelta(hours=1))
    assert {file.state for file in server.journal.files("j")} == {FileState.MASKED}
