"""How the agent keeps out of the host's way while it prepares jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.jobs import DROP, JobJournal, JobRow, Kindness, Manners, Workshop
from agent.jobs.kindness import WHILE_BUSY, rest_for, used_by_others
from agent.service.config import read_config
from app.agentlink import JobState, Via
from app.domain.errors import InputError
from app.transfer import parse_hours
from app.transfer.idle import Reading

TUESDAY = datetime(2026, 11, 24, 12, 0)  # noqa: DTZ001 - local time
SHARES = st.floats(0.05, 4.0)
SECONDS = st.floats(0.0, 1.0)


@given(SECONDS, SECONDS, SHARES)
def test_after_the_rest_no_more_was_used_than_allowed(cpu: float, wall: float, limit: float) -> None:
    rest = rest_for(cpu=cpu, wall=wall, limit=limit)
    assert rest >= 0
    if rest < 2.0:
        assert cpu <= limit * (wall + rest) + 1e-9


def reading(at: float, *, busy: float | None, own: float = 0.0, processors: int = 2) -> Reading:
    return Reading(at=at, busy=busy, own=own, link=None, moved=0, processors=processors)


def test_our_own_work_is_not_that_of_others() -> None:
    before, now = reading(0, busy=10), reading(10, busy=25, own=10)
    assert used_by_others(before, now) == pytest.approx(0.25)
    assert used_by_others(before, reading(10, busy=None)) is None
    assert used_by_others(now, now) is None


class Machine:
    """A host whose others use so many processors, and a clock that only work and rests move."""

    def __init__(self, others: float = 0.0) -> None:
        self.others, self.now, self.cpu, self.busy = others, 0.0, 0.0, 0.0
        self.rests = 0.0

    def read(self, _moved: int) -> Reading:
        return reading(self.now, busy=self.busy + self.cpu, own=self.cpu)

    def work(self, seconds: float) -> None:
        self.now, self.cpu = self.now + seconds, self.cpu + seconds
        self.busy += seconds * self.others

    def rest(self, seconds: float) -> None:
        self.now, self.rests = self.now + seconds, self.rests + seconds
        self.busy += seconds * self.others


def used(manners: Manners, machine: Machine, *, stretch: float = 0.02) -> float:
    """The share of a processor over a minute, in stretches of so many seconds of work."""
    kindness = Kindness(
        manners, machine=machine, clock=lambda: machine.now, cpu=lambda: machine.cpu, rest=machine.rest
    )
    while machine.now < 60:
        machine.work(stretch)
        kindness.breathe()
    return machine.cpu / machine.now


@pytest.mark.parametrize("limit", [0.25, 0.5])
def test_no_more_than_the_limit_is_used(limit: float) -> None:
    assert used(Manners(cpu=limit), Machine()) == pytest.approx(limit, rel=0.1)


@pytest.mark.parametrize("limit", [0.1, 0.25])
def test_a_limit_holds_for_stretches_that_want_long_rests(limit: float) -> None:
    assert used(Manners(cpu=limit), Machine(), stretch=1.0) == pytest.approx(limit, rel=0.01)


@pytest.mark.parametrize(("cpu", "threads"), [(0.5, 1), (1.0, 1), (1.5, 2), (None, 2)])
def test_two_threads_mask_one_file_where_more_than_one_processor_may_be_used(
    cpu: float | None, threads: int
) -> None:
    assert Manners(cpu=cpu).threads() == threads


def test_without_a_limit_there_is_no_rest_on_a_calm_host() -> None:
    machine = Machine(others=1.0)
    used(Manners(cpu=None, busy=0.75), machine)
    assert machine.rests == 0


def test_on_a_busy_host_little_is_used() -> None:
    assert used(Manners(cpu=None, busy=0.75), Machine(others=1.9)) == pytest.approx(WHILE_BUSY, abs=0.05)
    assert used(Manners(cpu=None, busy=None), Machine(others=1.9)) == pytest.approx(1.0)


def test_an_agent_that_stops_does_not_rest() -> None:
    machine = Machine()
    kindness = Kindness(
        Manners(cpu=0.01), clock=lambda: machine.now, cpu=lambda: machine.cpu, rest=machine.rest
    )
    kindness.stop()
    machine.work(1.0)
    kindness.breathe()
    assert machine.rests == 0


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[JobJournal]:
    made = JobJournal(tmp_path / "journal.db")
    yield made
    made.close()


def job(number: str, *, source: str = "all", state: JobState = JobState.COLLECTING) -> JobRow:
    now = TUESDAY.astimezone()
    return JobRow(number, "0003256109", source, Via.HTTPS, state, f"{number}.zip", now, now)


def test_outside_its_hours_a_rule_waits_and_a_person_does_not(journal: JobJournal) -> None:
    rows = [job("rule"), job("drop", source=DROP), job("sends", state=JobState.SENDING)]
    for row in rows:
        journal.create(row, [])

    def held(*hours: str) -> list[str]:
        manners = Manners(hours=[parse_hours(f"{each} none") for each in hours])
        workshop = Workshop(
            cast(Any, SimpleNamespace(journal=journal)),
            changed=lambda _job: None,
            wall=TUESDAY.astimezone,
            kindness=Kindness(manners),
        )
        first = workshop._first(frozenset({JobState.COLLECTING}), TUESDAY.astimezone())
        assert first is not None
        assert first.id == "drop"
        return [row.id for row in rows if workshop.holds_back(row)]

    assert held("mon-fri 18:00-07:00", "sat,sun 00:00-24:00") == ["rule"]
    assert held("tue 11:00-13:00") == []
    assert held() == []


HEAD = """
[agent]
data = "data"
[portal]
url = "https://portal.example/"
"""


def config(folder: Path, table: str) -> Path:
    path = folder / "agent.toml"
    path.write_text(f"{HEAD}[jobs]\n{table}\n", encoding="utf-8")
    return path


def test_the_table_is_read(tmp_path: Path) -> None:
    jobs = read_config(
        config(
            tmp_path,
            'spool = "1.5GB"\nvolume = "8MB"\ncpu = 50\nbusy = 0\nnice = false\nhours = ["sat 20:00-24:00"]',
        )
    ).jobs
    assert (jobs.spool, jobs.volume) == (1_500_000_000, 8_000_000)
    assert (jobs.manners.cpu, jobs.manners.busy, jobs.manners.nice) == (0.5, None, False)
    assert [each.days for each in jobs.manners.hours] == [frozenset({5})]


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('spool = "many"', "spool"),
        ('volume = "0.01MB"', "volume"),
        ("cpu = -1", "cpu"),
        ("busy = 101", "busy"),
        ('hours = ["mon-fri 18:00-07:00 2MB/s"]', "hours"),
        ('hours = ["someday 18:00-07:00"]', "hours"),
    ],
)
def test_a_mistake_is_answered_with_its_line(tmp_path: Path, line: str, field: str) -> None:
    with pytest.raises(InputError) as caught:
        read_config(config(tmp_path, line))
    assert "line 7" in caught.value.happened
    assert field in caught.value.happened
