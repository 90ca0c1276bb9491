"""What leaves comes before what is read for later, where processors are short."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.transfer import Beat, Journal, Part, send
from app.transfer.giving_way import give_way
from app.transfer.whole import WholeDigest
from tests.peers.memory_store import MemoryDestination, MemoryLane, MemoryStore
from tests.peers.sealed import sealed_bundle

KIB = 1024

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there a thread has its own priority")


def priority() -> int:
    """Of this thread; the larger the later."""
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def in_a_thread(*calls: Callable[[], object]) -> list[object]:
    """What they return, all in one thread that ends with them."""
    with ThreadPoolExecutor(1) as pool:
        return [pool.submit(call).result() for call in calls]


def test_a_thread_that_gives_way_goes_after_the_others() -> None:
    before = priority()
    assert in_a_thread(priority, give_way, priority) == [before, None, min(before + 5, 19)]
    assert priority() == before


def test_a_thread_of_the_lowest_priority_stays_there() -> None:
    found = in_a_thread(give_way, give_way, give_way, give_way, give_way, priority)
    assert found[-1] == 19


def test_what_the_system_does_not_allow_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_which: int, _who: int, _priority: int) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    before = priority()
    assert in_a_thread(give_way, priority) == [None, before]


def test_parts_are_read_after_those_that_leave(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read: set[int] = set()
    left: set[int] = set()
    of_file, of_lane = WholeDigest.read_part, MemoryLane.put

    def noted_read(whole: WholeDigest, part: Part) -> tuple[Part, memoryview]:
        read.add(priority())
        return of_file(whole, part)

    def noted_put(lane: MemoryLane, part: Part, data: memoryview, *, beat: Beat) -> int:
        left.add(priority())
        return of_lane(lane, part, data, beat=beat)

    monkeypatch.setattr(WholeDigest, "read_part", noted_read)
    monkeypatch.setattr(MemoryLane, "put", noted_put)
    with Journal(tmp_path / "journal.sqlite3") as journal:
        bundle = sealed_bundle(tmp_path / "spool", size=64 * KIB)
        send(journal, bundle, MemoryDestination(MemoryStore(), part_size=16 * KIB), key="k")
    assert left == {priority()}
    assert read == {min(priority() + 5, 19)}
