"""The index of ids is disposable: when it is damaged it is made anew, and every id is found meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.catalogue.idindex import IdIndex
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, 0, tzinfo=UTC)
ID = "006b02d96a3f8de4"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    for hour in range(30):
        at = START + timedelta(hours=hour)
        known = KnownSegment(f"sips_a.{at:%Y%m%d_%H%M%S}_000.log")
        known.begin(at, number=hour + 1)
        for number in range(300):
            known.add(at + timedelta(seconds=number), f"ConnID {number:08x}{hour:08x}")
        made.put(steady(known, at, count=5, step=timedelta(seconds=1)))
    made.settle()
    yield made
    made.close()


def build(index: IdIndex, site: TimedSite) -> int:
    return index.build(site.table, wanted=lambda: True, pause=lambda: None)


def damage(path: Path) -> None:
    """All pages but the first two, so that it opens."""
    with path.open("r+b") as stream:
        stream.seek(0, 2)
        size = stream.tell()
        stream.seek(2 * 4096)
        stream.write(b"\xff" * (size - 2 * 4096))


@pytest.fixture
def damaged(site: TimedSite) -> Iterator[IdIndex]:
    path = site.root / "ids.db"
    index = IdIndex(path)
    assert build(index, site) > 20
    index.close()
    damage(path)
    index = IdIndex(path)
    yield index
    index.close()


def test_an_id_is_looked_for_everywhere_meanwhile(damaged: IdIndex, site: TimedSite) -> None:
    skips = damaged.without(ID)
    assert not any(skips(timed) for timed in site.table.segments())


def test_it_is_made_anew(damaged: IdIndex, site: TimedSite) -> None:
    build(damaged, site)
    assert build(damaged, site) > 20
    assert any(damaged.without(ID)(timed) for timed in site.table.segments())
