"""What could not be pinned for a job: it is tried again when that may help, and told while it is so."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from agent.catalogue import Evidence, Hold, HoldReason, Scope, TimeRange
from tests.peers.request_hall import START
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

KEEP = timedelta(days=90)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    for minute in range(4):
        at = START + timedelta(minutes=minute)
        known = KnownSegment(f"sips_a.20230609_{at:%H%M%S}_000.log")
        known.begin(at, number=minute + 1)
        made.put(steady(known, at, count=20, step=timedelta(seconds=1)))
    made.settle()
    made.indexer.catch_up()
    yield made
    made.close()


def evidence_of(site: TimedSite, quota: int) -> Evidence:
    return Evidence(
        site.catalogue.database,
        site.finder,
        folder=site.root / "evidence",
        quota=quota,
        wall=lambda: START + timedelta(hours=1),
    )


def held_for_a_job(site: TimedSite, evidence: Evidence) -> Hold:
    segments = [timed.segment for timed in site.table.segments()]
    return evidence.hold_segments(HoldReason.COLLECTION, label="job", segments=segments, keep=KEEP)


def test_what_has_no_room_is_tried_again_when_there_is_room(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[object] = []

    def another_disk(source: object, _target: object, **_more: object) -> None:
        tried.append(source)
        raise OSError(errno.EXDEV, "another disk")

    monkeypatch.setattr("os.link", another_disk)
    segments = [timed.segment for timed in site.table.segments()]
    evidence = evidence_of(site, sum(segment.size for segment in segments[:2]))
    assert held_for_a_job(site, evidence).missing == 2
    tried.clear()
    evidence.renew()
    assert tried == []
    evidence.quota *= 2
    evidence.renew()
    (hold,) = evidence.holds()
    assert (hold.segments, hold.missing) == (4, 0)


def test_what_another_hold_has_pinned_is_missed_no_longer(site: TimedSite) -> None:
    evidence = evidence_of(site, 10_000_000)
    away = [timed.segment.file for timed in site.table.segments()]
    for file in away:
        file.rename(file.with_suffix(".away"))
    assert held_for_a_job(site, evidence).missing == 4
    for file in away:
        file.with_suffix(".away").rename(file)
    scope = Scope(range=TimeRange.between(START, START + timedelta(hours=1)))
    evidence.hold(HoldReason.INCIDENT, label="x", scope=scope, keep=KEEP)
    evidence.renew()
    assert {hold.label: (hold.segments, hold.missing) for hold in evidence.holds()} == {
        "x": (4, 0),
        "job": (4, 0),
    }
