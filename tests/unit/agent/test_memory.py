"""Memory goes back to the system after work, not in the midst of it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from agent.service.memory import MemoryReturn, few_arenas, give_back, the_allocator
from agent.service.starting import config_to_run


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """An allocator that remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int, int]] = []

    def mallopt(self, parameter: int, value: int, /) -> int:
        self.asked.append(("mallopt", parameter, value))
        return 1

    def malloc_trim(self, pad: int, /) -> int:
        self.asked.append(("malloc_trim", pad, 0))
        return 1


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def given() -> list[None]:
    return []


@pytest.fixture
def memory(clock: Clock, given: list[None]) -> MemoryReturn:
    made = MemoryReturn(lambda: given.append(None), clock=clock)
    clock.now += 10
    made.settle()  # what the start used
    given.clear()
    return made


def test_what_the_start_used_is_given_back(clock: Clock, given: list[None]) -> None:
    made = MemoryReturn(lambda: given.append(None), clock=clock)
    clock.now += 10
    made.settle()
    assert len(given) == 1


def test_nothing_is_given_back_while_there_is_work(
    memory: MemoryReturn, clock: Clock, given: list[None]
) -> None:
    for _ in range(10):
        memory.worked()
        clock.now += 1
        memory.settle()
    assert not given


def test_it_is_given_back_once_after_work(memory: MemoryReturn, clock: Clock, given: list[None]) -> None:
    memory.worked()
    for _ in range(20):
        clock.now += 1
        memory.settle()
    assert len(given) == 1


def test_who_rests_gives_nothing_back(memory: MemoryReturn, clock: Clock, given: list[None]) -> None:
    clock.now += 1000
    memory.settle()
    assert not given


def test_threads_share_few_stores_of_memory() -> None:
    asked = Asked()
    few_arenas(asked)
    assert asked.asked == [("mallopt", -8, 2)]


def test_all_free_memory_is_given_back() -> None:
    asked = Asked()
    give_back(asked)
    assert asked.asked == [("malloc_trim", 0, 0)]


@pytest.mark.skipif(sys.platform == "linux", reason="there the C library is asked")
def test_elsewhere_nobody_is_asked() -> None:
    assert the_allocator() is None


@pytest.mark.parametrize("words", [["run", "--config", "a.toml"], ["run", "-c", "a.toml"]])
def test_the_words_of_a_service_need_no_command_line(words: list[str]) -> None:
    assert config_to_run(words) == Path("a.toml")


@pytest.mark.parametrize(
    "words", [[], ["run"], ["run", "--config", "--help"], ["run", "--config", ""], ["status", "-c", "a.toml"]]
)
def test_all_other_words_are_left_to_it(words: list[str]) -> None:
    assert config_to_run(words) is None
