"""The disk's side of a download: what is written, hashed and recorded, and in which order."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from itertools import count, repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.errors import LocalError
from app.storage import PAGE
from app.transfer.crc import crc32
from app.transfer.downloads import writing
from app.transfer.downloads.islands import GrowingIsland
from app.transfer.downloads.landing import Landing, disk
from app.transfer.downloads.ledger import Island, Ledger, Mark, Proven
from app.transfer.downloads.writing import BLOCK, CHECKPOINT_SECONDS, PartFile, PrefixWriter, room_at

SHA256 = hashlib.sha256(b"x" * 9).hexdigest()


@pytest.fixture(autouse=True)
def every_block_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "CHECKPOINT", BLOCK)


def fill(writer: PrefixWriter, number: int) -> bytes:
    """Hand over one block, all of the same byte; what is in it."""
    content = bytes([number % 256]) * BLOCK
    block = writer.block()
    block[:] = content
    writer.hand_over(block, BLOCK)
    return content


def fill_for_ever(writer: PrefixWriter) -> None:
    for number in count():
        fill(writer, number)


def test_more_is_written_while_what_came_is_recorded(tmp_path: Path) -> None:
    went_on = threading.Event()
    recorded: list[tuple[int, bool]] = []

    def record(mark: Mark) -> None:
        recorded.append((mark.end, went_on.wait(10)))

    with PrefixWriter(tmp_path / "part", Proven(), record=record) as writer:
        # More than are ever under way: the last ones wait for blocks that were written.
        for number in range(8):
            fill(writer, number)
        went_on.set()
    assert writer.error is None
    assert recorded[0] == (BLOCK, True)
    assert recorded[-1] == (8 * BLOCK, True)


def test_a_mark_is_of_what_was_written_up_to_its_end(tmp_path: Path) -> None:
    marks: list[Mark] = []
    with PrefixWriter(tmp_path / "part", Proven(), record=marks.append) as writer:
        content = b"".join(fill(writer, number) for number in range(6))
    assert (tmp_path / "part").read_bytes() == content
    assert [mark.sha256 for mark in marks] == [
        hashlib.sha256(content[: mark.end]).hexdigest() for mark in marks
    ]
    assert [mark.end for mark in marks] == sorted(mark.end for mark in marks)


def test_what_was_written_is_recorded_although_nothing_more_comes(tmp_path: Path) -> None:
    recorded = threading.Event()
    clock = count(step=CHECKPOINT_SECONDS / 2)
    path = tmp_path / "part"
    with PrefixWriter(
        path, Proven(), record=lambda _mark: recorded.set(), monotonic=lambda: next(clock)
    ) as writer:
        block = writer.block()
        writer.hand_over(block, 1000)
        assert recorded.wait(20)


def island_at(path: Path, *, record: Callable[[Island], None], seconds: Iterator[float]) -> GrowingIsland:
    return GrowingIsland(path, PAGE, record=record, monotonic=lambda: next(seconds))


def test_an_island_is_recorded_only_once_it_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def durable(descriptor: int) -> None:
        sync(descriptor)
        told.append("durable")

    told: list[object] = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", durable)
    island = island_at(tmp_path / "part", record=told.append, seconds=count(step=10.0))
    island.write(memoryview(b"a" * 1000))
    island.write(memoryview(b"b" * 1000))
    island.close()
    assert told[::2] == ["durable"] * (len(told) // 2)
    assert told[-1] == Island(PAGE, PAGE + 2000, crc32(b"a" * 1000 + b"b" * 1000))


def test_an_island_that_keeps_coming_is_not_recorded_all_the_time(tmp_path: Path) -> None:
    told: list[Island] = []
    island = island_at(tmp_path / "part", record=told.append, seconds=repeat(0.0))
    for _time in range(20):
        island.write(memoryview(b"a" * 1000))
    island.close()
    assert [one.end for one in told] == [PAGE + 20_000]


def test_what_the_disk_lost_of_an_island_is_recorded_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs, told = count(1), list[Island]()

    def lossy(_descriptor: int) -> None:
        if next(syncs) == 1:  # systems say it once
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", lossy)
    island = island_at(tmp_path / "part", record=told.append, seconds=count(step=10.0))
    island.write(memoryview(b"a" * 1000))
    with pytest.raises(OSError, match="lost what it was given"):
        island.close()
    assert told == []


def test_what_cannot_be_recorded_ends_it(tmp_path: Path) -> None:
    def record(_mark: Mark) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with (
        PrefixWriter(tmp_path / "part", Proven(), record=record) as writer,
        pytest.raises(OSError, match="No space left"),
    ):
        fill_for_ever(writer)
    assert writer.error is not None


def test_bytes_that_the_disk_lost_are_recorded_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    syncs, marks = count(1), list[Mark]()

    def lossy(_descriptor: int) -> None:
        if next(syncs) == 2:  # systems say it once
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", lossy)
    with (
        PrefixWriter(tmp_path / "part", Proven(), record=marks.append) as writer,
        pytest.raises(OSError, match="Input/output"),
    ):
        fill_for_ever(writer)
    assert [mark.end for mark in marks] == [BLOCK]


def test_on_a_full_disk_nothing_is_given_back_that_lies_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: PartFile, offset: int, *views: memoryview) -> None:
        if offset:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(part, offset, *views)

    path, write_at = tmp_path / "part", PartFile.write_at
    path.write_bytes(bytes(2 * BLOCK))
    monkeypatch.setattr(PartFile, "write_at", full)
    with (
        PrefixWriter(path, Proven(), record=lambda _mark: None, alone=False) as writer,
        pytest.raises(OSError, match="No space left"),
    ):
        fill_for_ever(writer)
    assert path.stat().st_size == 2 * BLOCK


@pytest.mark.parametrize(("saved", "left"), [(True, BLOCK), (False, 0)], ids=["recorded", "refused"])
def test_on_a_full_disk_the_last_block_is_given_back_unless_the_ledger_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: bool, left: int
) -> None:
    def full(part: PartFile, offset: int, *views: memoryview) -> None:
        if offset:
            assert marked.wait(20)
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(part, offset, *views)

    path, marked, write_at = tmp_path / "part", threading.Event(), PartFile.write_at
    monkeypatch.setattr(PartFile, "write_at", full)
    with (
        PrefixWriter(
            path,
            Proven(),
            record=lambda _mark: marked.set(),
            recorded=lambda: BLOCK if saved else 0,
        ) as writer,
        pytest.raises(OSError, match="No space left"),
    ):
        fill_for_ever(writer)
    assert path.stat().st_size == left


def test_a_disk_that_takes_no_file_so_large_is_not_asked_to_be_made_free(tmp_path: Path) -> None:
    with pytest.raises(LocalError) as caught, disk(tmp_path / "a.zip.part"):
        raise OSError(errno.EFBIG, "File too large")
    assert caught.value.code == "CF-1817"
    assert "Free space" not in caught.value.todo


@pytest.mark.parametrize(
    ("marks", "islands", "size", "whole"),
    [
        ([Mark(9, "")], [], 9, True),
        ([Mark(4, "")], [Island(6, 9, 0), Island(4, 6, 0)], 9, True),
        ([Mark(4, "")], [Island(5, 9, 0)], 9, False),
        ([Mark(9, "")], [], 8, False),
        ([], [], 9, False),
    ],
)
def test_what_was_left_is_whole_when_no_byte_is_missing(
    tmp_path: Path, marks: list[Mark], islands: list[Island], size: int, whole: bool
) -> None:
    landing = Landing(tmp_path / "trace.log")
    landing.part.write_bytes(b"x" * size)
    Ledger("https://portal.example/x", 9, SHA256, marks=marks, islands=islands).save(landing.ledger_path)
    assert landing.all_arrived() is whole


@pytest.mark.parametrize(("etag", "whole"), [("", False), ('W/"one"', False), ('"one"', True)])
def test_what_may_be_of_two_contents_is_not_whole(tmp_path: Path, etag: str, whole: bool) -> None:
    landing = Landing(tmp_path / "trace.log")
    landing.part.write_bytes(b"x" * 9)
    Ledger("https://portal.example/x", 9, "", etag, marks=[Mark(9, "")]).save(landing.ledger_path)
    assert landing.all_arrived() is whole


def test_what_was_never_begun_is_not_whole(tmp_path: Path) -> None:
    assert not Landing(tmp_path / "trace.log").all_arrived()


@given(
    sizes=st.lists(st.integers(16, 1024).map(lambda pages: pages * PAGE), min_size=1, max_size=20),
    start=st.integers(0, 10 * PAGE),
)
def test_blocks_of_any_size_begin_at_pages_but_for_the_first(sizes: list[int], start: int) -> None:
    at = start
    for size in sizes:
        room = room_at(at, size=size)
        assert 0 < room <= size
        at += room
        assert at % PAGE == 0
