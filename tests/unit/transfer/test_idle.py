"""Whether others use the machine: decided from counters, and our own part does not count."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from app.transfer import Idleness, Limiter, Limits
from app.transfer.idle import QUIET_FOR, Reading, ThisMachine, others_at_work
from tests.peers.fake_pace import FakePace

START = Reading(at=100.0, busy=50.0, own=5.0, link=10**9, moved=10**8, processors=4)


def later(
    *, seconds: float = 1.0, busy: float = 0.0, own: float = 0.0, link: int = 0, moved: int = 0
) -> Reading:
    assert START.busy is not None
    assert START.link is not None
    return replace(
        START,
        at=START.at + seconds,
        busy=START.busy + busy,
        own=START.own + own,
        link=START.link + link,
        moved=START.moved + moved,
    )


@pytest.mark.parametrize(
    ("now", "used"),
    [
        (later(), False),
        (later(busy=1.9), False),
        (later(busy=2.1), True),
        (later(busy=3.9, own=3.5), False),
        (later(link=200_000), False),
        (later(link=300_000), True),
        (later(link=10_500_000, moved=10_000_000), False),
        (later(link=15_000_000, moved=10_000_000), True),
        (replace(later(link=300_000), link=None), False),
        (replace(later(busy=4), busy=None), False),
    ],
)
def test_only_what_others_do_counts(now: Reading, used: bool) -> None:
    assert others_at_work(START, now) is used


class Script:
    """A machine whose link others use at the seconds that are named."""

    def __init__(self, *, used: set[int]) -> None:
        self.used, self.second, self.link = used, 0, 0

    def read(self, moved: int) -> Reading:
        self.second += 1
        self.link += 10**6 if self.second in self.used else 0
        return Reading(at=float(self.second), busy=0.0, own=0.0, link=self.link, moved=moved, processors=1)


def test_a_machine_is_idle_once_it_was_left_alone_for_ten_seconds() -> None:
    idle = Idleness(moved=lambda: 0, machine=Script(used={5}))
    assert [idle() for _ in range(20)].index(True) == 14


def test_a_machine_that_is_used_is_not_idle_at_once() -> None:
    idle = Idleness(moved=lambda: 0, machine=Script(used={15}))
    seen = [idle() for _ in range(15)]
    assert (seen[13], seen[14]) == (True, False)


def test_a_transfer_goes_on_once_the_machine_is_idle_again() -> None:
    pace = FakePace(alone=True)
    used = (pace.now() + 30, pace.now() + 50)

    class InUse:
        """Others move much over its link, between two moments."""

        def read(self, moved: int) -> Reading:
            at = pace.now()
            others = 10**7 * (min(max(at, used[0]), used[1]) - used[0])
            return Reading(at=at, busy=0.0, own=0.0, link=moved + int(others), moved=moved, processors=1)

    limiter = Limiter(
        Limits(only_idle=True),
        pace=pace,
        idle=Idleness(moved=lambda: limiter.moved, machine=InUse()),
    )
    flow = limiter.flow()
    flow.take(1, going=lambda: None)
    opened = pace.now()
    pace.seconds = used[0] + 3
    assert flow.closed
    flow.take(1, going=lambda: None)
    assert opened - 1000 == pytest.approx(QUIET_FOR, abs=2)
    assert pace.now() - used[1] == pytest.approx(QUIET_FOR, abs=2)


@pytest.mark.skipif(sys.platform != "linux", reason="the counters of Linux")
def test_the_counters_of_this_machine_can_be_read() -> None:
    reading = ThisMachine().read(7)
    assert reading.busy is not None
    assert reading.busy > 0
    assert reading.link is not None
    assert reading.moved == 7
