"""Downloads over several connections that end again and again, or whose disk refuses what one writes."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import LocalError, WorldError
from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Ledger
from app.transfer.downloads.writing import PartFile
from app.transfer.incoming import Incoming
from app.transfer.wire import Patience, Wire
from tests.peers.download_scene import CONTENT, FILE, MIB, Scene, content, download_scene
from tests.peers.faulty_portal import Answer, End, Seen

LITTLE = 60_000


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with download_scene(tmp_path / "here") as found:
        yield found


class Wires:
    """Connections of a scene, and how many of them were in use at once."""

    def __init__(self, scene: Scene) -> None:
        self.at_once = 0
        in_use: set[int] = set()
        lock, wires = threading.Lock(), self

        class Counted(Wire):
            def fetch(self, url: str, *, headers: Mapping[str, str]) -> Incoming:
                with lock:
                    in_use.add(id(self))
                    wires.at_once = max(wires.at_once, len(in_use))
                return super().fetch(url, headers=headers)

            def close(self) -> None:
                with lock:
                    in_use.discard(id(self))
                super().close()

        def wire() -> Wire:
            return Counted(scene.wanted.url, ssl_context=scene.context, tokens=None, patience=scene.patience)

        scene.wire = wire  # type: ignore[method-assign]  # of this scene alone


def end_early(scene: Scene, *, streams: int) -> None:
    scene.portal.answers(FILE, content(cut_after=LITTLE, end=End.SPOILT))
    with pytest.raises(WorldError):
        scene.fetch(streams=streams)
    scene.portal.answers(FILE, content())


def left(scene: Scene) -> Ledger:
    found = Ledger.read(Landing(scene.target).ledger_path)
    assert found is not None
    return found


def test_however_often_it_is_ended_there_are_few_gaps(scene: Scene) -> None:
    for _time in range(12):
        end_early(scene, streams=3)
    assert len(left(scene).islands) <= 3
    assert scene.fetch(streams=3).received <= len(CONTENT) - 12 * LITTLE
    assert scene.arrived()


@pytest.mark.parametrize("streams", [1, 2])
def test_many_gaps_are_filled_by_no_more_connections_than_wanted(scene: Scene, streams: int) -> None:
    end_early(scene, streams=3)
    wires = Wires(scene)
    scene.fetch(streams=streams)
    assert scene.arrived()
    assert wires.at_once == streams


def fill_up(patch: pytest.MonkeyPatch, *, begin: int, end: int) -> None:
    """The disk takes nothing at these offsets."""

    def full(part: PartFile, offset: int, *views: memoryview) -> None:
        if begin <= offset < end:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(part, offset, *views)

    write_at = PartFile.write_at
    patch.setattr(PartFile, "write_at", full)


def test_a_full_disk_cuts_nothing_that_was_recorded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    end_early(scene, streams=2)
    recorded = left(scene).islands
    with monkeypatch.context() as patch:
        fill_up(patch, begin=len(CONTENT) // 2 - 2 * MIB, end=len(CONTENT) // 2)
        with pytest.raises(LocalError):
            scene.fetch(streams=1)
    _ledger, proven = Landing(scene.target).begin(Ledger(scene.wanted.url, len(CONTENT), scene.wanted.sha256))
    assert proven.islands == recorded


@pytest.mark.parametrize("streams", [1, 3])
def test_a_full_disk_ends_it_although_a_server_is_silent(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, streams: int
) -> None:
    def answer(seen: Seen) -> Answer:
        if len(scene.ranges()) == 1:
            return content(cut_after=LITTLE, hold=over)(seen)
        return content()(seen)

    over = threading.Event()
    scene.portal.answers(FILE, answer)
    scene.patience = Patience(connect=60, block=30, answer=60)
    fill_up(monkeypatch, begin=0 if streams == 1 else 1, end=len(CONTENT))
    began = time.monotonic()
    with pytest.raises(LocalError) as caught:
        scene.fetch(streams=streams)
    took = time.monotonic() - began
    over.set()
    assert caught.value.code == "CF-1873"
    assert took < 10


def test_where_no_thread_can_be_had_those_that_were_begun_are_ended(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def submit(pool: ThreadPoolExecutor, *arguments: Any, **named: Any) -> Any:
        if arguments[0].__name__ == "_bring_island" and next(numbers):
            raise RuntimeError("can't start new thread")
        return submits(pool, *arguments, **named)

    over, numbers, submits = threading.Event(), count(), ThreadPoolExecutor.submit
    monkeypatch.setattr(ThreadPoolExecutor, "submit", submit)
    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=over))
    scene.patience = Patience(connect=60, block=30, answer=60)
    began = time.monotonic()
    with pytest.raises(RuntimeError):
        scene.fetch(streams=3)
    took = time.monotonic() - began
    over.set()
    assert took < 10


def test_at_the_end_no_connection_waits_for_what_another_one_has_to_write(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(descriptor: int) -> None:
        name = threading.current_thread().name
        if name.startswith("download_"):
            behind_a_gap.set()
        elif name == "download-writer":
            met.append(behind_a_gap.wait(20))
        sync(descriptor)

    def enough(done: int, _whole: int) -> None:
        if done == 2 * LITTLE:
            raise KeyboardInterrupt

    over, behind_a_gap, met, sync = threading.Event(), threading.Event(), list[bool](), os.fsync
    monkeypatch.setattr(os, "fsync", slow)
    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=over))
    with pytest.raises(KeyboardInterrupt):
        scene.fetch(streams=2, on_progress=enough)
    over.set()
    assert met == [True]
