"""A journal of transfers for one test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.transfer import Journal


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty one."""
    with Journal(tmp_path / "journal.sqlite3") as opened:
        yield opened
