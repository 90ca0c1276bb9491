"""Copying a log for evidence, on a disk that has little room."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from agent.catalogue.copying import LEFT_FOR_STATE, copy_behind


@pytest.fixture
def log(tmp_path: Path) -> Path:
    made = tmp_path / "sips_a.log"
    made.write_bytes(b"line\n" * 1000)
    return made


def free(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: SimpleNamespace(free=room))


def test_a_copy_leaves_room_for_what_the_agent_has_to_write(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free(monkeypatch, LEFT_FOR_STATE + 4999)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        copy_behind(log, tmp_path / "copy", behind=0, wanted=lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == [log.name]


def test_only_what_is_new_needs_room(log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    copy.write_bytes(log.read_bytes()[:4000])
    free(monkeypatch, LEFT_FOR_STATE + 1000)
    copy_behind(log, copy, behind=4000, wanted=lambda: True)
    assert copy.read_bytes() == log.read_bytes()


def test_a_copy_that_breaks_off_takes_no_room(log: Path, tmp_path: Path) -> None:
    with pytest.raises(InterruptedError):
        copy_behind(log, tmp_path / "copy", behind=0, wanted=lambda: False)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == log.stat().st_size
