"""Hours that the kept logs cover, missing segments, verbosity, clocks, and what was written when."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.catalogue import LogArchive, open_archive
from agent.catalogue.activity import Activity
from agent.catalogue.readiness import Gap, GapKind, usual_silences_left_out
from agent.catalogue.upkeep import Upkeep
from app.agentlink import CoverageAsk, LogReadiness
from tests.peers.timed_logs import KnownSegment, TimedSite

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class ReadySite(TimedSite):
    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.archive: LogArchive = open_archive(
            self.catalogue, root, host="agent-host", quota=10**6, with_ids=False, wall=lambda: self.wall
        )

    def readiness(self) -> list[LogReadiness]:
        self.indexer.catch_up()
        return self.archive.desk.readiness().applications

    def coverage(self, *, hours: float = 4) -> dict[str, list[tuple[str, int]]]:
        """Gaps by lane: kind and minutes."""
        self.indexer.catch_up()
        answer = self.archive.desk.coverage(CoverageAsk(START, START + timedelta(hours=hours)))
        lanes = {lane.application: lane.gaps for lane in answer.lanes} | {"": answer.gaps}
        return {
            name: [(gap.kind, round((gap.last - gap.first) / MINUTE)) for gap in gaps]
            for name, gaps in lanes.items()
        }


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ReadySite]:
    made = ReadySite(tmp_path)
    yield made
    made.archive.close()
    made.close()


def segment(
    minute: int, *, minutes: int = 60, number: int = 1, text: str = "Trc 1 x", every: int = 10
) -> KnownSegment:
    at = START + minute * MINUTE
    known = KnownSegment(f"sips_a.20230609_{at:%H%M%S}_000.log")
    known.begin(at, number=number)
    for second in range(0, minutes * 60, every):
        known.add(at + timedelta(seconds=second), f"{text} {second}")
    return known


def test_hours_are_what_is_kept_at_the_present_rate(site: ReadySite) -> None:
    segments = [segment(60 * number, number=number + 1) for number in range(4)]
    site.put(*segments)
    site.wall = START + 240 * MINUTE
    (found,) = site.readiness()
    assert found.hours == pytest.approx(4.0, abs=0.1)
    assert (found.segments, found.first, found.missing) == (4, START, [])


def test_a_night_without_calls_does_not_make_the_logs_reach_further(site: ReadySite) -> None:
    site.put(segment(0), segment(60, number=2))
    site.wall = START + timedelta(hours=10)
    (found,) = site.readiness()
    assert found.hours == pytest.approx(2.0, abs=0.1)


def test_segments_that_are_missing_between_others_are_named(site: ReadySite) -> None:
    site.put(segment(0, number=3), segment(60, number=4), segment(180, number=7))
    (found,) = site.readiness()
    assert found.missing == [5, 6]
    assert "Segments 5, 6 are missing between others." in found.warnings


def test_of_many_missing_segments_the_first_are_named(site: ReadySite) -> None:
    site.put(segment(0), segment(60, number=12))
    (found,) = site.readiness()
    assert "Segments 2, 3, 4, 5, 6, 7, 8, 9 and 2 more are missing between others." in found.warnings


def test_missing_numbers_are_seen_in_names_as_well(site: ReadySite) -> None:
    for number in (1, 2, 5):
        (site.folder / f"mcp.log.{number}").write_bytes(b"2023-06-09T0%d:00:00.000 Std 1 x\n" % (9 - number))
    site.look()
    (found,) = site.readiness()
    assert found.missing == [3, 4]


def test_threads_with_logs_of_their_own_count_by_themselves(site: ReadySite) -> None:
    threads = []
    for thread, first in (("001", 3), ("002", 20)):
        for number in range(3):
            known = segment(60 * number + first, minutes=30, number=first + number)
            known.name = known.name.replace("sips_a.", f"sips_a-{thread}.")
            threads.append(known)
    site.put(*threads)
    (found,) = site.readiness()
    assert found.missing == []
    assert not any(kind == "missing" for kind, _minutes in site.coverage()["sips_a"])


def test_logs_of_other_names_count_by_themselves(site: ReadySite) -> None:
    for name in ("mcp.log.1", "mcp.log.2", "audit.log.7", "audit.log.8"):
        head = "Application name:  mcp_a\n\n"
        (site.folder / name).write_text(f"{head}2023-06-09T08:00:00.000 Std 1 {name}\n")
    site.look()
    (found,) = site.readiness()
    assert found.missing == []


@pytest.mark.parametrize(
    ("text", "verbosity"),
    [("Std 05060 x", "standard"), ("Int 1 x", "interaction"), ("Trc 1 x", "trace"), ("Dbg 1 x", "full")],
)
def test_the_verbosity_is_that_of_the_last_hours(site: ReadySite, text: str, verbosity: str) -> None:
    site.put(segment(0, text=text))
    site.wall = START + 60 * MINUTE
    (found,) = site.readiness()
    assert found.verbosity == verbosity


def test_a_clock_that_is_apart_from_that_of_the_files_is_told(site: ReadySite) -> None:
    known = segment(0, minutes=10)
    path = site.folder / known.name
    path.write_bytes(known.content)
    moment = (known.records[-1].moment - timedelta(seconds=90)).timestamp()
    os.utime(path, (moment, moment))
    site.look()
    (found,) = site.readiness()
    assert found.skew == 90.0
    assert any("clock" in warning.lower() for warning in found.warnings)


def test_a_process_that_ran_and_wrote_nothing_was_silent(site: ReadySite) -> None:
    known = segment(0, minutes=10)
    known.add(START + 50 * MINUTE, "Std 1 again")
    site.put(known)
    assert site.coverage()["sips_a"] == [("silent", 40)]


def test_a_process_that_was_started_anew_had_stopped(site: ReadySite) -> None:
    site.put(segment(0, minutes=10), segment(60, minutes=10, number=1))
    assert site.coverage()["sips_a"] == [("stopped", 50)]


def test_segments_that_are_gone_leave_a_gap_of_their_own(site: ReadySite) -> None:
    site.put(segment(0, minutes=10), segment(60, minutes=10, number=4))
    assert site.coverage()["sips_a"] == [("missing", 50)]


def test_the_time_without_an_agent_is_a_gap(site: ReadySite) -> None:
    first, again = Activity(site.catalogue.database), Activity(site.catalogue.database)
    for activity, minute in ((first, 6), (first, 10), (again, 40), (again, 44)):
        activity.alive(round((START + minute * MINUTE).timestamp() * 1000))
    site.wall = START + 45 * MINUTE
    assert site.coverage()[""] == [("agent off", 30)]


def test_an_agent_that_stood_is_a_gap_though_its_process_lived(site: ReadySite) -> None:
    activity = Activity(site.catalogue.database)
    for minute in (0, 4, 30, 31):
        activity.alive(round((START + minute * MINUTE).timestamp() * 1000))
    site.wall = START + 32 * MINUTE
    assert site.coverage()[""] == [("agent off", 26)]


def test_an_agent_that_stands_now_is_a_gap_up_to_now(site: ReadySite) -> None:
    activity = Activity(site.catalogue.database)
    activity.alive(round(START.timestamp() * 1000))
    site.wall = START + 20 * MINUTE
    assert site.coverage()[""] == [("agent off", 20)]


def test_an_upkeep_that_reads_for_long_gives_signs_of_life(site: ReadySite) -> None:
    site.put(*[segment(60 * number, number=number + 1) for number in range(4)])
    moved = 0.0

    def clock() -> float:
        nonlocal moved
        moved += 100.0
        site.wall += timedelta(seconds=100)
        return moved

    archive = site.archive
    upkeep = Upkeep(
        table=site.table,
        indexer=site.indexer,
        evidence=archive.evidence,
        activity=Activity(site.catalogue.database),
        ids=None,
        wall=lambda: site.wall,
        backlog=archive.desk.backlog,
        clock=clock,
    )
    began = site.wall
    assert upkeep.once() == 4
    off = archive.desk.activity.off(first=0, last=2**50)
    assert (off, site.wall - began > timedelta(minutes=10)) == ([], True)


def silent_site(site: ReadySite, *, silent: int) -> None:
    """An application that wrote for ten minutes, and nothing since."""
    known = segment(0, minutes=10)
    path = site.folder / known.name
    path.write_bytes(known.content)
    moment = known.records[-1].moment.timestamp()
    os.utime(path, (moment, moment))
    site.look()
    site.wall = START + (10 + silent) * MINUTE


def test_an_application_that_is_silent_now_is_a_gap_up_to_now(site: ReadySite) -> None:
    silent_site(site, silent=40)
    assert site.coverage()["sips_a"] == [("silent", 40)]


def test_an_application_that_is_silent_now_is_told_with_its_readiness(site: ReadySite) -> None:
    silent_site(site, silent=90)
    (found,) = site.readiness()
    assert "Nothing was written for 1.5 hours: look whether it runs." in found.warnings


@pytest.mark.parametrize("silent", [10, 8 * 24 * 60], ids=["a short while", "given up"])
def test_no_silence_is_told_with_the_readiness(site: ReadySite, silent: int) -> None:
    silent_site(site, silent=silent)
    (found,) = site.readiness()
    assert not any("Nothing was written" in warning for warning in found.warnings)


def test_a_live_log_that_was_not_read_to_its_end_tells_no_silence(site: ReadySite) -> None:
    silent_site(site, silent=0)
    site.indexer.catch_up()
    (path,) = site.folder.iterdir()
    moment = path.stat().st_mtime
    path.write_bytes(path.read_bytes() + b"10:30:00.000 Std 1 more\n")
    os.utime(path, (moment, moment))
    site.look()
    site.wall = START + 60 * MINUTE
    answer = site.archive.desk.coverage(CoverageAsk(START, START + timedelta(hours=4)))
    assert [lane.gaps for lane in answer.lanes] == [[]]


def test_volumes_are_counted_by_ten_minutes_and_kind(site: ReadySite) -> None:
    known = segment(0, minutes=25)
    site.put(known)
    site.indexer.catch_up()
    answer = site.archive.desk.coverage(CoverageAsk(START, START + timedelta(hours=1)))
    (lane,) = answer.lanes
    assert [(slot.at, slot.records, slot.kinds) for slot in lane.slots] == [
        (START, 60, {"trace": 60}),
        (START + 10 * MINUTE, 60, {"trace": 60}),
        (START + 20 * MINUTE, 30, {"trace": 30}),
    ]
    assert sum(slot.size for slot in lane.slots) == len(known.content)


def test_what_is_an_applications_habit_is_no_gap() -> None:
    hour = 3_600_000
    habit = [Gap(GapKind.SILENT, "a", "h", n * hour, n * hour + hour - 1000) for n in range(30)]
    outage = Gap(GapKind.SILENT, "a", "h", 40 * hour, 43 * hour)
    assert usual_silences_left_out([*habit, outage]) == [outage]


def test_an_application_without_any_date_is_told(site: ReadySite) -> None:
    (site.folder / "gms.log").write_bytes(b"no stamps here\n" * 10)
    site.look()
    (found,) = site.readiness()
    assert found.warnings == ["The date of its lines is not known."]
