"""What clients of the portal's SFTP side began and never finished."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.sandbox.sftp.leftovers import remove_leftovers

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


def left(cases: Path, name: str, *, age: timedelta, case: str = "0003256109") -> Path:
    path = cases / case / "sftp" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    written = (NOW - age).timestamp()
    os.utime(path, (written, written))
    return path


def test_unfinished_files_that_nobody_writes_go(tmp_path: Path) -> None:
    hour = timedelta(hours=1)
    gone = [
        left(tmp_path, ".a.zip.0123abcd.part", age=WEEK + hour),
        left(tmp_path, "b.zip.filepart", age=WEEK + hour, case="0003256187"),
    ]
    kept = [
        left(tmp_path, ".c.zip.0123abcd.part", age=WEEK - hour),
        left(tmp_path, "d.zip", age=10 * WEEK),
        left(tmp_path, "d.zip.sha256", age=10 * WEEK),
    ]
    assert remove_leftovers(tmp_path, now=NOW, lifetime=WEEK) == 2
    assert [path.exists() for path in (*gone, *kept)] == [False, False, True, True, True]


def test_a_portal_without_cases_has_none(tmp_path: Path) -> None:
    assert remove_leftovers(tmp_path / "cases", now=NOW, lifetime=WEEK) == 0
