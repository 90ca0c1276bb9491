"""Exactly the segments of a job are held, through kills, renames and logs that are emptied."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from agent.catalogue import HoldReason
from agent.jobs import FileRow, FileState, JobJournal, JobRow
from agent.service.holding import HeldCollections
from app.agentlink import JobState, Via
from tests.unit.agent.test_evidence import START, HeldSite, segment, site

__all__ = ["site"]


def test_a_start_holds_what_a_kill_left_open_and_releases_what_has_ended(
    site: HeldSite, tmp_path: Path
) -> None:
    site.put(segment(), segment(1))
    site.settle()
    known, *_rest = site.catalogue.closed()
    journal = JobJournal(tmp_path / "journal.db")
    for number, state in (("open", JobState.COLLECTING), ("ended", JobState.VERIFIED)):
        row = JobRow(number, "0003256109", number, Via.HTTPS, state, "j.zip", START, START)
        journal.create(row, [FileRow(number, 1, "a.log", known.file, FileState.WAITING, segment=known.key)])
    site.evidence.hold_segments(
        HoldReason.COLLECTION, label="ended", segments=[known], keep=timedelta(days=90)
    )
    held = HeldCollections(journal, site.catalogue, site.evidence)
    held.take_stock()
    assert [hold.label for hold in site.evidence.holds()] == ["open"]
    journal.move("open", before=(JobState.COLLECTING,), after=JobState.VERIFIED)
    held.follow("open")
    journal.close()
    assert site.pins() == []


def test_a_segment_that_is_renamed_while_it_is_to_be_pinned_is_pinned_at_the_next_look(
    site: HeldSite,
) -> None:
    site.put(segment())
    site.settle()
    (known,) = [timed.segment for timed in site.table.segments()]
    later = known.file.with_name(f"{known.file.name}.1")
    known.file.rename(later)
    held = site.evidence.hold_segments(
        HoldReason.COLLECTION, label="job", segments=[known], keep=timedelta(days=90)
    )
    assert (held.segments, held.missing) == (0, 1)
    site.later(seconds=1)
    later.unlink()
    site.later(seconds=1)
    (held,) = site.evidence.holds()
    assert (held.segments, held.missing, held.problem) == (1, 0, "")


def test_a_log_that_was_emptied_before_it_could_be_copied_takes_no_room_of_others(site: HeldSite) -> None:
    first, second = segment(), segment(120, count=20)
    site.put(first, second)
    site.settle()
    by_name = {timed.segment.path: timed.segment for timed in site.table.segments()}
    site.evidence = site.with_quota(len(second.content) + 10)
    held = site.hold()
    site.evidence.hold_segments(
        HoldReason.COLLECTION, label="job", segments=[by_name[second.name]], keep=timedelta(days=1)
    )
    (site.folder / second.name).unlink()
    site.later(seconds=1)
    with (site.folder / first.name).open("r+b") as stream:
        stream.truncate(0)
        stream.write(b"2023-06-09T11:10:00.000 other\n" * 500)
    site.later(seconds=10)
    assert [name.partition("-")[2] for name in site.pins()] == [second.name]
    assert [hold.missing for hold in site.evidence.holds() if hold.id == held.id] == [1]
