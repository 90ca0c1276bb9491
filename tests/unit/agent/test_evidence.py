"""Holds keep the bytes of segments after rotation has deleted them, within a quota."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.catalogue import Evidence, GrowingPins, Hold, HoldReason, Scope, TimeRange, gaps_at, read_found
from agent.catalogue.evidence import Masked
from app.domain.errors import InputError
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = Scope(range=TimeRange.between(START, START + timedelta(hours=1)))


class HeldSite(TimedSite):
    """A site with evidence, whose wall clock moves when told."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.evidence = self.with_quota(10_000_000)

    def with_quota(self, quota: int, *, masked: Masked = lambda _keys: ()) -> Evidence:
        return Evidence(
            self.catalogue.database,
            self.finder,
            folder=self.root / "evidence",
            quota=quota,
            wall=lambda: self.wall,
            masked=masked,
        )

    def hold(self, *, days: float = 14, reason: HoldReason = HoldReason.INCIDENT) -> Hold:
        self.indexer.catch_up()
        return self.evidence.hold(reason, label="calls dropped", scope=HOUR, keep=timedelta(days=days))

    def later(self, **passed: float) -> None:
        self.wall += timedelta(**passed)
        self.look()
        self.indexer.catch_up()
        self.evidence.renew()

    def pins(self) -> list[str]:
        folder = self.root / "evidence"
        names = (path.name for path in folder.iterdir()) if folder.exists() else ()
        return sorted(name for name in names if name != "spares")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[HeldSite]:
    made = HeldSite(tmp_path)
    yield made
    made.close()


def segment(minute: int = 0, *, count: int = 50) -> KnownSegment:
    at = START + timedelta(minutes=minute)
    known = KnownSegment(f"sips_a.20230609_{at:%H%M%S}_000.log")
    known.begin(at, number=minute + 1)
    return steady(known, at, count=count, step=SECOND)


def content(site: HeldSite) -> bytes:
    found = site.finder.find(HOUR)
    return b"".join(piece for part in found.segments for piece in read_found(part, header=False))


def test_a_held_segment_is_found_after_its_file_was_deleted(site: HeldSite) -> None:
    known = segment()
    site.put(known, segment(1))
    held = site.hold()
    (site.folder / known.name).unlink()
    site.later(seconds=10)
    assert held.segments == 2
    assert known.between(START, START + timedelta(hours=1)) in content(site)


def test_a_pin_is_a_link_and_costs_nothing_while_the_log_is_there(site: HeldSite) -> None:
    known = segment()
    site.put(known)
    site.hold()
    (name,) = site.pins()
    assert (site.root / "evidence" / name).samefile(site.folder / known.name)
    assert site.evidence.used() == 0


def test_the_evidence_folder_is_for_the_agents_account_only(site: HeldSite) -> None:
    site.put(segment())
    site.hold()
    assert stat.S_IMODE((site.root / "evidence").stat().st_mode) == 0o700


