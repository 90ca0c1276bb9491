"""Holding a name alone: between threads and processes, and after a kill."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.storage import Taken, alone

HOLDER = """
import sys
from pathlib import Path
from app.storage import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_held_name_is_taken_for_others(tmp_path: Path) -> None:
    with alone(tmp_path / "lock"), pytest.raises(Taken), alone(tmp_path / "lock"):
        pass


def test_it_is_free_again_and_leaves_no_file(tmp_path: Path) -> None:
    for _time in range(2):
        with alone(tmp_path / "lock"):
            pass
    assert list(tmp_path.iterdir()) == []


def test_a_killed_holder_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(Taken), alone(tmp_path / "lock"):
            pass
        other.kill()
        other.wait(timeout=60)
    with alone(tmp_path / "lock"):
        pass


def test_a_folder_that_shows_another_file_each_time_is_not_looked_at_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os.path, "samestat", lambda _one, _other: False)
    with pytest.raises(Taken), alone(tmp_path / "lock"):
        pass


def refusing(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses every lock with this error."""

    def refuse(_descriptor: int, _operation: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EINVAL])
def test_where_there_are_no_locks_nobody_is_kept_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refusing(number, monkeypatch)
    with alone(tmp_path / "lock"), alone(tmp_path / "lock"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_a_lock_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(errno.EIO, monkeypatch)
    opened = Path("/proc/self/fd")
    before = len(list(opened.iterdir()))
    with pytest.raises(OSError, match="error"), alone(tmp_path / "lock"):
        pass
    assert len(list(opened.iterdir())) == before


def test_never_two_at_once_in_a_crowd(tmp_path: Path) -> None:
    inside, most, entered = [], [0], [0]
    guard = threading.Lock()

    def come_and_go() -> None:
        for _time in range(300):
            try:
                with alone(tmp_path / "lock"):
                    with guard:
                        inside.append(1)
                        most[0], entered[0] = max(most[0], len(inside)), entered[0] + 1
                    with guard:
                        inside.pop()
            except Taken:
                continue

    threads = [threading.Thread(target=come_and_go) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entered[0] > 0
    assert most[0] == 1
