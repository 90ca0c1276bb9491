"""The measure of the GUI thread itself: it must find a wait, find work, and blame nobody else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.peers.heartbeat import LONGEST_GAP, Heartbeat

pytestmark = pytest.mark.gaps

HERE = (Path(__file__).parent,)
ELSEWHERE = (Path(__file__).parent / "none",)
HELD_S = 0.5


def wait_plainly() -> None:
    time.sleep(HELD_S)


def wait_for_another_thread() -> None:
    threading.Event().wait(HELD_S)


def compute() -> None:
    until = time.thread_time() + HELD_S
    while time.thread_time() < until:
        pass


def held_by(qtbot: QtBot, call: Callable[[], None], *, ours: tuple[Path, ...]) -> Heartbeat:
    done: list[bool] = []

    def run() -> None:
        call()
        done.append(True)

    with Heartbeat(ours=ours) as heart:
        # As a slot would be called: by the event loop, not by the test.
        QTimer.singleShot(20, run)
        _wait_for(done)
    return heart


def _wait_for(done: list[bool]) -> None:
    from tests.peers.scenes.stage import spin

    while not done:
        spin(5)


@pytest.mark.parametrize("call", [wait_plainly, wait_for_another_thread, compute])
def test_what_holds_the_gui_thread_is_found_and_named(qtbot: QtBot, call: Callable[[], None]) -> None:
    heart = held_by(qtbot, call, ours=HERE)
    assert heart.longest > LONGEST_GAP
    with pytest.raises(AssertionError, match=call.__name__):
        heart.assert_smooth()


def test_a_wait_outside_our_code_is_not_ours(qtbot: QtBot) -> None:
    assert held_by(qtbot, wait_plainly, ours=ELSEWHERE).longest < LONGEST_GAP


def test_work_counts_whoever_called_it(qtbot: QtBot) -> None:
    assert held_by(qtbot, compute, ours=ELSEWHERE).longest > LONGEST_GAP


def test_an_idle_loop_has_no_gap(qtbot: QtBot) -> None:
    with Heartbeat() as heart:
        qtbot.waitUntil(lambda: heart.beats > 20)
    heart.assert_smooth()
