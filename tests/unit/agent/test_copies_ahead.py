"""The copy of the next file is made while the one before is in work; what goes wrong is met in its turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from agent.jobs.ahead import CopiesAhead
from agent.jobs.rows import FileRow, FileState
from app.masking import MaskedFile, MaskingError
from app.transfer import Stopped

FILES = [FileRow("j", number, f"{number}.log", Path(), FileState.WAITING) for number in (1, 2, 3)]


def nothing() -> None:
    """Whoever makes copies here need not rest."""


class Making:
    """Makes copies that are named by their file.

    Attributes:
        made: number of the file and name of the thread.
        on: is called while one is made.
    """

    def __init__(self) -> None:
        self.made: list[tuple[int, str]] = []
        self.discarded: list[int] = []
        self.on: Callable[[FileRow, Callable[[], None]], None] = lambda _file, _breathe: None

    def make(self, file: FileRow, breathe: Callable[[], None]) -> MaskedFile:
        self.on(file, breathe)
        self.made.append((file.number, threading.current_thread().name))
        return cast(MaskedFile, SimpleNamespace(name=file.name))

    def ahead(self, **more: Any) -> CopiesAhead:
        return CopiesAhead(FILES, self.make, discard=lambda file: self.discarded.append(file.number), **more)


@pytest.fixture
def making() -> Making:
    return Making()


def test_the_next_copy_is_made_without_being_asked_for(making: Making) -> None:
    begun = threading.Event()
    making.on = lambda file, _breathe: begun.set() if file.number == 2 else None
    with making.ahead() as copies:
        assert copies.take(FILES[0], nothing).name == "1.log"
        assert begun.wait(60)
        assert copies.holds(FILES[1])
        assert copies.take(FILES[1], nothing).name == "2.log"
        assert copies.take(FILES[2], nothing).name == "3.log"
    assert [number for number, _thread in making.made] == [1, 2, 3]
    assert making.discarded == []


def test_what_goes_wrong_ahead_is_met_in_its_turn(making: Making) -> None:
    def refuse(file: FileRow, _breathe: Callable[[], None]) -> None:
        if file.number == 2:
            raise MaskingError("Not masked", happened="A test.", todo="None.", code="CF-1903")

    making.on = refuse
    with making.ahead() as copies:
        copies.take(FILES[0], nothing)
        with pytest.raises(MaskingError):
            copies.take(FILES[1], nothing)
        assert copies.take(FILES[2], nothing).name == "3.log"
    assert making.discarded == []


def test_a_copy_that_nobody_takes_is_stopped_and_thrown_away(making: Making) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def work(file: FileRow, breathe: Callable[[], None]) -> None:
        if file.number == 2:
            begun.set()
            try:
                while True:
                    breathe()
            except Stopped:
                stopped.set()
                raise

    making.on = work
    with making.ahead() as copies:
        copies.take(FILES[0], nothing)
        assert begun.wait(60)
    assert stopped.is_set()
    assert making.discarded == [2]


def test_without_room_a_copy_waits_for_its_turn(making: Making) -> None:
    with making.ahead(room=lambda _file: False) as copies:
        for file in FILES:
            copies.take(file, nothing)
    assert {thread for _number, thread in making.made} == {threading.current_thread().name}


def test_another_file_than_the_next_may_be_asked_for(making: Making) -> None:
    with making.ahead() as copies:
        copies.take(FILES[0], nothing)
        assert copies.take(FILES[2], nothing).name == "3.log"
    assert making.discarded == [2]


def test_a_thread_that_helps_begins_as_it_is_told(making: Making) -> None:
    quiet: list[str] = []
    with making.ahead(begin=lambda: quiet.append(threading.current_thread().name)) as copies:
        copies.take(FILES[0], nothing)
        copies.take(FILES[1], nothing)
    assert quiet == ["ahead", "ahead"]
