"""A kill before any write of the journal or around a sending: each range arrives once, in its bundle."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.catalogue import open_catalogue
from agent.jobs import (
    Intake,
    JobJournal,
    JobRow,
    ProgressBoard,
    Rule,
    RuleBook,
    Ruling,
    Spool,
    Studies,
    Tools,
    VolumeRow,
    When,
    Workshop,
    can_be_read,
)
from agent.watch import scan_folder
from app.agentlink import JobState, Via
from app.domain.errors import IntegrityError
from app.masking import PseudonymKey, load_rules, open_engine, residual_check
from app.storage import Database
from app.transfer import Control, Level, Proof
from tests.peers.unpacking import members_of

RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINE, CHECK = open_engine(RULES, KEY), residual_check(RULES, KEY)
RULE_NAME = "all"
STEP = 1 if os.environ.get("CASEFERRY_KILLS") else 4
"""Every point is a kill in the lane of faults."""


class Killed(BaseException):
    """The process ends here."""


class Killer:
    """Ends the process at one of the points that it is told of; never when the number is 0."""

    def __init__(self) -> None:
        self.at = 0
        self.seen = 0

    def point(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise Killed


class Portal:
    """What arrived, by key; the same key with other bytes is refused."""

    def __init__(self) -> None:
        self.arrived: dict[str, bytes] = {}

    def take(self, key: str, content: bytes) -> None:
        assert self.arrived.setdefault(key, content) == content

    def lines(self) -> Counter[str]:
        text = "".join(
            member.decode() for each in self.arrived.values() for member in members_of(each).values()
        )
        return Counter(line for line in text.splitlines() if "row" in line)


class Agent:
    """One run of an agent without its threads; another run goes on with the same files."""

    def __init__(
        self, root: Path, portal: Portal, killer: Killer, *, names: Sequence[str] = (RULE_NAME,)
    ) -> None:
        """Rules of these names, all for one case."""
        self.logs, self.portal, self.killer = root / "logs", portal, killer
        self.now = 0.0
        self.catalogue = open_catalogue(root / "c.db", quiet=1.0, clock=lambda: self.now)
        self.journal, self.spool = JobJournal(root / "journal.db"), Spool(root / "spool")
        self.book = RuleBook(root / "rules.db")
        rule = Rule(RULE_NAME, (self.logs,), (), "0003256109", When(every=None), Via.HTTPS, while_open=False)
        ruling = Ruling(
            [replace(rule, name=name) for name in names],
            journal=self.journal,
            catalogue=self.catalogue,
            book=self.book,
            sight=cast(Any, None),
            readable=can_be_read,
        )
        self.intake = Intake(
            journal=self.journal,
            engine=ENGINE,
            vault=cast(Any, None),
            ruling=ruling,
            created=lambda _job: None,
        )
        sender = SimpleNamespace(
            progress=ProgressBoard(), destinations=SimpleNamespace(forget=lambda _job: None), send=self.send
        )
        tools = Tools(
            journal=self.journal,
            catalogue=self.catalogue,
            spool=self.spool,
            engine=ENGINE,
            check=CHECK,
            lens=None,
            previews=cast(Any, None),
            studies=Studies(ENGINE, self.journal),
            sender=cast(Any, sender),
            host="",
            created_by="test",
            volume=300,
            breathe=self.send_ahead,
        )
        self.workshop = Workshop(tools, changed=lambda _job: None, senders=0)

    def close(self) -> None:
        self.journal.close()
        self.book.close()
        self.catalogue.close()

    def work(self) -> None:
        """Claim what is closed, and carry every job to its end."""
        self.spool.keep_only(self.journal.unfinished())
        for _ in range(2):
            self.catalogue.observe(scan_folder(self.logs))
            self.now += 2.0
        self.intake.claim()
        for _ in range(60):
            open_jobs = [job for job in self.journal.jobs() if job.state is not JobState.VERIFIED]
            if not open_jobs:
                return
            assert {job.problem for job in open_jobs} == {None}
            self.workshop._work(open_jobs[-1], Control())
        raise AssertionError("a job does not come to its end")

    def send_ahead(self) -> None:
        for job in self.journal.volumes.sent_ahead():
            self.workshop._send_ahead(job, Control())

    def send(self, job: JobRow, volume: VolumeRow, _control: Control, *, last: bool, **_others: Any) -> Proof:
        del last
        path = self.spool.bundle(job.id, volume.name)
        if not path.exists():
            raise IntegrityError("Gone", happened="It is gone.", todo="None.", code="CF-1791")
        self.killer.point()
        self.portal.take(volume.key, path.read_bytes())
        self.killer.point()
        return Proof(volume.sha256, Level.SERVER_SHA256, 0)


def lines(name: str, first: int, count: int) -> str:
    return "".join(f"10:15:{n % 60:02d}.118 Std {name} row {n} end\n" for n in range(first, first + count))


@pytest.fixture
def killer(monkeypatch: pytest.MonkeyPatch) -> Killer:
    made = Killer()
    whole = Database.transaction

    def transaction(database: Database) -> AbstractContextManager[Any]:
        made.point()
        return whole(database)

    monkeypatch.setattr(Database, "transaction", transaction)
    return made


def run(root: Path, killer: Killer, *, at: int, rules: Sequence[Sequence[str]]) -> tuple[Portal, bool]:
    """Two segments are sent and grow; the agent is killed while it sends what was added, and goes on.

    Args:
        root: of everything.
        killer: kills.
        at: which point.
        rules: names before, when the logs have grown, and after the kill.
    """
    logs = root / "logs"
    logs.mkdir(parents=True)
    portal = Portal()
    killer.at = 0
    for (begin, count), names in zip(((0, 12), (12, 6)), rules, strict=False):
        for name in ("sips_a", "urs_a"):
            with (logs / f"{name}.log.1").open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(lines(name, begin, count))
        agent = Agent(root, portal, killer, names=names)
        killer.seen, killer.at = 0, at if begin else 0
        try:
            agent.work()
        except Killed:
            killer.at = 0
            agent.close()
            agent = Agent(root, portal, killer, names=rules[2])
            agent.work()
            agent.close()
            return portal, True
        agent.close()
    return portal, False


@pytest.mark.parametrize(
    "rules",
    [
        ([RULE_NAME], [RULE_NAME], [RULE_NAME]),
        ([RULE_NAME, "other"], ["other", RULE_NAME], [RULE_NAME, "other"]),
        ([RULE_NAME], ["other"], [RULE_NAME]),
    ],
    ids=["one rule", "two rules of a case", "rules of a case that come and go"],
)
def test_ranges_arrive_once_wherever_the_agent_is_killed(
    tmp_path: Path, killer: Killer, rules: Sequence[Sequence[str]]
) -> None:
    every = Counter(line for name in ("sips_a", "urs_a") for line in lines(name, 0, 18).splitlines())
    at, killed = 1 - STEP, True
    while killed:
        at += STEP
        portal, killed = run(tmp_path / str(at), killer, at=at, rules=rules)
        assert portal.lines() == every, f"killed at point {at}"
        assert len(portal.arrived) == 4, f"killed at point {at}"
    assert at > 15, "the kills met too few points"
