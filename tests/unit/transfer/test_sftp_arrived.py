"""What arrived from an SFTP server is recorded, whatever ends the call while it is hashed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from app.transfer.crc import crc32
from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Island, Ledger
from app.transfer.sftp_arrived import Arrived

DATA = os.urandom(1_000_000)
PLACE = "sftp://archive.example:22/logs.zip"


class Stopped(Exception):
    """Raised by a listener to end a call."""


def stop() -> None:
    raise Stopped


def never() -> None:
    """Nobody listens."""


@pytest.fixture
def landing(tmp_path: Path) -> Landing:
    found = Landing(tmp_path / "logs.zip")
    found.part.write_bytes(DATA)
    return found


@pytest.fixture
def descriptor(landing: Landing) -> Iterator[int]:
    opened = os.open(landing.part, os.O_RDWR)
    yield opened
    os.close(opened)


def there(landing: Landing) -> Ledger:
    """The ledger that lies there."""
    found = Ledger.read(landing.ledger_path)
    assert found is not None
    return found


def going_on(landing: Landing, *islands: tuple[int, int]) -> Arrived:
    """A call that goes on with these."""
    left = [Island(start, end, crc32(DATA[start:end])) for start, end in islands]
    Ledger(PLACE, len(DATA), "", "1700000000", islands=left).save(landing.ledger_path)
    found, proven = landing.begin(Ledger(PLACE, len(DATA), "", "1700000000"))
    return Arrived(landing, found, proven)


def proven_later(landing: Landing) -> int:
    """Bytes that the next call has no need to fetch."""
    _found, proven = landing.begin(Ledger(PLACE, len(DATA), "", "1700000000"))
    return proven.position + sum(each.end - each.start for each in proven.islands)


def test_what_arrives_while_the_disk_answers_is_not_recorded(
    landing: Landing, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sync(which: int) -> None:
        usual(which)
        arrived.add(500_000, 900_000)

    arrived, usual = going_on(landing), os.fsync
    arrived.add(100_000, 400_000)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", sync)
        arrived.record(descriptor)
    assert [(each.start, each.end) for each in there(landing).islands] == [(100_000, 400_000)]


@pytest.mark.parametrize("islands", [[(1000, 900_000)], []], ids=["of an earlier call", "of this call"])
def test_a_stop_within_what_is_hashed_loses_nothing_of_it(
    landing: Landing, descriptor: int, islands: list[tuple[int, int]]
) -> None:
    arrived = going_on(landing, *islands)
    arrived.add(0, 1000)
    if not islands:
        arrived.add(1000, 900_000)
    with pytest.raises(Stopped):
        arrived.hash(descriptor, 900_000, tell=stop)
    arrived.record(descriptor)
    assert proven_later(landing) == 900_000


def test_what_is_hashed_to_its_end_is_no_island_any_more(landing: Landing, descriptor: int) -> None:
    arrived = going_on(landing, (1000, 600_000), (700_000, 900_000))
    arrived.add(0, 1000)
    arrived.hash(descriptor, 600_000, tell=never)
    arrived.record(descriptor)
    assert [(each.start, each.end) for each in there(landing).islands] == [(700_000, 900_000)]


def lose_at_sync(patch: pytest.MonkeyPatch, number: int) -> None:
    """As a disk whose write-back fails: systems say it once."""

    def lossy(descriptor: int) -> None:
        if next(syncs) == number:
            raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    syncs, sync = count(1), os.fsync
    patch.setattr(os, "fsync", lossy)


def test_what_the_disk_lost_is_recorded_by_nobody(
    landing: Landing, descriptor: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = going_on(landing, (600_000, 900_000))
    arrived.add(0, 300_000)
    arrived.hash(descriptor, 300_000, tell=never)
    arrived.record(descriptor)
    before = there(landing)
    lose_at_sync(monkeypatch, 1)
    arrived.add(300_000, 500_000)
    with pytest.raises(OSError, match="Input/output"):
        arrived.record(descriptor)
    arrived.record(descriptor)
    arrived.settle(all_there=False)
    assert there(landing) == before
