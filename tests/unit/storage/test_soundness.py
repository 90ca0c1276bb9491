"""What a damaged database is, and that it is kept."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.storage import is_sound, keep_set_aside, set_aside, set_aside_before
from tests.peers.damage import DAMAGES, HARMLESS
from tests.peers.faulting import Faults, build_library

LOOK = """
import sys
from pathlib import Path
from app.domain.errors import LocalError
from app.storage import is_sound
try:
    print(is_sound(Path(sys.argv[1])))
except LocalError as error:
    print(error.code)
"""
PAGE = 4096
WHEN = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """With a table whose key does not come first, which SQLite 3.40 misreads."""
    made = tmp_path / "state.db"
    connection = sqlite3.connect(made)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE ranges (rule TEXT NOT NULL, upto INTEGER NOT NULL, job TEXT NOT NULL, "
        "number INTEGER NOT NULL, PRIMARY KEY (job, number)) WITHOUT ROWID"
    )
    rows = [(f"rule {number}", number, f"job {number % 50}", number) for number in range(2000)]
    connection.executemany("INSERT INTO ranges VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    return made


def test_a_table_that_sqlite_misreads_is_sound(path: Path) -> None:
    assert is_sound(path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_seen_beside_what_sqlite_misreads(path: Path, damage: str) -> None:
    DAMAGES[damage](path)
    assert not is_sound(path)


@pytest.mark.parametrize("damage", HARMLESS)
def test_what_sqlite_itself_puts_right_is_no_damage(path: Path, damage: str) -> None:
    HARMLESS[damage](path)
    assert is_sound(path)


def test_what_is_set_aside_is_what_it_was(path: Path) -> None:
    content = path.read_bytes()
    aside = set_aside(path, at=WHEN)
    assert aside.read_bytes() == content
    assert (path.exists(), list(set_aside_before(path))) == (False, [aside])


def test_a_log_goes_with_its_database(path: Path) -> None:
    HARMLESS["garbage in the log"](path)
    aside = set_aside(path, at=WHEN)
    assert aside.with_name(f"{aside.name}-wal").exists()
    assert not path.with_name(f"{path.name}-wal").exists()


def test_of_many_that_were_set_aside_the_last_ones_stay_with_their_logs(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    made = []
    for day in range(5):
        path.write_bytes(b"damaged")
        path.with_name("state.db-wal").write_bytes(b"log")
        made.append(set_aside(path, at=WHEN + timedelta(days=day)))
    assert keep_set_aside(path, most=3) == made[:2]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        f"{one.name}{ending}" for one in made[2:] for ending in ("", "-wal")
    )


def test_one_that_cannot_be_deleted_keeps_no_other(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_bytes(b"damaged")
    (tmp_path / "state.db.damaged-20250101T000000.000000Z").mkdir()
    set_aside(path, at=WHEN)
    path.write_bytes(b"damaged")
    newest = set_aside(path, at=WHEN + timedelta(days=1))
    keep_set_aside(path, most=1)
    assert [each.is_file() for each in set_aside_before(path)] == [False, True]
    assert newest.exists()


@pytest.mark.parametrize(
    ("number", "behind", "answer"),
    [
        pytest.param(errno.ESTALE, 3 * PAGE, "CF-1803", id="a share that went away in between"),
        pytest.param(errno.EIO, 3 * PAGE, "False", id="a page that the disk has lost"),
        pytest.param(errno.EIO, 0, "False", id="the first page, lost by the disk"),
        pytest.param(errno.ESTALE, 0, "CF-1803", id="a share that is not there"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="calls are made to fail by the loader of Linux")
def test_what_cannot_be_read_now_is_no_damage_but_what_the_disk_has_lost_is(
    path: Path, tmp_path: Path, number: int, behind: int, answer: str
) -> None:
    trigger = tmp_path / "trigger"
    trigger.touch()
    faults = Faults(
        build_library(tmp_path), tmp_path, while_there=trigger, number=number, calls="read", behind=behind
    )
    said = subprocess.run(
        [sys.executable, "-c", LOOK, str(path)],
        env={**os.environ, **faults.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.strip() == answer
