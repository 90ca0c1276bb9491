"""Room that is kept on a disk: taken once, whole or not at all, and free when it is needed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.storage import KeptRoom

SIZE = 64 * 1024


def test_room_is_taken_until_it_is_given_up(tmp_path: Path) -> None:
    room = KeptRoom(tmp_path / "room", size=SIZE)
    room.keep()
    assert (tmp_path / "room").stat().st_size == SIZE
    room.give_up()
    assert list(tmp_path.iterdir()) == []


def test_room_that_is_taken_is_not_written_again(tmp_path: Path) -> None:
    KeptRoom(tmp_path / "room", size=SIZE).keep()
    before = (tmp_path / "room").read_bytes()
    KeptRoom(tmp_path / "room", size=SIZE).keep()
    assert (tmp_path / "room").read_bytes() == before


def test_giving_up_what_was_not_taken_is_nothing(tmp_path: Path) -> None:
    KeptRoom(tmp_path / "room", size=SIZE).give_up()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.root
def test_a_disk_with_less_room_keeps_all_of_it(tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k", "tmpfs", str(tmp_path)], check=True)
    try:
        KeptRoom(tmp_path / "room", size=SIZE).keep()
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)
