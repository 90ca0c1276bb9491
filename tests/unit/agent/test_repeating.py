"""What is repeated outlives what goes wrong, is done again when it is woken, and ends when it is told to."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Iterator

import pytest

from agent.service.repeating import Repeating
from app.domain.errors import LocalError

FULL = LocalError("Full", happened="The disk is full.", todo="Free space.", code="CF-1802")


@pytest.fixture
def done() -> queue.Queue[int]:
    return queue.Queue()


@pytest.fixture
def repeating(done: queue.Queue[int]) -> Iterator[Callable[..., Repeating]]:
    made: list[Repeating] = []

    def make(*faults: Exception, again: float | None = None) -> Repeating:
        left = list(faults)

        def once() -> float | None:
            done.put(len(left))
            if left:
                raise left.pop(0)
            return again

        made.append(Repeating(once, name="test", cannot="it cannot be done now"))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_it_is_done_at_once_and_again_when_it_is_woken(
    repeating: Callable[..., Repeating], done: queue.Queue[int]
) -> None:
    rounds = repeating()
    assert done.get(timeout=10) == 0
    rounds.wake()
    assert done.get(timeout=10) == 0


def test_what_is_owed_soon_is_done_soon(repeating: Callable[..., Repeating], done: queue.Queue[int]) -> None:
    repeating(again=0.01)
    assert [done.get(timeout=10) for _ in range(3)] == [0, 0, 0]


def test_trouble_of_the_world_and_defects_of_ours_end_nothing(
    repeating: Callable[..., Repeating],
    done: queue.Queue[int],
    caplog: pytest.LogCaptureFixture,
    expected_logs: Callable[..., None],
) -> None:
    expected_logs("agent.service.repeating")
    caplog.set_level(logging.INFO)
    rounds = repeating(FULL, ValueError("a defect"))
    for left in (2, 1, 0):
        assert done.get(timeout=10) == left
        rounds.wake()
    assert "it cannot be done now (CF-1802)" in caplog.messages