def test_where_no_link_can_be_made_a_copy_is(site: HeldSite, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    known = segment()
    site.put(known)
    site.hold()
    (name,) = site.pins()
    assert (site.root / "evidence" / name).read_bytes() == known.content
    assert site.evidence.used() == len(known.content)


def test_the_copy_of_a_growing_segment_grows_with_it(site: HeldSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", lambda *_args, **_named: (_ for _ in ()).throw(OSError(1, "no links")))
    known = segment(count=50)
    site.put(known)
    site.hold()
    more = segment(count=60)
    (site.folder / more.name).write_bytes(more.content)
    site.later(seconds=10)
    (name,) = site.pins()
    assert (site.root / "evidence" / name).read_bytes() == more.content


def test_a_segment_emptied_in_place_is_copied_since_a_link_would_be_emptied(site: HeldSite) -> None:
    path = site.folder / "mcp.log"
    path.write_bytes(b"2023-06-09T08:00:00.000 one\n" * 20)
    site.look()
    with path.open("r+b") as stream:
        stream.truncate(0)
        stream.write(b"2023-06-09T08:10:00.000 two\n" * 5)
    site.look()
    site.hold()
    (name,) = site.pins()
    assert not path.samefile(site.root / "evidence" / name)


@pytest.mark.parametrize("reason", [HoldReason.INCIDENT, HoldReason.ALARM])
def test_a_log_that_is_emptied_for_the_first_time_after_it_was_held_stays_evidence(
    site: HeldSite, reason: HoldReason
) -> None:
    known = segment()
    site.put(known)
    site.hold(reason=reason)
    site.later(seconds=1)
    before = content(site)
    assert len(before) > 1000
    with (site.folder / known.name).open("r+b") as stream:
        stream.truncate(0)
        stream.write(b"2023-06-09T11:10:00.000 other\n")
    site.later(seconds=10)
    assert content(site) == before


def test_an_incident_has_room_for_a_spare_copy_before_a_collection_has(site: HeldSite) -> None:
    first, second = segment(), segment(120)
    site.put(first, second)
    site.indexer.catch_up()
    by_name = {timed.segment.path: timed.segment for timed in site.table.segments()}
    site.evidence = site.with_quota(len(first.content) + 10)
    site.evidence.hold_segments(
        HoldReason.COLLECTION, label="job", segments=[by_name[second.name]], keep=timedelta(days=1)
    )
    site.hold()
    site.evidence.renew()
    (spare,) = (site.root / "evidence" / "spares").iterdir()
    assert spare.name == f"{by_name[first.name].id}.log"


def test_a_round_without_room_for_spare_copies_adds_up_what_is_used_no_oftener_for_more_logs(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    used = Evidence.used

    def count(evidence: Evidence) -> int:
        asked.append(0)
        return used(evidence)

    monkeypatch.setattr(Evidence, "used", count)
    counts = []
    site.evidence = site.with_quota(0)
    for minute in (0, 10):
        for application in "bcde":
            known = KnownSegment(f"sips_{application}{minute}.20230609_080000_000.log")
            known.begin(START, number=1)
            site.put(steady(known, START, count=5, step=SECOND))
        site.hold()
        asked.clear()
        site.evidence.renew()
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_segments_written_later_in_the_range_are_held_as_well(site: HeldSite) -> None:
    site.put(segment())
    held = site.hold()
    site.put(segment(5))
    site.later(seconds=10)
    (after,) = site.evidence.holds()
    assert (held.segments, after.segments) == (1, 2)


def test_segments_outside_the_range_are_not_held(site: HeldSite) -> None:
    site.put(segment(), segment(120))
    assert site.hold().segments == 1


def test_a_hold_ends_by_age(site: HeldSite) -> None:
    site.put(segment())
    site.hold(days=2)
    site.later(days=1)
    assert len(site.pins()) == 1
    site.later(days=1)
    assert (site.pins(), site.evidence.holds()) == ([], [])


def test_a_hold_ends_by_hand_and_leaves_the_log_alone(site: HeldSite) -> None:
    known = segment()
    site.put(known)
    site.evidence.release(site.hold().id)
    assert site.pins() == []
    assert (site.folder / known.name).read_bytes() == known.content


def test_what_another_hold_wants_stays(site: HeldSite) -> None:
    site.put(segment())
    first = site.hold()
    site.hold()
    site.evidence.release(first.id)
    assert len(site.pins()) == 1


def test_beyond_the_quota_nothing_is_copied_and_the_hold_says_so(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", lambda *_args, **_named: (_ for _ in ()).throw(OSError(1, "no links")))
    site.evidence = site.with_quota(len(segment().content) + 10)
    site.put(segment(), segment(1))
    held = site.hold()
    assert (held.segments, held.missing, held.problem) == (1, 1, "The quota for evidence is used up.")


def no_links(*_args: object, **_named: object) -> None:
    raise OSError(18, "Invalid cross-device link")


def test_a_hold_that_misses_something_can_be_told_from_the_data_folder(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", lambda *_args, **_named: (_ for _ in ()).throw(OSError(1, "no links")))
    site.evidence.quota = 10
    site.put(segment(), segment(1))
    held = site.hold()
    (gap,) = gaps_at(site.root)
    assert (gap.hold, gap.reason, gap.missing) == (held.id, HoldReason.INCIDENT, 2)
    assert gap.problem == held.problem != ""


def test_a_hold_that_misses_nothing_has_no_gap(site: HeldSite) -> None:
    site.put(segment())
    site.hold()
    assert gaps_at(site.root) == []


def test_what_a_copy_has_already_does_not_count_twice(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    known, more = segment(count=50), segment(count=60)
    site.evidence = site.with_quota(len(more.content) + 10)
    site.put(known)
    site.hold()
    (site.folder / more.name).write_bytes(more.content)
    site.later(seconds=10)
    (name,) = site.pins()
    assert (site.root / "evidence" / name).read_bytes() == more.content


def test_only_what_is_new_is_read_for_a_copy_that_grows(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    known, more = segment(count=50), segment(count=60)
    site.put(known)
    site.hold()
    (name,) = site.pins()
    copy = site.root / "evidence" / name
    marked = b"X" + known.content[1:]
    copy.write_bytes(marked)
    (site.folder / more.name).write_bytes(more.content)
    site.later(seconds=10)
    assert copy.read_bytes() == marked + more.content[len(marked) :]


def test_a_copy_that_was_taken_away_is_made_anew(site: HeldSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    known, more = segment(count=50), segment(count=60)
    site.put(known)
    site.hold()
    (name,) = site.pins()
    (site.root / "evidence" / name).unlink()
    (site.folder / more.name).write_bytes(more.content)
    site.later(seconds=10)
    assert (site.root / "evidence" / name).read_bytes() == more.content


def test_an_alarm_gives_way_to_an_incident_that_is_held_later(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    site.evidence = site.with_quota(len(segment().content) + 10)
    site.put(segment(), segment(120))
    site.indexer.catch_up()
    later = Scope(range=TimeRange.between(START + timedelta(hours=2), START + timedelta(hours=3)))
    site.evidence.hold(HoldReason.ALARM, label="alarm", scope=later, keep=timedelta(days=1))
    held = site.hold()
    assert (held.segments, held.missing) == (1, 0)
    alarm = next(hold for hold in site.evidence.holds() if hold.reason is HoldReason.ALARM)
    assert (alarm.segments, alarm.problem) == (0, "The quota for evidence is used up.")


def test_nothing_gives_way_for_what_would_not_fit_even_then(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    small, large = segment(120, count=5), segment(count=500)
    site.evidence = site.with_quota(len(small.content) + 10)
    site.put(large, small)
    site.indexer.catch_up()
    later = Scope(range=TimeRange.between(START + timedelta(hours=2), START + timedelta(hours=3)))
    site.evidence.hold(HoldReason.ALARM, label="alarm", scope=later, keep=timedelta(days=1))
    assert site.hold().segments == 0
    assert [name.partition("-")[2] for name in site.pins()] == [small.name]


def test_a_link_is_made_also_when_the_quota_is_used_up(site: HeldSite) -> None:
    site.evidence = site.with_quota(0)
    site.put(segment())
    assert site.hold().segments == 1


def test_a_link_that_grew_with_its_log_counts_with_what_it_became(site: HeldSite) -> None:
    first, whole = segment(count=2), segment(count=200)
    path = site.folder / first.name
    site.put(first)
    site.indexer.catch_up()
    GrowingPins(site.evidence, quiet=5.0, clock=lambda: 0.0).pin(
        [timed.segment for timed in site.table.segments()]
    )
    with path.open("ab") as stream:
        stream.write(whole.content[len(first.content) :])
    site.later(seconds=1)
    path.unlink()
    site.later(seconds=1)
    assert site.evidence.used() == len(whole.content)


def test_when_logs_are_deleted_collections_give_way_before_incidents(site: HeldSite) -> None:
    first, second = segment(), segment(120)
    site.put(first, second, segment(180))
    site.settle()
    by_name = {timed.segment.path: timed.segment for timed in site.table.segments()}
    site.hold()
    site.evidence.hold_segments(
        HoldReason.COLLECTION, label="job", segments=[by_name[second.name]], keep=timedelta(days=1)
    )
    site.evidence = site.with_quota(len(first.content) + 10)
    for known in (first, second):
        (site.folder / known.name).unlink()
    site.later(seconds=10)
    assert [name.partition("-")[2] for name in site.pins()] == [first.name]


def test_a_held_segment_is_known_by_its_key_after_it_was_deleted(site: HeldSite) -> None:
    known = segment()
    site.put(known, segment(1))
    site.settle()
    site.hold()
    (closed,) = site.catalogue.closed()
    (site.folder / known.name).unlink()
    site.later(seconds=10)
    found = site.catalogue.by_key(closed.key)
    assert found is not None
    assert found.file.read_bytes() == known.content


def test_held_segments_are_not_forgotten_with_time(site: HeldSite) -> None:
    known = segment()
    site.put(known)
    site.hold(days=60)
    (site.folder / known.name).unlink()
    site.later(days=1)
    site.later(days=40)
    assert content(site) == known.between(START, START + timedelta(hours=1))


def test_leftovers_of_a_kill_are_swept(site: HeldSite) -> None:
    site.put(segment())
    site.hold()
    (site.root / "evidence" / "9-left.log.part").write_bytes(b"x")
    site.later(seconds=10)
    assert len(site.pins()) == 1


def test_a_pin_that_cannot_be_deleted_now_is_deleted_later(
    site: HeldSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.put(segment(), segment(1))
    held = site.hold()
    stuck, _other = site.pins()
    really = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == stuck:
            raise PermissionError(13, "The process cannot access the file")
        really(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    site.evidence.release(held.id)
    assert (site.pins(), site.evidence.holds()) == ([stuck], [])
    monkeypatch.undo()
    site.later(seconds=10)
    assert site.pins() == []


@pytest.mark.parametrize("label", ["", "x" * 201])
def test_a_hold_needs_a_label_of_reasonable_length(site: HeldSite, label: str) -> None:
    with pytest.raises(InputError):
        site.evidence.hold(HoldReason.ALARM, label=label, scope=HOUR, keep=timedelta(days=1))


def test_a_hold_without_an_end_is_refused(site: HeldSite) -> None:
    with pytest.raises(InputError):
        site.evidence.hold(HoldReason.ALARM, label="x", scope=Scope(), keep=timedelta(days=1))


def test_an_unknown_hold_cannot_be_released(site: HeldSite) -> None:
    with pytest.raises(InputError):
        site.evidence.release(77)
