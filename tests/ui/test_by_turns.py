"""What is built a few at a time: how much in one turn, in which order, and what holds nobody up."""

from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.widgets.by_turns import TURN_S, ByTurns


class Ticks:
    """A clock that a step turns on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def owner(qapp: QApplication) -> QObject:
    return QObject()


def steps_of(name: str, count: int, done: list[str], ticks: Ticks, *, each: float) -> list[partial[None]]:
    def step(number: int) -> None:
        done.append(f"{name}{number}")
        ticks.now += each

    return [partial(step, number) for number in range(count)]


@pytest.mark.parametrize(("each", "at_once"), [(TURN_S / 4, 4), (TURN_S * 3, 1)])
def test_a_turn_takes_as_many_steps_as_its_time_allows_and_one_at_least(
    qtbot: QtBot, owner: QObject, ticks: Ticks, each: float, at_once: int
) -> None:
    done: list[str] = []
    turns = ByTurns(owner, ticks=ticks)
    turns.begin(steps_of("a", 9, done, ticks, each=each), at_once=True)
    assert len(done) == at_once
    assert turns.under_way
    qtbot.waitUntil(lambda: not turns.under_way)
    assert done == [f"a{number}" for number in range(9)]


def test_what_nobody_looks_at_begins_in_a_later_turn(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []
    turns = ByTurns(owner, ticks=ticks)
    turns.begin(steps_of("a", 2, done, ticks, each=TURN_S), at_once=False)
    assert done == []
    qtbot.waitUntil(lambda: not turns.under_way)
    assert done == ["a0", "a1"]


def test_two_never_share_a_turn(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []
    first, second = ByTurns(owner, ticks=ticks), ByTurns(owner, ticks=ticks)
    first.begin(steps_of("a", 3, done, ticks, each=TURN_S), at_once=False)
    second.begin(steps_of("b", 3, done, ticks, each=TURN_S), at_once=False)
    for turn in range(1, 10):
        QCoreApplication.processEvents()
        assert len(done) <= turn
    qtbot.waitUntil(lambda: not second.under_way)
    assert done == ["a0", "a1", "a2", "b0", "b1", "b2"]


def test_what_somebody_looks_at_goes_before_what_was_begun_earlier(
    qtbot: QtBot, owner: QObject, ticks: Ticks
) -> None:
    done: list[str] = []
    unseen, seen = ByTurns(owner, ticks=ticks), ByTurns(owner, ticks=ticks)
    unseen.begin(steps_of("a", 2, done, ticks, each=TURN_S), at_once=False)
    seen.begin(steps_of("b", 2, done, ticks, each=TURN_S), at_once=True)
    qtbot.waitUntil(lambda: not unseen.under_way)
    assert done == ["b0", "b1", "a0", "a1"]


def test_what_begins_anew_does_nothing_of_before(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []
    turns = ByTurns(owner, ticks=ticks)
    turns.begin(steps_of("a", 5, done, ticks, each=TURN_S), at_once=True)
    turns.begin(steps_of("b", 2, done, ticks, each=TURN_S), at_once=True)
    qtbot.waitUntil(lambda: not turns.under_way)
    assert done == ["a0", "b0", "b1"]


def test_an_owner_that_is_gone_holds_nobody_up(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []
    gone = QObject()
    ByTurns(gone, ticks=ticks).begin(steps_of("a", 3, done, ticks, each=TURN_S), at_once=True)
    turns = ByTurns(owner, ticks=ticks)
    turns.begin(steps_of("b", 2, done, ticks, each=TURN_S), at_once=False)
    gone.deleteLater()
    qtbot.waitUntil(lambda: not turns.under_way)
    assert "b1" in done
    assert "a2" not in done


def test_a_step_that_fails_keeps_no_other_from_being_done(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []

    def fail() -> None:
        raise LookupError("no such file")

    turns = ByTurns(owner, ticks=ticks)
    with pytest.raises(LookupError):
        turns.begin([fail, *steps_of("a", 2, done, ticks, each=TURN_S)], at_once=True)
    qtbot.waitUntil(lambda: not turns.under_way)
    assert done == ["a0", "a1"]


def test_a_step_that_stops_the_others_ends_it(qtbot: QtBot, owner: QObject, ticks: Ticks) -> None:
    done: list[str] = []
    turns, other = ByTurns(owner, ticks=ticks), ByTurns(owner, ticks=ticks)
    turns.begin([turns.stop, *steps_of("a", 2, done, ticks, each=0.0)], at_once=True)
    other.begin(steps_of("b", 2, done, ticks, each=TURN_S), at_once=False)
    qtbot.waitUntil(lambda: not other.under_way)
    QCoreApplication.processEvents()
    QCoreApplication.processEvents()
    assert done == ["b0", "b1"]
