"""Events of one directory that come together are one."""

from __future__ import annotations

import os
import queue
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from agent.watch import file_events

if sys.platform != "linux":
    pytest.skip("inotify is of Linux", allow_module_level=True)

from watchdog.observers.inotify_c import InotifyConstants, InotifyFD

from agent.watch.folding import folded

PLAIN = (
    InotifyConstants.IN_MODIFY,
    InotifyConstants.IN_CREATE,
    InotifyConstants.IN_MOVED_TO | InotifyConstants.IN_ISDIR,
)
OF_WATCHES = (
    InotifyConstants.IN_IGNORED,
    InotifyConstants.IN_DELETE_SELF,
    InotifyConstants.IN_MOVE_SELF,
    InotifyConstants.IN_UNMOUNT,
)
Happened = tuple[int, int, bytes]

happenings = some.lists(
    some.one_of(
        some.tuples(some.integers(1, 4), some.sampled_from(PLAIN), some.sampled_from([b"a.log", b"b" * 40])),
        some.tuples(some.integers(1, 4), some.sampled_from(OF_WATCHES), some.just(b"")),
        some.just((-1, int(InotifyConstants.IN_Q_OVERFLOW), b"")),
    ),
    max_size=30,
)


def written(events: list[Happened]) -> bytes:
    """As the kernel writes them: names end with NULs up to a multiple of sixteen bytes."""
    buffer = b""
    for watch, mask, name in events:
        padded = name + b"\0" * (-len(name) % 16 or 16) if name else b""
        buffer += watch.to_bytes(4, sys.byteorder, signed=True)
        buffer += mask.to_bytes(4, sys.byteorder) + bytes(4) + len(padded).to_bytes(4, sys.byteorder) + padded
    return buffer


def stretches(events: list[tuple[int, int]]) -> list[object]:
    """Which directories changed between two events of watches, and those events."""
    told: list[object] = [set()]
    for watch, mask in events:
        if any(mask & of_watch for of_watch in (*OF_WATCHES, InotifyConstants.IN_Q_OVERFLOW)):
            told += [(watch, mask), set()]
        else:
            changed = told[-1]
            assert isinstance(changed, set)
            changed.add(watch)
    return told


@given(happenings)
def test_the_same_directories_are_told_between_the_same_events_of_watches_as_by_the_library(
    events: list[Happened],
) -> None:
    buffer = written(events)
    theirs = [(watch, mask) for watch, mask, _, _ in InotifyFD._parse_event_buffer(buffer)]
    ours = [(int(event.wd), int(event.mask)) for event in folded(buffer)]
    assert stretches(ours) == stretches(theirs)


@given(happenings)
def test_no_directory_is_told_twice_between_two_events_of_watches(events: list[Happened]) -> None:
    ours = [(int(event.wd), int(event.mask)) for event in folded(written(events))]
    plain = sum(len(stretch) for stretch in stretches(ours) if isinstance(stretch, set))
    assert plain == sum(mask in PLAIN for _, mask in ours)


@given(happenings, some.integers(0, 15))
def test_a_buffer_that_is_cut_in_its_last_head_tells_what_is_whole(events: list[Happened], cut: int) -> None:
    buffer = written(events)
    assert folded(buffer + b"\1" * cut) == folded(buffer)


def test_many_writes_to_one_directory_are_few_hints(tmp_path: Path) -> None:
    heard: queue.Queue[str | None] = queue.Queue()
    hints = file_events()
    hints.start(lambda _folder, relative: heard.put(relative))
    try:
        found = tmp_path.stat()
        hints.arm(tmp_path, "", (found.st_dev, found.st_ino))
        files = [os.open(tmp_path / name, os.O_WRONLY | os.O_CREAT) for name in ("a.log", "b.log")]
        for number in range(4000):  # in turns, as the kernel folds only what follows each other itself
            os.write(files[number % 2], b"x")
        for file in files:
            os.close(file)
        (tmp_path / "last").mkdir()
        there = (tmp_path / "last").stat()
        hints.arm(tmp_path, "last", (there.st_dev, there.st_ino))
        (tmp_path / "last" / "c.log").touch()
        told = [heard.get(timeout=60)]
        while told[-1] != "last":
            told.append(heard.get(timeout=60))
        assert len(told) < 400
    finally:
        hints.stop()
