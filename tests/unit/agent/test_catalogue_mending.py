"""A catalogue that was damaged while the agent was off: it is set aside, and nothing but work is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.catalogue import SetAside, mend_catalogue, open_catalogue
from agent.watch import scan_folder
from app.storage import set_aside_before
from tests.conftest import ExpectedLogs
from tests.peers.damage import DAMAGES, HARMLESS

WHEN = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
HOLD = (
    "INSERT INTO holds (reason, label, first, last, applications, made, expires) "
    "VALUES ('incident', 'x', 1, ?, '[]', 1, 2)"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A catalogue of a few segments, with a hold of a range and one of single segments."""
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(1, 200):
        (logs / f"sips.log.{number}").write_bytes(b"line %d\n" % number)
    made = tmp_path / "catalogue.db"
    catalogue = open_catalogue(made, quiet=0.0)
    catalogue.observe(scan_folder(logs))
    with catalogue.database.transaction() as connection:
        connection.execute(HOLD, (9,))
        connection.execute(HOLD, (0,))
    catalogue.close()
    return made


def mended(path: Path, expected_logs: ExpectedLogs) -> SetAside:
    expected_logs("agent.catalogue.mending")
    found = mend_catalogue(path, wall=lambda: WHEN)
    assert found is not None
    return found


def works(path: Path) -> bool:
    catalogue = open_catalogue(path, quiet=0.0)
    try:
        catalogue.observe(scan_folder(path.parent / "logs"))
        return len(catalogue.segments()) == 199
    finally:
        catalogue.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_catalogue_is_kept_under_another_name_and_a_new_one_works(
    path: Path, expected_logs: ExpectedLogs, damage: str
) -> None:
    DAMAGES[damage](path)
    content = path.read_bytes()
    found = mended(path, expected_logs)
    assert found.database.read_bytes() == content
    assert list(set_aside_before(path)) == [found.database]
    assert works(path)


@pytest.mark.parametrize("damage", HARMLESS)
def test_what_sqlite_itself_puts_right_sets_nothing_aside(path: Path, damage: str) -> None:
    HARMLESS[damage](path)
    assert mend_catalogue(path, wall=lambda: WHEN) is None
    assert works(path)


def test_a_sound_or_missing_catalogue_is_left_alone(path: Path, tmp_path: Path) -> None:
    assert mend_catalogue(path) is None
    assert mend_catalogue(tmp_path / "none.db") is None
    assert not set_aside_before(path)


def test_what_was_pinned_is_kept_where_no_sweep_comes(path: Path, expected_logs: ExpectedLogs) -> None:
    pins = path.parent / "evidence"
    pins.mkdir()
    (pins / "1").write_bytes(b"evidence")
    DAMAGES["header"](path)
    found = mended(path, expected_logs)
    assert found.evidence is not None
    assert (found.evidence / "1").read_bytes() == b"evidence"
    assert not pins.exists()


def test_holds_of_a_range_that_can_be_read_are_taken_over(path: Path, expected_logs: ExpectedLogs) -> None:
    with path.open("r+b") as stream:  # a page of segments, behind those that lead to the holds
        stream.seek(-4096, 2)
        stream.write(b"\xff" * 4096)
    assert mended(path, expected_logs).holds == 1


def test_a_kill_before_the_new_file_has_its_name_loses_nothing(
    path: Path, expected_logs: ExpectedLogs
) -> None:
    DAMAGES["header"](path)
    mended(path, expected_logs)
    path.rename(path.with_name("catalogue.db.new"))
    assert mend_catalogue(path) is None
    assert works(path)
