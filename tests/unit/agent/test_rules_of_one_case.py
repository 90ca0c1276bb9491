"""Two rules that send to one case: what one has taken up is not sent there by the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from agent.catalogue import Catalogue, open_catalogue
from agent.jobs import (
    KEPT,
    CaseState,
    FileRow,
    FileState,
    Intake,
    JobJournal,
    JobRow,
    Pruning,
    Rule,
    RuleBook,
    Ruling,
    Sight,
    Spool,
    Studies,
    When,
    can_be_read,
    masked_by,
)
from agent.jobs.bundling import bundle
from agent.jobs.collecting import collect
from agent.jobs.journal import utc_now
from agent.jobs.masking import mask, masked_files
from agent.watch import scan_folder
from app.agentlink import JobState, Via
from app.bundle import Sealer
from app.masking import Engine, PseudonymKey, load_rules, open_engine, residual_check
from app.transfer import Level
from tests.peers.unpacking import members_of

CASE = "0003256109"
RULES, KEY = load_rules(), PseudonymKey(b"k" * 32)
ENGINE = open_engine(RULES, KEY)
OTHER_ENGINE = open_engine(RULES, PseudonymKey(b"o" * 32))
HEADER = "Local time:        2023-06-09T10:00:00.118\nApplication name:  sips_a\n"


class House:
    """A folder that two rules watch for one case, and jobs up to a bundle that has arrived."""

    def __init__(self, root: Path) -> None:
        self.root, self.logs = root, root / "logs"
        self.logs.mkdir()
        self.now = 0.0
        rule = Rule("first", (self.logs,), (), CASE, When(every=None), Via.HTTPS)
        self.rules = [rule, replace(rule, name="second")]
        self.engine: Engine = ENGINE
        self.start()

    def start(self) -> None:
        self.catalogue: Catalogue = open_catalogue(self.root / "c.db", quiet=1.0, clock=lambda: self.now)
        self.journal = JobJournal(self.root / "journal.db", masks_by=masked_by(self.engine))
        self.spool, self.book = Spool(self.root / "spool"), RuleBook(self.root / "rules.db")
        self.ruling = Ruling(
            self.rules,
            journal=self.journal,
            catalogue=self.catalogue,
            book=self.book,
            sight=Sight(case=lambda _number: CaseState.OPEN, lines=lambda _keys: {}, alarms=lambda _name: ()),
            readable=can_be_read,
        )
        self.intake = Intake(
            journal=self.journal,
            engine=self.engine,
            vault=cast(Any, None),
            ruling=self.ruling,
            created=lambda _job: None,
        )

    def close(self) -> None:
        self.book.close()
        self.journal.close()
        self.catalogue.close()

    def again(self, *rules: Rule, engine: Engine = ENGINE) -> None:
        """Another configuration; everything is opened anew, as after a kill."""
        self.close()
        self.rules, self.engine = list(rules), engine
        self.start()

    def write(self, name: str, first: int, count: int = 90) -> None:
        with (self.logs / name).open("a", encoding="utf-8", newline="\n") as stream:
            if stream.tell() == 0:
                stream.write(HEADER)
            stream.write("".join(f"10:15:00.118 Std row {n} end\n" for n in range(first, first + count)))

    def look(self) -> None:
        for _ in range(2):
            self.catalogue.observe(scan_folder(self.logs))
            self.now += 2.0

    def claim(self) -> list[JobRow]:
        """The jobs that are made now, the first first."""
        self.look()
        made = self.intake.claim()
        return list(reversed(self.journal.jobs()[:made]))

    def ship(self, job: JobRow) -> list[str]:
        """Carry it to its end: the lines of its members."""
        files = self.collect(job)
        if not any(file.state is FileState.WAITING for file in files):
            self.journal.move(job.id, before=(JobState.COLLECTING,), after=JobState.CANCELLED)
            return []
        content = self.seal(job)
        self.journal.volumes.note_verified(job.id, 1, resumed=0, level=Level.SERVER_SHA256)
        self.journal.move(job.id, before=(JobState.COLLECTING,), after=JobState.VERIFIED)
        return [
            line.split()[3]
            for text in members_of(content).values()
            for line in text.decode().splitlines()
            if " Std row " in line
        ]

    def collect(self, job: JobRow) -> list[FileRow]:
        collect(job, journal=self.journal, catalogue=self.catalogue, still_wanted=lambda: True, last_try=True)
        files = self.journal.files(job.id)
        self.journal.volumes.plan(job.id, {file.number: 1 for file in files})
        return self.journal.files(job.id)

    def seal(self, job: JobRow) -> bytes:
        mask(
            job,
            journal=self.journal,
            spool=self.spool,
            engine=self.engine,
            check=residual_check(RULES, (self.engine is ENGINE and KEY) or PseudonymKey(b"o" * 32)),
            studies=Studies(self.engine, self.journal),
            still_wanted=lambda: True,
            last_try=True,
        )
        target = self.spool.bundle(job.id, job.name)
        with Sealer(target) as sealer:
            for file in masked_files(job, self.journal.files(job.id), spool=self.spool):
                sealer.add(file)
            bundle(job, sealer=sealer, journal=self.journal, engine=self.engine, host="", created_by="test")
        return target.read_bytes()

    def fail(self, job: JobRow, back_to: JobState = JobState.COLLECTING) -> None:
        self.journal.move(job.id, before=(JobState.COLLECTING,), after=JobState.FAILED, back_to=back_to)

    def told(self, rule: str) -> dict[str, str]:
        (shown,) = [each for each in self.ruling.shown().rules if each.name == rule]
        return {each.reason: each.text for each in shown.not_sent}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def sources(jobs: list[JobRow]) -> list[str]:
    return [job.source for job in jobs]


def numbers(first: int, count: int) -> list[str]:
    return [str(n) for n in range(first, first + count)]


def test_what_one_rule_has_claimed_for_a_case_the_other_does_not_claim(house: House) -> None:
    house.write("sips_a.log.1", 0)
    assert sources(house.claim()) == ["first"]


def test_what_has_arrived_is_not_sent_again_by_a_rule_that_comes_later(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    house.again(house.rules[1])
    assert house.claim() == []


def test_the_other_rule_tells_who_has_sent_it(house: House) -> None:
    house.write("sips_a.log.1", 0)
    house.claim()
    words = "They are already in the case, or on their way there, by rule first."
    assert house.told("second") == {"in the case": words}


def test_another_case_gets_it_too(house: House) -> None:
    house.again(house.rules[0], replace(house.rules[1], case="0003256117"))
    house.write("sips_a.log.1", 0)
    assert sources(house.claim()) == ["first", "second"]


@pytest.mark.parametrize(
    ("case", "done"), [("0003256117", False), (CASE, True)], ids=["another case", "the same case"]
)
def test_what_one_rule_has_masked_and_another_has_yet_to_take_up_is_still_needed(
    house: House, case: str, done: bool
) -> None:
    first, second = house.rules
    house.again(first)
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    (segment,) = house.catalogue.closed()
    (house.logs / "sips_a.log.1").unlink()
    house.look()
    assert house.ruling.masked_for_all([segment.key]) == {segment.key}
    house.again(first, replace(second, case=case))
    assert house.ruling.masked_for_all([segment.key]) == ({segment.key} if done else set())


def test_masked_with_another_key_it_is_another_content(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    house.again(*house.rules, engine=OTHER_ENGINE)
    assert sources(house.claim()) == ["second"]


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED])
def test_what_the_first_rule_could_not_send_the_other_sends(house: House, state: JobState) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.journal.move(job.id, before=(JobState.COLLECTING,), after=state, back_to=JobState.COLLECTING)
    (second,) = house.claim()
    assert (second.source, house.ship(second)) == ("second", numbers(0, 90))


def test_a_bundle_that_arrived_before_its_job_failed_is_not_sent_again(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.collect(job)
    house.seal(job)
    house.journal.volumes.note_verified(job.id, 1, resumed=0, level=Level.SERVER_SHA256)
    house.fail(job, JobState.SENDING)
    assert house.claim() == []


@pytest.mark.parametrize("back_to", [JobState.COLLECTING, JobState.SENDING])
def test_a_failed_job_that_is_tried_again_leaves_out_what_the_other_rule_has_sent(
    house: House, back_to: JobState
) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.collect(job)
    if back_to is JobState.SENDING:
        house.seal(job)
    house.fail(job, back_to)
    (second,) = house.claim()
    house.ship(second)
    assert house.journal.try_again(job.id, before=JobState.FAILED, after=back_to)
    again = house.journal.job(job.id)
    assert again is not None
    assert (again.state, house.ship(again)) == (JobState.COLLECTING, [])
    (file,) = house.journal.files(job.id)
    assert (file.kind, file.reason) == ("duplicate", "Rule second has taken up the same for this case.")


def test_a_failed_job_that_nobody_took_over_goes_on_with_its_sealed_bundle(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.collect(job)
    house.seal(job)
    house.fail(job, JobState.SENDING)
    house.journal.try_again(job.id, before=JobState.FAILED, after=JobState.SENDING)
    (volume,) = house.journal.volumes.of(job.id)
    again = house.journal.job(job.id)
    assert again is not None
    assert (again.state, volume.sealed) == (JobState.SENDING, True)


def test_of_a_log_that_grows_the_other_rule_sends_what_was_added(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    house.again(house.rules[1])
    house.write("sips_a.log.1", 90, 5)
    (second,) = house.claim()
    assert (second.source, house.ship(second)) == ("second", numbers(90, 5))


def test_of_a_log_that_grew_the_other_rule_sends_all_when_its_beginning_failed(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.fail(job)
    house.again(house.rules[1])
    house.write("sips_a.log.1", 90, 5)
    (second,) = house.claim()
    assert house.ship(second) == numbers(0, 95)


def test_a_copy_that_comes_back_is_not_sent_by_the_other_rule(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    house.again(house.rules[1])
    shutil.copyfile(house.logs / "sips_a.log.1", house.logs / "sips_a.log.2")
    assert [house.ship(job) for job in house.claim()] == [[]]


def test_a_copy_that_comes_back_is_known_when_its_job_is_forgotten(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    late = utc_now() + KEPT + timedelta(days=1)
    pruning = Pruning(house.journal.ended, lambda _traces: (), lambda _jobs: None, (), wall=lambda: late)
    assert pruning.look() == 1
    house.again(house.rules[1])
    assert [house.ship(job) for job in house.claim()] == [[]]


def test_what_is_in_the_case_is_not_kept_for_the_other_rule(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    (segment,) = house.ruling.closed()
    assert [rule.name for rule in house.ruling.rules_for(segment)] == ["first"]
    house.ship(job)
    assert not house.ruling.wants(segment)


def test_two_that_claim_at_once_make_one_job(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    twin = replace(job, id="twin", source="second")
    files = [replace(file, job="twin") for file in house.journal.files(job.id)]
    assert not house.journal.create(twin, files)


def test_what_support_asks_for_is_sent_whoever_has_sent_it(house: House) -> None:
    house.write("sips_a.log.1", 0)
    (job,) = house.claim()
    house.ship(job)
    asked = replace(job, id="asked", source="request-1", state=JobState.COLLECTING)
    files = [replace(file, job="asked") for file in house.journal.files(job.id)]
    files = [
        replace(file, state=FileState.WAITING, raw_sha256="", volume=0, report=None, masked_by="")
        for file in files
    ]
    assert house.journal.create(asked, files)
    assert house.ship(asked) == numbers(0, 90)
