"""The agent ends: what is being read or copied ends at the next block, and nothing of it is lost."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from agent.catalogue import (
    Evidence,
    HeardBlock,
    HeardSegment,
    HoldReason,
    Scope,
    TimeIndexer,
    TimeRange,
    copying,
)
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, tzinfo=UTC)
RULES = timedelta(hours=2)


class Ending:
    """A listener in whose presence the agent ends after so many blocks; it remembers what it heard."""

    def __init__(self, *, after: int) -> None:
        self.heard: list[bytes] = []
        self.indexer: TimeIndexer | None = None
        self._after = after

    def hear(self, segment: HeardSegment, block: HeardBlock) -> None:
        del segment
        self.heard.append(block.lines.raw)
        if len(self.heard) == self._after and self.indexer is not None:
            self.indexer.cease()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path, rules=RULES)
    yield made
    made.close()


def large(*, dated: bool = True) -> KnownSegment:
    known = KnownSegment("sips_a.20230609_100000_000.log" if dated else "sips_a.log.1")
    if dated:
        known.begin(START)
    return steady(known, START, count=1500, step=timedelta(seconds=1))


def ending_indexer(site: TimedSite, *, after: int) -> Ending:
    listener = Ending(after=after)
    site.indexer = listener.indexer = TimeIndexer(
        site.table, host="h", rules=timezone(RULES), listener=listener
    )
    return listener


@pytest.mark.parametrize("closed", [True, False])
def test_what_was_read_is_kept_and_the_next_start_reads_on_from_there(site: TimedSite, closed: bool) -> None:
    known = large()
    site.put(known)
    if closed:
        (site.folder / "sips_a.20230609_110000_000.log").write_bytes(b"")
        site.look(after=1.0)
        os.utime(site.folder / "sips_a.20230609_110000_000.log")
        site.look(after=31.0)
    first = ending_indexer(site, after=2)
    site.indexer.catch_up()
    (timed,) = site.table.segments()
    assert (timed.upto, timed.complete) == (sum(map(len, first.heard)), False)
    assert len(first.heard) == 2
    second = ending_indexer(site, after=0)
    site.indexer.catch_up()
    (timed,) = site.table.segments()
    assert b"".join(first.heard + second.heard) == known.content
    assert (timed.upto, timed.complete) == (len(known.content), closed)
    assert timed.records == 1500


def test_it_is_found_as_if_it_was_read_at_once(tmp_path: Path) -> None:
    found = []
    for name, starts in (("parts", (3, 1, 0)), ("whole", (0,))):
        site = TimedSite(tmp_path / name, rules=RULES)
        site.put(large())
        for after in starts:
            ending_indexer(site, after=after)
            site.indexer.catch_up()
        (timed,) = site.table.segments()
        scope = Scope(range=TimeRange.between(START + timedelta(minutes=5), START + timedelta(minutes=9)))
        ranges = [part.ranges for part in site.finder.find(scope).segments]
        found.append((ranges, timed.records, timed.least, timed.most, timed.last))
        site.close()
    assert found[0] == found[1]


def test_an_undated_segment_that_was_not_read_to_its_end_is_dated_by_it_at_the_next_start(
    site: TimedSite,
) -> None:
    known = large(dated=False)
    site.put(known)
    os.utime(site.folder / known.name, (START.timestamp() + 1500,) * 2)
    site.look()
    ending_indexer(site, after=2)
    site.indexer.catch_up()
    assert [timed.upto for timed in site.table.segments()] in ([], [0])
    ending_indexer(site, after=0)
    site.indexer.catch_up()
    (timed,) = site.table.segments()
    assert timed.upto == len(known.content)


def test_nothing_more_is_begun(site: TimedSite) -> None:
    site.put(large())
    listener = ending_indexer(site, after=0)
    site.indexer.cease()
    assert site.indexer.catch_up() == 0
    assert listener.heard == []


def test_a_copy_that_is_being_made_is_given_up_and_made_at_the_next_start(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = large()
    site.put(known)
    site.indexer.catch_up()
    monkeypatch.setattr(os, "link", lambda *_args, **_named: (_ for _ in ()).throw(OSError(1, "no links")))

    def evidence() -> Evidence:
        return Evidence(
            site.catalogue.database,
            site.finder,
            folder=site.root / "evidence",
            quota=10**9,
            wall=lambda: START,
        )

    first = evidence()
    opened = copying.open_shared

    def ended(path: Path) -> object:
        first.cease()
        return opened(path)

    monkeypatch.setattr(copying, "open_shared", ended)
    scope = Scope(range=TimeRange.between(START, START + timedelta(hours=1)))
    first.hold(HoldReason.INCIDENT, label="x", scope=scope, keep=timedelta(days=1))
    assert [path.suffix for path in (site.root / "evidence").iterdir()] == [".part"]
    evidence().renew()
    (pin,) = (site.root / "evidence").iterdir()
    assert pin.read_bytes() == known.content
