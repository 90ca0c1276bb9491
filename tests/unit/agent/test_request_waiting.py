"""A person is asked for eight hours, whatever is done to the clock of the machine meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent.requests import RequestState, lasting_clock
from app.domain.errors import RefusedError
from app.portal.contract import LogRequestView
from tests.peers.request_hall import NOW, RequestHall


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[RequestHall]:
    """Without rules: a person is asked."""
    made = RequestHall(tmp_path)
    yield made
    made.close()


def state_after(hall: RequestHall, **passed: float) -> RequestState:
    hall.now += timedelta(**passed)
    hall.turn()
    return hall.row().state


@pytest.mark.parametrize("hours", [-30, -1, 1, 9])
def test_a_clock_that_is_set_makes_eight_hours_neither_shorter_nor_longer(
    hall: RequestHall, hours: int
) -> None:
    hall.take()
    hall.set_clock(hours=hours)
    assert state_after(hall, hours=7, minutes=59) is RequestState.WAITING
    assert state_after(hall, minutes=1) is RequestState.EXPIRED


def test_a_yes_after_eight_hours_is_too_late_also_when_the_clock_was_set_back(hall: RequestHall) -> None:
    hall.take()
    hall.set_clock(hours=-5)
    hall.now += timedelta(hours=8)
    with pytest.raises(RefusedError, match="CF-1284"):
        hall.desk.allow("lr-1")


def test_a_restart_goes_on_with_the_step_that_was_seen(hall: RequestHall) -> None:
    hall.take()
    hall.set_clock(hours=9)
    hall.turn()
    hall.kill()
    assert state_after(hall, hours=7, minutes=59) is RequestState.WAITING
    assert state_after(hall, minutes=1) is RequestState.EXPIRED


def test_a_request_that_comes_right_after_a_step_is_not_shifted_by_it(hall: RequestHall) -> None:
    hall.set_clock(hours=3)
    row = hall.take()
    hall.turn()
    assert (row.received, hall.row().shifted) == (NOW + timedelta(hours=3), timedelta())


def test_what_people_are_shown_goes_with_the_clock(hall: RequestHall) -> None:
    hall.take()
    hall.set_clock(hours=2)
    hall.turn()
    (shown,) = hall.counter().requests().requests
    assert shown.decide_until == NOW + timedelta(hours=10)


def test_who_is_asked_anew_has_eight_hours_from_then_on(hall: RequestHall) -> None:
    hall.take("lr-1", "*")
    hall.portal.away = True
    hall.desk.allow("lr-1")
    hall.add("gvp_a", count=10)
    hall.now += timedelta(hours=9)
    hall.portal.away = False
    assert state_after(hall) is RequestState.WAITING
    (shown,) = hall.counter().requests().requests
    assert shown.decide_until == hall.now + timedelta(hours=8)
    assert state_after(hall, hours=7, minutes=59) is RequestState.WAITING
    assert state_after(hall, minutes=1) is RequestState.EXPIRED


@pytest.mark.parametrize("hours", [2, -2])
def test_a_clock_that_is_set_just_before_it_is_asked_anew_makes_that_time_no_other(
    hall: RequestHall, hours: int
) -> None:
    hall.take("lr-1", "*")
    hall.desk.allow("lr-1")
    hall.add("gvp_a", count=10)
    shows = hall.portal.log_request

    def while_the_clock_is_set(request: str) -> LogRequestView:
        hall.set_clock(hours=hours)
        return shows(request)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hall.portal, "log_request", while_the_clock_is_set)
        hall.desk.collect()
    hall.desk.expire()
    (shown,) = hall.counter().requests().requests
    assert shown.decide_until == hall.now + timedelta(hours=8)


def test_nothing_waits_longer_than_to_the_own_end_of_its_request(hall: RequestHall) -> None:
    hall.take(expires=NOW + timedelta(hours=2))
    hall.set_clock(hours=2)
    assert state_after(hall) is RequestState.EXPIRED


@pytest.mark.parametrize(("system", "name"), [("linux", "CLOCK_BOOTTIME"), ("darwin", "CLOCK_MONOTONIC")])
def test_the_time_for_which_a_machine_sleeps_counts(system: str, name: str) -> None:
    number = getattr(time, name, None)
    if number is None:
        assert lasting_clock(system) is time.monotonic
    else:
        assert lasting_clock(system)() == pytest.approx(time.clock_gettime(number), abs=60)


def test_windows_counts_it_by_itself() -> None:
    assert lasting_clock("win32") is time.monotonic
