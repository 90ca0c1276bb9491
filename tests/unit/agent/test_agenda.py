"""When which look is due: nothing here reads a clock or a disk."""

from __future__ import annotations

import ctypes
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.watch.agenda import Agenda, Look, LookKind, Tiers, slow_share
from agent.watch.budget import Budget
from agent.watch.clocks import ClockWatch, awake_clock

LOCAL = Tiers.of(full=60.0, share=False)
SHARE = Tiers.of(full=60.0, share=True)


def at_rest(tiers: Tiers = LOCAL, *, now: float = 1000.0) -> Agenda:
    """An agenda after its first full scan, which ended now."""
    agenda = Agenda(tiers)
    look = agenda.take(now - 0.5)
    assert isinstance(look, Look)
    assert look.kind is LookKind.FULL
    agenda.done(look, began=now - 0.5, ended=now)
    return agenda


def kinds(agenda: Agenda, *, since: float, until: float) -> list[tuple[LookKind, float]]:
    """The looks of this time, each taking no time."""
    found = []
    now = since
    while now < until:
        due = agenda.take(now)
        if isinstance(due, Look):
            found.append((due.kind, now))
            agenda.done(due, began=now, ended=now)
        else:
            assert due > 0
            now += due
    return found


def test_hot_files_directories_and_everything_have_their_own_periods() -> None:
    found = kinds(at_rest(), since=1000.0, until=1121.0)
    count = {kind: sum(1 for each, _ in found if each is kind) for kind in LookKind}
    assert count[LookKind.FULL] == 2
    assert 9 <= count[LookKind.DIRECTORIES] <= 12
    assert 115 <= count[LookKind.HOT] <= 123


def test_without_hints_everything_is_looked_at_within_65_seconds() -> None:
    full = [at for kind, at in kinds(at_rest(), since=1000.0, until=2000.0) if kind is LookKind.FULL]
    assert max(b - a for a, b in zip([1000.0, *full], full, strict=False)) <= 65.0


def test_a_full_scan_that_took_long_is_followed_by_the_next_one_in_time() -> None:
    agenda = Agenda(LOCAL)
    look = agenda.take(1000.0)
    assert isinstance(look, Look)
    agenda.done(look, began=1000.0, ended=1040.0)
    full = [at for kind, at in kinds(agenda, since=1040.0, until=1080.0) if kind is LookKind.FULL]
    assert full == [1060.0]


@given(st.floats(min_value=0.0, max_value=1700.0))
def test_a_share_whose_scans_take_equally_long_is_scanned_for_two_percent_of_the_time_at_most(
    took: float,
) -> None:
    period = SHARE.next_full(took, before=took)
    assert period >= 60.0
    assert took <= 0.02 * period + 1e-9


@given(st.floats(min_value=0.0, max_value=1e6), st.floats(min_value=0.0, max_value=12.0))
def test_one_slow_scan_of_a_share_alone_makes_the_next_one_ten_minutes_late_at_most(
    slow: float, usual: float
) -> None:
    assert 60.0 <= SHARE.next_full(slow, before=usual) <= 600.0
    assert 60.0 <= SHARE.next_full(usual, before=slow) <= 600.0


def test_a_share_is_scanned_once_a_day_however_long_that_takes() -> None:
    assert SHARE.next_full(50_000.0, before=50_000.0) == 86_400.0


def test_people_are_told_of_a_share_that_is_scanned_more_seldom_than_every_ten_minutes() -> None:
    assert slow_share("logs", 12.0) == ""
    assert "every 25 minutes" in slow_share("logs", 30.0)


@pytest.mark.parametrize(
    ("tiers", "took", "late"), [(SHARE, 30.0, 1500.0), (SHARE, 12.0, None), (LOCAL, 30.0, None)]
)
def test_what_is_scanned_more_seldom_than_every_ten_minutes_says_so_and_is(
    tiers: Tiers, took: float, late: float | None
) -> None:
    agenda = Agenda(tiers)
    began = 1000.0
    for _ in range(2):
        agenda.everything()
        look = agenda.take(began)
        assert isinstance(look, Look)
        assert look.kind is LookKind.FULL
        agenda.done(look, began=began, ended=began + took)
        began += 1000.0
    assert agenda.late == late
    since = began - 1000.0 + took
    full = [at for kind, at in kinds(agenda, since=since, until=since + 2000.0) if kind is LookKind.FULL]
    assert full[0] == pytest.approx(began - 1000.0 + (late or tiers.next_full(took, before=took)))


