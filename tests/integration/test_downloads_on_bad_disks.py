"""Downloads to a disk, or a machine, that refuses: what was written counts, and nothing is left open."""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from app.domain.errors import LocalError
from app.transfer.downloads import writing
from app.transfer.downloads.ledger import Ledger
from app.transfer.downloads.writing import BLOCK, PartFile
from tests.peers.download_scene import CONTENT, FILE, Scene, content, download_scene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with download_scene(tmp_path / "here") as found:
        yield found


def test_what_was_written_is_recorded_although_the_last_bytes_were_not(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: PartFile, offset: int, *views: memoryview) -> None:
        if offset + sum(map(len, views)) == len(CONTENT):
            failed.set()
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(part, offset, *views)

    def refused(ledger: Ledger, path: Path) -> None:
        if ledger.marks and (not failed.is_set() or next(refusals) < 2):
            raise PermissionError(errno.EACCES, "Permission denied")
        save(ledger, path)

    failed, refusals = threading.Event(), count()
    write_at, save = PartFile.write_at, Ledger.save
    with monkeypatch.context() as patch:
        patch.setattr(PartFile, "write_at", full)
        patch.setattr(Ledger, "save", refused)
        with pytest.raises(LocalError):
            scene.fetch(streams=1)
    scene.portal.answers(FILE, content())
    assert scene.fetch(streams=1).received <= 2 * BLOCK


def test_nothing_is_left_open_where_there_is_no_memory_for_what_comes(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opens(part: PartFile, path: Path) -> None:
        make(part, path)
        opened.append(part)

    def closes(part: PartFile) -> None:
        opened.remove(part)
        close(part)

    def no_room(_size: int) -> memoryview:
        raise MemoryError

    opened, make, close = list[PartFile](), PartFile.__init__, PartFile.close
    monkeypatch.setattr(PartFile, "__init__", opens)
    monkeypatch.setattr(PartFile, "close", closes)
    monkeypatch.setattr("app.transfer.downloads.fetching.page_block", no_room)
    with pytest.raises(MemoryError):
        scene.fetch(streams=3)
    assert opened == []


def test_on_a_full_disk_nothing_is_given_back_that_the_ledger_names(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(part: PartFile, offset: int, *views: memoryview) -> None:
        if offset:
            assert named.wait(20)
            raise OSError(errno.ENOSPC, "No space left on device")
        write_at(part, offset, *views)
        written.append(sum(map(len, views)))

    def saves(ledger: Ledger, path: Path) -> None:
        save(ledger, path)
        if ledger.marks:
            named.set()

    named, written = threading.Event(), list[int]()
    write_at, save = PartFile.write_at, Ledger.save
    with monkeypatch.context() as patch:
        patch.setattr(writing, "CHECKPOINT", 1)
        patch.setattr(PartFile, "write_at", full)
        patch.setattr(Ledger, "save", saves)
        with pytest.raises(LocalError):
            scene.fetch(streams=1)
    scene.portal.answers(FILE, content())
    assert scene.fetch(streams=1).received == len(CONTENT) - written[0]
