"""The pulse of an agent: ten minutes at a time, over restarts, for a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.service.pulse import Pulse

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Machine:
    """Clocks that a test moves."""

    def __init__(self) -> None:
        self.now = NOON
        self.ticks = 100.0
        self.used = 5.0

    def pass_by(self, span: timedelta, *, cpu: float = 0.0) -> None:
        self.now += span
        self.ticks += span.total_seconds()
        self.used += cpu * span.total_seconds()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def pulse(machine: Machine, folder: Path) -> Pulse:
    return Pulse(
        folder / "pulse.json",
        wall=lambda: machine.now,
        ticks=lambda: machine.ticks,
        used=lambda: machine.used,
    )


def test_the_first_beat_is_due_at_once_and_the_next_one_later(machine: Machine, tmp_path: Path) -> None:
    found = pulse(machine, tmp_path)
    assert found.due()
    found.beat(warned=False, queue=0)
    assert not found.due()
    machine.pass_by(MINUTE)
    assert found.due()


def test_ten_minutes_tell_the_worst_and_the_most(machine: Machine, tmp_path: Path) -> None:
    found = pulse(machine, tmp_path)
    for warned, queue in ((False, 10), (True, 30), (False, 20)):
        found.beat(warned=warned, queue=queue)
        machine.pass_by(MINUTE, cpu=0.5)
    (beat,) = found.beats()
    assert (beat.at, beat.warned, beat.queue) == (NOON, True, 30)
    assert beat.cpu == pytest.approx(0.5)
    assert found.cpu == pytest.approx(0.5)


def test_a_restart_forgets_nothing_and_leaves_a_gap(machine: Machine, tmp_path: Path) -> None:
    pulse(machine, tmp_path).beat(warned=False, queue=1)
    machine.pass_by(40 * MINUTE)
    again = pulse(machine, tmp_path)
    assert again.cpu is None
    again.beat(warned=False, queue=2)
    assert [(beat.at, beat.queue) for beat in again.beats()] == [(NOON, 1), (NOON + 40 * MINUTE, 2)]
    assert again.since == NOON


def test_a_day_is_kept(machine: Machine, tmp_path: Path) -> None:
    found = pulse(machine, tmp_path)
    for _ in range(200):
        found.beat(warned=False, queue=0)
        machine.pass_by(10 * MINUTE)
    beats = found.beats()
    assert len(beats) == 143, "the present ten minutes have no beat yet"
    assert beats[0].at > machine.now - timedelta(days=1)


def test_a_file_that_is_damaged_is_begun_anew(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "pulse.json").write_bytes(b"{torn")
    found = pulse(machine, tmp_path)
    assert found.beats() == []
    found.beat(warned=False, queue=0)
    assert len(pulse(machine, tmp_path).beats()) == 1


def test_a_folder_that_is_not_there_stops_nobody(machine: Machine, tmp_path: Path) -> None:
    found = pulse(machine, tmp_path / "gone")
    found.beat(warned=True, queue=7)
    assert [beat.queue for beat in found.beats()] == [7]
