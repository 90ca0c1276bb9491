"""State that was damaged while the agent was off: it is kept, told, and nothing is sent twice."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.audit import AuditEvent, AuditTrail, EventKind, Fact, check_trail
from agent.jobs import UNKNOWN_IF_SENT
from agent.service.mending import BESIDE, LOST_WITH, mend_state, set_aside_in
from agent.watch import scan_folder
from app.agentlink import JobState
from app.domain.errors import LocalError
from app.storage import is_sound, set_aside
from tests.conftest import ExpectedLogs
from tests.peers.damage import DAMAGES
from tests.peers.rotating_site import RotatingSite
from tests.peers.shipping_line import ShippingLine, line, site

__all__ = ["line", "site"]

KEY = bytes(32)


@pytest.fixture
def shipped(line: ShippingLine, site: RotatingSite, expected_logs: ExpectedLogs) -> Iterator[RotatingSite]:
    """A log that was sent, and told of in the trail; then the agent ended."""
    for room in ("agent.service.mending", "agent.catalogue.mending", "agent.audit.trail"):
        expected_logs(room)
    site.write(count=200)
    site.pause()
    site.rename("a.log", "a.log.1")
    site.write(count=20)
    line.settle()
    assert line.lines()
    record(line, EventKind.SENDING, files=[sent_of(site.path("a.log.1"))])
    line.kill()
    yield site
    line.catalogue.close()


def record(line: ShippingLine, kind: EventKind, event: str = "job/1/sending", **facts: Fact) -> None:
    trail = AuditTrail(line.data, KEY)
    trail.append(AuditEvent(event, kind, "rule all", facts=facts))
    trail.close()


def sent_of(path: Path) -> dict[str, Fact]:
    """As the trail tells of a file in a bundle."""
    content = path.read_bytes()
    return {"raw_size": len(content), "raw_sha256": hashlib.sha256(content).hexdigest()}


def mend(line: ShippingLine) -> list[str]:
    aside = mend_state(line.data, wall=lambda: datetime.now(UTC))
    return [path.name.partition(".damaged-")[0] for path in aside]


def states(line: ShippingLine) -> list[JobState]:
    return [job.state for job in line.journal.jobs()]


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_its_journal_the_agent_sends_nothing_of_before_and_says_why(
    line: ShippingLine, shipped: RotatingSite, damage: str
) -> None:
    before = line.lines()
    DAMAGES[damage](line.data / "journal.db")
    assert mend(line) == ["journal.db"]
    line.start()
    line.settle()
    (job,) = line.journal.jobs()
    assert line.lines() == before
    assert job.state is JobState.FAILED
    assert job.problem is not None
    assert job.problem.code == UNKNOWN_IF_SENT


def test_what_is_written_after_the_loss_of_the_journal_is_sent(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    line.start()
    line.settle()
    fresh = shipped.write("b.log", count=100)
    shipped.pause()
    shipped.rename("b.log", "b.log.1")
    line.settle()
    assert set(fresh) <= set(line.lines())
    assert sorted(states(line)) == [JobState.FAILED, JobState.VERIFIED]


def test_a_log_that_grew_meanwhile_is_sent_when_nothing_of_it_was_sent_before(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    line.start()
    fresh = shipped.write("a.log", count=30)
    shipped.rename("a.log", "a.log.0")
    line.settle()
    assert set(fresh) <= set(line.lines())


def test_a_log_that_grew_on_after_it_was_sent_waits_for_a_person(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    before = line.lines()
    shipped.write("a.log.1", count=30)
    line.start()
    line.catalogue.observe(scan_folder(line.folder))
    line.kill()
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    line.start()
    line.settle()
    assert (line.lines(), states(line)) == (before, [JobState.FAILED])


def test_what_a_person_tries_again_is_sent(line: ShippingLine, shipped: RotatingSite) -> None:
    line.delivered.clear()
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    line.start()
    line.settle()
    (job,) = line.journal.jobs()
    assert job.back_to is JobState.COLLECTING
    line.journal.move(job.id, before=[JobState.FAILED], after=JobState.COLLECTING)
    line.settle()
    assert sorted(line.lines()) == sorted(shipped.must[:200])


def test_a_journal_that_was_deleted_is_lost_as_well(line: ShippingLine, shipped: RotatingSite) -> None:
    before = line.lines()
    (line.data / "journal.db").unlink()
    mend(line)
    line.start()
    line.settle()
    assert line.lines() == before


def test_where_nothing_was_ever_sent_a_new_journal_sends_everything(
    line: ShippingLine, site: RotatingSite, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.service.mending")
    site.write(count=200)
    line.look()
    record(line, EventKind.CREATED, "job/1/created")
    line.kill()
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    line.start()
    site.rename("a.log", "a.log.1")
    site.pause()
    assert sorted(line.lines()) == sorted(site.must)


def test_a_journal_that_was_only_begun_is_not_lost(line: ShippingLine, site: RotatingSite) -> None:
    site.write(count=200)
    line.look()
    line.kill()
    DAMAGES["emptied"](line.data / "journal.db")
    assert mend(line) == []
    line.start()
    site.rename("a.log", "a.log.1")
    site.pause()
    assert sorted(line.lines()) == sorted(site.must)
    assert set_aside_in(line.data) == []


def test_a_loss_is_not_forgotten_when_the_trail_is_gone_and_setting_aside_was_cut_short(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    before = line.lines()
    shutil.rmtree(line.data / "audit")
    set_aside(line.data / "journal.db", at=datetime.now(UTC))
    mend(line)
    line.start()
    line.settle()
    assert (line.lines(), states(line)) == (before, [JobState.FAILED])


def test_without_journal_and_catalogue_nothing_of_before_is_sent(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    before = line.lines()
    for name in ("journal.db", "catalogue.db"):
        DAMAGES["header"](line.data / name)
    assert mend(line) == ["journal.db", "catalogue.db"]
    line.start()
    line.settle()
    assert (line.lines(), states(line)) == (before, [JobState.FAILED])


def test_a_catalogue_that_is_lost_after_the_journal_sends_nothing_of_before(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    before = line.lines()
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    DAMAGES["header"](line.data / "catalogue.db")
    mend(line)
    line.start()
    line.settle()
    assert (line.lines(), states(line)) == (before, [JobState.FAILED])


def test_bundles_of_jobs_that_nobody_knows_are_kept(line: ShippingLine, shipped: RotatingSite) -> None:
    folder = line.data / "spool" / "0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "000001.masked").write_bytes(b"masked")
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    (kept,) = line.data.glob("spool.damaged-*Z/0123456789abcdef/000001.masked")
    assert kept.read_bytes() == b"masked"


def test_what_was_kept_of_growing_logs_is_set_aside_with_its_ledger(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    before = list((line.data / "spool" / "kept").iterdir())
    assert before
    DAMAGES["header"](line.data / "kept.db")
    assert mend(line) == ["kept.db"]
    names = sorted(path.name for path in line.data.glob("kept.damaged-*Z/*"))
    assert names == sorted(path.name for path in before)


def test_a_new_ledger_never_uses_a_number_of_before(line: ShippingLine, shipped: RotatingSite) -> None:
    DAMAGES["header"](line.data / "kept.db")
    mend(line)
    line.start()
    shipped.write(count=50)
    line.settle()
    assert min(line.ledger.numbers()) > 1_000_000


@pytest.mark.parametrize("name", ["transfers.db", "rules.db", "requests.db", "alarms.db"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_database_is_kept_and_told(
    line: ShippingLine, shipped: RotatingSite, name: str, damage: str
) -> None:
    path = line.data / name
    path.write_bytes((line.data / "journal.db").read_bytes())
    DAMAGES[damage](path)
    content = path.read_bytes()
    assert mend(line) == [name]
    ((aside, told),) = set_aside_in(line.data)
    assert (aside.read_bytes(), told) == (content, LOST_WITH[name])
    assert not path.exists()


def test_of_each_database_the_last_three_that_were_damaged_are_kept(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.service.mending")
    for _ in range(5):
        (tmp_path / "rules.db").write_bytes(b"damaged")
        mend_state(tmp_path)
    assert len(set_aside_in(tmp_path)) == 3


def test_what_was_damaged_just_now_is_kept_also_by_a_clock_that_was_set_back(
    tmp_path: Path, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.service.mending")
    for day in range(1, 4):
        (tmp_path / f"rules.db.damaged-2031010{day}T000000.000000Z").write_bytes(b"before")
    (tmp_path / "rules.db").write_bytes(b"damaged")
    (aside,) = mend_state(tmp_path)
    mend_state(tmp_path)
    assert aside.read_bytes() == b"damaged"
    assert len(set_aside_in(tmp_path)) == 3


@pytest.mark.parametrize("name", BESIDE)
def test_a_folder_that_was_set_aside_is_told_and_stays(tmp_path: Path, name: str) -> None:
    asides = [tmp_path / f"{name}.damaged-2026112{day}T030000.000000Z" for day in range(5)]
    for aside in asides:
        aside.mkdir()
    mend_state(tmp_path)
    assert set_aside_in(tmp_path) == [(aside, BESIDE[name]) for aside in asides]


def test_the_chain_of_a_trail_whose_index_is_damaged_stays_proven(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    DAMAGES["header"](line.data / "audit.db")
    report = check_trail(line.data, key=KEY)
    assert (report.records, [each.what for each in report.breaks]) == (
        1,
        ["which record is the last one is not known: audit.db is missing or damaged."],
    )


def test_a_new_index_goes_on_with_the_chain_and_says_that_it_is_new(
    line: ShippingLine, shipped: RotatingSite
) -> None:
    DAMAGES["header"](line.data / "audit.db")
    assert mend(line) == ["audit.db"]
    record(line, EventKind.SENDING)
    record(line, EventKind.SENT, "job/1/sent")
    report = check_trail(line.data, key=KEY)
    assert (report.records, report.breaks) == (3, ())


def test_the_catalogue_is_looked_through_once_also_after_a_loss_of_the_journal(
    line: ShippingLine, shipped: RotatingSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    DAMAGES["header"](line.data / "journal.db")
    mend(line)
    looked: list[str] = []

    def look(path: Path) -> bool:
        looked.append(path.name)
        return is_sound(path)

    for room in ("service", "catalogue"):
        monkeypatch.setattr(f"agent.{room}.mending.is_sound", look)
    mend(line)
    assert looked.count("catalogue.db") == 1


def test_sound_state_is_left_alone(line: ShippingLine, shipped: RotatingSite) -> None:
    before = line.lines()
    assert mend(line) == []
    line.start()
    line.settle()
    assert line.lines() == before
    assert set_aside_in(line.data) == []


def test_a_ledger_that_was_begun_and_cannot_take_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "kept.db.new").mkdir()
    (tmp_path / "kept.db").symlink_to("nowhere")
    with pytest.raises(LocalError) as caught:
        mend_state(tmp_path)
    assert caught.value.code == "CF-1803"


@pytest.mark.parametrize("name", ["kept.db", "journal.db"])
def test_what_is_in_the_way_of_a_new_database_is_told(
    line: ShippingLine, shipped: RotatingSite, name: str
) -> None:
    DAMAGES["header"](line.data / name)
    (line.data / f"{name}.new" / "in the way").mkdir(parents=True)
    with pytest.raises(LocalError) as caught:
        mend(line)
    assert (caught.value.code, name in caught.value.happened) == ("CF-1803", True)
