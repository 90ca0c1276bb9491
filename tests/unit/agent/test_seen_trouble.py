"""What people hear while the state cannot be written: as long as it lasts, and the log once."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.catalogue.archive import LogArchive, open_archive
from agent.catalogue.upkeep import Upkeep
from agent.service.overview import Seen
from app.domain.errors import LocalError, WorldError
from tests.peers.timed_logs import TimedSite


def full() -> LocalError:
    return LocalError(
        "The state cannot be written", happened="catalogue.db: SQLITE_FULL.", todo="t", code="CF-1802"
    )


def test_trouble_is_told_until_something_was_written(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen = Seen()
    seen.not_recorded(full())
    seen.not_recorded(full())
    assert seen.trouble == "The state cannot be written. catalogue.db: SQLITE_FULL."
    assert len(caplog.records) == 1
    seen.recorded()
    assert seen.trouble == ""


def test_on_a_full_disk_what_was_held_back_is_given_up_first() -> None:
    left = [True]
    seen = Seen(make_room=lambda: bool(left and left.pop()))
    seen.not_recorded(full())
    assert (seen.trouble, left) == ("", [])
    seen.not_recorded(full())
    assert seen.trouble


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    yield made
    made.close()


def archive_of(site: TimedSite, told: list[str]) -> LogArchive:
    def not_recorded(error: WorldError) -> None:
        told.append(error.code)
        archive.upkeep.stop()

    def recorded() -> None:
        told.append("recorded")
        archive.upkeep.stop()

    archive = open_archive(
        site.catalogue,
        site.root,
        host="a",
        quota=0,
        with_ids=False,
        wall=lambda: datetime.now(UTC),
        recorded=recorded,
        not_recorded=not_recorded,
    )
    return archive


def run(upkeep: Upkeep) -> None:
    """One round, in a thread of its own since it takes the lowest priority; what it tells ends it."""
    thread = threading.Thread(target=upkeep._run)
    thread.start()
    thread.join()


def test_a_round_that_could_write_is_told(site: TimedSite) -> None:
    told: list[str] = []
    run(archive_of(site, told).upkeep)
    assert told == ["recorded"]


def test_a_round_that_could_not_write_is_told_with_the_reason(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    archive = archive_of(site, told)

    def fails(_upkeep: Upkeep) -> int:
        raise full()

    monkeypatch.setattr(Upkeep, "once", fails)
    run(archive.upkeep)
    assert told == ["CF-1802"]
