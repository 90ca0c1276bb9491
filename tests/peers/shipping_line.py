"""The agent's way from folder to parcel in one thread: tree, catalogue, claims, collecting; without a portal.

What a job has collected counts as delivered when its bytes were opened and proven, as masking opens them: of
a range its own bytes, without the header and what was sent before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import pytest

from agent.catalogue import GrowingPins, open_archive, open_catalogue
from agent.jobs import CaseState, FileState, Intake, JobJournal, RuleBook, Ruling, Sight, can_be_read
from agent.jobs.collected import SourceMoved, open_collected
from agent.jobs.collecting import collect
from agent.jobs.rules import Rule, When
from agent.keeping import Keeper, KeptLedger, KeptParts, LearnedSeal, Rescues
from agent.watch import Tree
from agent.watch.glance import open_glances
from app.agentlink import JobState, Via
from app.logs import open_packed
from app.masking import KeyRing, PseudonymKey, load_rules, open_engine, reference_engine
from app.secrets import open_agent_vault
from tests.peers.rotating_site import RotatingSite, own_lines

KEY = PseudonymKey(bytes(range(32)))
ENGINE = reference_engine(load_rules(), KEY)
MASKING = open_engine(load_rules(), KEY)
QUIET = 5.0


class ShippingLine:
    """Looks and ships when told; its clocks only move when told."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder = folder
        self.data = data
        self.now = 1000.0
        self.delivered: dict[tuple[str, int], bytes] = {}
        self._again: frozenset[str] = frozenset()
        self._rule = Rule(
            name="all",
            folders=(folder,),
            applications=(),
            case="0003256109",
            when=When(every=None),
            via=Via.HTTPS,
            sftp=None,
        )
        self.start()

    def start(self) -> None:
        self.catalogue = open_catalogue(
            self.data / "catalogue.db", quiet=QUIET, clock=lambda: self.now, wall=self._wall
        )
        self.journal = JobJournal(self.data / "journal.db", wall=self._wall)
        self.book = RuleBook(self.data / "rules.db", wall=self._wall)
        self.ledger = KeptLedger(self.data / "kept.db", wall=self._wall)
        self.parts = KeptParts(
            self.data / "spool" / "kept",
            engine=MASKING,
            seal=LearnedSeal(KeyRing(KEY)),
            room=lambda needed: self.room(needed),  # noqa: PLW0108 - a test may exchange it
        )
        self.rescues = Rescues(self.ledger, self.parts)
        ruling = Ruling(
            [self._rule],
            journal=self.journal,
            catalogue=self.catalogue,
            book=self.book,
            sight=Sight(case=lambda _number: CaseState.OPEN, lines=lambda _keys: {}, alarms=lambda _name: ()),
            readable=can_be_read,
            wall=self._wall,
            rescues=self.rescues,
        )
        self.ruling = ruling
        archive = open_archive(
            self.catalogue, self.data, host="site", quota=10**9, with_ids=False, wall=self._wall
        )
        self.intake = Intake(
            journal=self.journal,
            engine=ENGINE,
            vault=open_agent_vault(self.data),
            ruling=ruling,
            created=lambda _job: None,
            wall=self._wall,
        )
        self.keeper = Keeper(
            catalogue=self.catalogue,
            pins=GrowingPins(archive.evidence, quiet=QUIET, clock=lambda: self.now),
            ledger=self.ledger,
            parts=self.parts,
            wants=ruling.wants,
            sent=self.intake.sent_before,
            quiet=QUIET,
            clock=lambda: self.now,
            wall=self._wall,
        )
        self.tree = Tree(
            self.folder,
            remembered=self.catalogue.directories(self.folder),
            glances=open_glances(),
            clock=lambda: self.now,
        )

    def kill(self) -> None:
        """As kill -9: what was not committed is gone."""
        self.catalogue.close()
        self.journal.close()
        self.book.close()
        self.ledger.close()

    def look(self, *, after: float = 0.3, between: Callable[[], None] = lambda: None) -> None:
        """Look; `between`: what happens after the folder was listed, and before anything in it is opened."""
        self.now += after
        forced, self._again = self._again, frozenset()
        scans = list(self.tree.full(forced=forced))
        between()
        for scan in scans:
            seen = self.catalogue.observe(scan)
            self.keeper.note(seen.touched)
            if seen.look_again is not None:
                self._again |= scan.looked or frozenset()
        self.keeper.keep()
        self.intake.claim()
        for job in self.journal.jobs():
            if job.state is JobState.COLLECTING:
                self._ship(job.id)

    def room(self, needed: int) -> None:
        """As `Spool.require_room`; a test may put another one in its place."""

    def settle(self) -> None:
        """As many looks as a rotated segment needs to be closed and shipped."""
        for _ in range(3):
            self.look(after=QUIET + 1.0)

    def lines(self) -> list[str]:
        return [line for content in self.delivered.values() for line in own_lines(content)]

    def _ship(self, number: str) -> None:
        job = self.journal.job(number)
        assert job is not None
        try:
            collect(
                job,
                journal=self.journal,
                catalogue=self.catalogue,
                still_wanted=lambda: True,
                last_try=False,
            )
            contents = {}
            for file in self.journal.files(number):
                if file.state is FileState.WAITING and file.raw_sha256:
                    with open_collected(file) as stream:
                        contents[(file.job, file.number)] = _unpacked(stream)[file.start :]
        except SourceMoved:
            return
        self.delivered.update(contents)
        self.journal.move(number, before=[JobState.COLLECTING], after=JobState.VERIFIED)

    def _wall(self) -> datetime:
        return datetime(2026, 3, 4, tzinfo=UTC) + timedelta(seconds=self.now)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[ShippingLine]:
    (tmp_path / "logs").mkdir()
    made = ShippingLine(tmp_path / "logs", tmp_path / "data")
    yield made
    made.kill()


@pytest.fixture
def site(line: ShippingLine) -> RotatingSite:
    return RotatingSite(line.folder, pause=line.settle, kill=line.kill, start=line.start)


def _unpacked(stream: BinaryIO) -> bytes:
    packed = open_packed(stream)
    if packed is None:
        return stream.read()
    return b"".join(entry.open().read() for entry in packed.entries)