@given(st.floats(min_value=0.0, max_value=100.0))
def test_a_local_disk_is_scanned_every_minute(took: float) -> None:
    assert LOCAL.next_full(took) == 60.0


def test_a_hint_is_followed_at_once() -> None:
    agenda = at_rest()
    assert agenda.hint("sip")
    due = agenda.take(1000.05)
    assert due == Look(LookKind.SOME, directories=frozenset({"sip"}))


def some(agenda: Agenda, now: float) -> frozenset[str] | None:
    """The directories of the look after hints that is due now; None when there is none."""
    while isinstance(due := agenda.take(now), Look):
        if due.kind is LookKind.SOME:
            return due.directories
        agenda.done(due, began=now, ended=now)
    return None


def followed(agenda: Agenda, directory: str, *, since: float, cost: float) -> float:
    """When a hint is followed that is given now, by a look that costs so much."""
    agenda.hint(directory)
    now = since
    while True:
        due = agenda.take(now)
        if isinstance(due, Look):
            spent = cost if due.kind is LookKind.SOME else 0.0
            agenda.done(due, began=now, ended=now, cost=spent)
            if directory in due.directories:
                return now
        else:
            now += due


def storm(agenda: Agenda, *, since: float, until: float, cost: float, directories: int = 100) -> float:
    """So many directories are written to all the time, a look at them costs so much; what all looks cost."""
    spent, now = 0.0, since
    while now < until:
        for number in range(directories):
            agenda.hint(f"busy{number}")
        due = agenda.take(now)
        if isinstance(due, Look):
            mine = cost * len(due.directories) / directories
            agenda.done(due, began=now, ended=now, cost=mine)
            spent += mine
        else:
            now = min(until, now + due)
    return spent


def test_hints_of_some_writes_here_and_there_are_followed_without_a_rest_for_what_they_cost() -> None:
    agenda = at_rest()
    for number in range(200):
        now = 1001.0 + number * 0.04
        assert followed(agenda, f"sip{number}", since=now, cost=0.004) == now


def test_a_file_that_is_written_to_all_the_time_brings_fifty_looks_a_second_at_most() -> None:
    agenda = at_rest()
    agenda.hint("sip")
    looks, now = 0, 1001.0
    while now < 1002.0:
        if some(agenda, now) is not None:
            looks += 1
            agenda.done(Look(LookKind.SOME, frozenset({"sip"})), began=now, ended=now, cost=0.0001)
        agenda.hint("sip")
        now += 0.001
    assert 45 <= looks <= 50


def test_a_storm_of_hints_takes_a_tenth_of_a_core_at_most() -> None:
    spent = storm(at_rest(), since=1001.0, until=1101.0, cost=0.08)
    assert 9.0 <= spent <= 10.3


def test_a_directory_of_a_storm_is_looked_at_within_two_seconds_whatever_looks_cost() -> None:
    agenda = at_rest()
    storm(agenda, since=1001.0, until=1010.0, cost=3.0)
    assert followed(agenda, "busy0", since=1010.0, cost=3.0) <= 1012.0


def test_a_quiet_directory_is_looked_at_within_a_tenth_of_a_second_in_a_storm_elsewhere() -> None:
    agenda = at_rest()
    now = 1001.0
    for _ in range(50):
        storm(agenda, since=now, until=now + 1.37, cost=0.08)
        now += 1.37
        assert followed(agenda, f"quiet{now}", since=now, cost=0.001) <= now + 0.1
        now += 0.1


def test_many_quiet_directories_at_once_wait_as_a_storm_does() -> None:
    agenda = at_rest()
    spent, now = 0.0, 1001.0
    for number in range(2000):
        for each in range(200):
            agenda.hint(f"{number}-{each}")
        if some(agenda, now) is not None:
            agenda.done(Look(LookKind.SOME), began=now, ended=now, cost=0.1)
            spent += 0.1
        now += 0.05
    assert spent <= 10.5


