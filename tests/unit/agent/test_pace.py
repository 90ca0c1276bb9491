"""How fast an agent sends: the configuration first, then what a person set, kept over restarts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from agent.jobs import TransferPace
from app.agentlink import LendAsk, LimitHours, LimitsFrom, TransferLimits
from app.domain.errors import InputError, LocalError, RefusedError
from tests.peers.fake_pace import FakePace

CONFIGURED = TransferLimits(rate=1000, connections=4)
OTHER = TransferLimits(rate=None, hours=[LimitHours([0, 6], "22:00", "06:00", 0)], connections=8)


def pace(folder: Path, *, fixed: bool = False) -> TransferPace:
    return TransferPace(folder / "limits.json", configured=CONFIGURED, fixed=fixed)


def test_the_configuration_counts_until_a_person_says_otherwise(tmp_path: Path) -> None:
    shown = pace(tmp_path).shown()
    assert (shown.limits, shown.set_by, shown.rate_now) == (CONFIGURED, LimitsFrom.CONFIGURATION, 1000)


def test_what_a_person_set_counts_at_once_and_after_a_restart(tmp_path: Path) -> None:
    first = pace(tmp_path)
    assert first.set(OTHER).set_by is LimitsFrom.PERSON
    assert first.limiter.limits.hours[0].rate == 0
    second = pace(tmp_path)
    assert (second.shown().limits, second.connections) == (OTHER, 8)


def test_the_configurations_limits_come_back(tmp_path: Path) -> None:
    first = pace(tmp_path)
    first.set(OTHER)
    assert first.reset().limits == CONFIGURED
    assert first.limiter.rate_now() == 1000
    assert pace(tmp_path).shown().set_by is LimitsFrom.CONFIGURATION


def test_a_fixed_configuration_is_not_changed_nor_what_was_set_before_it_looked_at(tmp_path: Path) -> None:
    pace(tmp_path).set(OTHER)
    fixed = pace(tmp_path, fixed=True)
    assert fixed.shown().limits == CONFIGURED
    with pytest.raises(RefusedError) as caught:
        fixed.set(OTHER)
    assert caught.value.code == "CF-1295"


@pytest.mark.parametrize(
    "limits",
    [
        replace(OTHER, rate=-1),
        replace(OTHER, connections=0),
        replace(OTHER, connections=17),
        replace(OTHER, hours=[LimitHours([7], "08:00", "18:00", 1)]),
        replace(OTHER, hours=[LimitHours([], "08:00", "18:00", 1)]),
        replace(OTHER, hours=[LimitHours([1], "8 am", "18:00", 1)]),
        replace(OTHER, hours=[LimitHours([1], "08:00", "18:00", -5)]),
        replace(OTHER, hours=[LimitHours([1], "08:00", "18:00", 1)] * 169),
    ],
)
def test_a_limit_that_is_not_right_changes_nothing(tmp_path: Path, limits: TransferLimits) -> None:
    held = pace(tmp_path)
    with pytest.raises(InputError) as caught:
        held.set(limits)
    assert caught.value.code == "CF-1188"
    assert held.shown().limits == CONFIGURED
    assert not (tmp_path / "limits.json").exists()


@pytest.mark.parametrize("content", [b"{", b'{"rate": "x"}', b'{"connections": 99}'])
def test_damaged_limits_are_said_and_not_passed_over(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "limits.json").write_bytes(content)
    with pytest.raises(LocalError) as caught:
        pace(tmp_path)
    assert caught.value.code == "CF-1886"


def test_without_a_limit_nothing_is_counted(tmp_path: Path) -> None:
    free = TransferPace(tmp_path / "limits.json", configured=TransferLimits(), fixed=False)
    assert free.lend(LendAsk(bytes=10, who="desktop")).bytes is None


def test_what_was_lent_is_not_said_to_be_the_agents_own(tmp_path: Path) -> None:
    fast = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=10**9), fixed=False)
    assert fast.lend(LendAsk(bytes=1000, who="desktop")).bytes == 1000
    assert (fast.limiter.moved, fast.shown().moved) == (1000, 0)


def test_no_more_is_lent_at_once_than_a_quarter_of_a_second(tmp_path: Path) -> None:
    fast = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=10**9), fixed=False)
    assert fast.lend(LendAsk(bytes=10**12, who="desktop")).bytes == 10**9 // 4


def test_where_nothing_may_move_nothing_is_lent_and_that_is_said_after_a_second(tmp_path: Path) -> None:
    time = FakePace(alone=True)
    began = time.now()
    closed = TransferPace(tmp_path / "limits.json", configured=TransferLimits(rate=0), fixed=False, pace=time)
    assert closed.lend(LendAsk(bytes=10, who="desktop")).bytes == 0
    assert closed.limiter.moved == 0
    assert 1.0 <= time.now() - began < 2.0


@pytest.mark.parametrize("ask", [LendAsk(0, "x"), LendAsk(-1, "x"), LendAsk(1, ""), LendAsk(1, "x" * 65)])
def test_what_cannot_be_lent_is_refused(tmp_path: Path, ask: LendAsk) -> None:
    with pytest.raises(InputError) as caught:
        pace(tmp_path).lend(ask)
    assert caught.value.code == "CF-1188"