def test_a_look_that_waited_for_a_share_is_followed_by_a_rest_of_the_same_length() -> None:
    agenda = at_rest()
    agenda.hint("sip")
    assert some(agenda, 1001.0) is not None
    agenda.done(Look(LookKind.SOME, frozenset({"sip"})), began=1001.0, ended=1001.5, cost=0.001)
    assert followed(agenda, "urs", since=1001.5, cost=0.001) == pytest.approx(1002.0)


@given(
    st.lists(st.tuples(st.floats(min_value=0.0, max_value=5.0), st.floats(min_value=0.0, max_value=1.0))),
)
def test_more_than_is_earned_and_was_saved_is_never_there_to_spend(
    spendings: list[tuple[float, float]],
) -> None:
    budget = Budget(0.1, saved=0.1, owed=5.0)
    now = spent = 0.0
    for pause, cost in spendings:
        now = max(now + pause, budget.ready())
        assert spent <= 0.1 + 0.1 * now + 1e-6
        budget.spend(cost, now=now)
        spent += cost


def test_a_hint_that_comes_during_a_look_counts_for_the_next_one() -> None:
    agenda = at_rest()
    agenda.hint("sip")
    look = agenda.take(1001.0)
    assert isinstance(look, Look)
    assert agenda.hint("sip")
    agenda.done(look, began=1001.0, ended=1001.0)
    again = agenda.take(1001.1)
    assert isinstance(again, Look)
    assert again.directories == {"sip"}


def test_lost_events_during_a_full_scan_bring_another_one() -> None:
    agenda = at_rest()
    agenda.everything()
    look = agenda.take(1010.0)
    assert isinstance(look, Look)
    assert look.kind is LookKind.FULL
    agenda.everything()
    agenda.done(look, began=1010.0, ended=1010.1)
    assert [kind for kind, _ in kinds(agenda, since=1010.1, until=1012.0)].count(LookKind.FULL) == 1


def test_more_hints_than_are_kept_bring_a_full_scan() -> None:
    agenda = at_rest()
    for number in range(10_000):
        agenda.hint(str(number))
        assert agenda.dirty <= 4096
    look = agenda.take(1003.0)
    assert isinstance(look, Look)
    assert look.kind is LookKind.FULL


def test_what_was_asked_for_again_is_forced_at_its_time() -> None:
    agenda = at_rest()
    agenda.again(["sip", "urs"], at=1003.0)
    agenda.again(["sip"], at=1005.0)
    found = [kind for kind, _ in kinds(agenda, since=1000.0, until=1002.9)]
    assert LookKind.SOME not in found
    look = agenda.take(1003.0)
    assert look == Look(
        LookKind.SOME, directories=frozenset({"sip", "urs"}), forced=frozenset({"sip", "urs"})
    )


def test_a_folder_that_cannot_be_listed_is_tried_more_often() -> None:
    agenda = at_rest()
    look = agenda.take(1060.0)
    assert isinstance(look, Look)
    agenda.done(look, began=1060.0, ended=1060.0, readable=False)
    full = [at for kind, at in kinds(agenda, since=1060.0, until=1080.0) if kind is LookKind.FULL]
    assert full[0] == pytest.approx(1070.0)


@pytest.mark.parametrize(("wall", "stepped"), [(10.0, False), (13.0, False), (3610.0, True), (-3590.0, True)])
def test_a_step_of_the_clock_and_sleep_are_noticed(wall: float, stepped: bool) -> None:
    watch = ClockWatch()
    assert not watch.stepped(monotonic=100.0, wall=1e9)
    assert watch.stepped(monotonic=110.0, wall=1e9 + wall) is stepped
    assert not watch.stepped(monotonic=111.0, wall=1e9 + wall + 1.0)


def test_a_clock_that_goes_on_while_the_machine_sleeps_is_not_asked() -> None:
    assert awake_clock("linux") is time.monotonic
    assert awake_clock("darwin") is time.monotonic
    assert awake_clock("win32") is not time.monotonic


def test_the_time_awake_is_in_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    class Kernel:
        @staticmethod
        def QueryUnbiasedInterruptTime(ticks: Any) -> int:
            ticks._obj.value = 36_000_000_000
            return 1

    monkeypatch.setattr(ctypes, "WinDLL", lambda _name: Kernel, raising=False)
    assert awake_clock("win32")() == pytest.approx(3600.0)
