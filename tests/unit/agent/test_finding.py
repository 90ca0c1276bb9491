"""From applications, hosts and a range to the exact bytes, with what belongs to each line."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalogue import (
    Found,
    HeardBlock,
    HeardSegment,
    NamingRule,
    Scope,
    TimeIndexer,
    TimeRange,
    moment_of,
    read_found,
)
from agent.catalogue.entries import TimeEntry, pack_entries, unpack_entries
from agent.watch import scan_folder
from tests.conftest import ExpectedLogs
from tests.peers.timed_logs import PADDING, KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    yield made
    made.close()


def segment(application: str = "sips_a", *, at: datetime = START, codec: str = "utf-8") -> KnownSegment:
    made = KnownSegment(f"{application}.20230609_{at:%H%M%S}_000.log", application=application, codec=codec)
    made.begin(at)
    return made


def scope(first: datetime, last: datetime, *applications: str) -> Scope:
    return Scope(applications, range=TimeRange.between(first, last))


def content(found: Found, *, header: bool = False) -> bytes:
    return b"".join(piece for part in found.segments for piece in read_found(part, header=header))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "cp1252"])
@pytest.mark.parametrize(("begin", "length"), [(0, 800), (17, 400), (499, 1), (250, 0), (790, 500)])
def test_the_bytes_found_are_the_records_of_the_range(
    site: TimedSite, codec: str, begin: int, length: int
) -> None:
    known = steady(segment(codec=codec), START, count=800, step=SECOND)
    site.put(known)
    first = START + begin * SECOND
    last = first + length * SECOND
    assert content(site.finder.find(scope(first, last))) == known.between(first, last)


def test_the_header_of_the_segment_comes_first(site: TimedSite) -> None:
    known = steady(segment(), START, count=50, step=SECOND)
    site.put(known)
    found = site.finder.find(scope(START + 10 * SECOND, START + 11 * SECOND))
    assert content(found, header=True) == known.header + known.records[10].raw


def test_only_the_applications_and_hosts_asked_for_are_found(site: TimedSite) -> None:
    one, other = segment("sips_a"), segment("urs_a")
    other.begin(START, host="rtg-a01")
    site.put(*(steady(made, START, count=20, step=SECOND) for made in (one, other)))
    found = site.finder.find(Scope(["urs*"]))
    assert [part.timed.application for part in found.segments] == ["urs_a"]
    found = site.finder.find(Scope(hosts=["sip-a01"]))
    assert [part.timed.application for part in found.segments] == ["sips_a"]


def test_a_range_over_a_rotation_is_found_in_both_segments(site: TimedSite) -> None:
    first = steady(segment(), START, count=60, step=SECOND)
    second = steady(segment(at=START + 60 * SECOND), START + 60 * SECOND, count=60, step=SECOND)
    site.put(first, second)
    window = (START + 50 * SECOND, START + 70 * SECOND)
    assert content(site.finder.find(scope(*window))) == first.between(*window) + second.between(*window)


def test_what_was_written_since_the_last_look_is_found(site: TimedSite) -> None:
    known = steady(segment(), START, count=10, step=SECOND)
    site.put(known)
    site.indexer.catch_up()
    with (site.folder / known.name).open("ab") as stream:
        stream.write(b"10:00:30.000 Std 1 late\n10:00:31.000 not fini")
    found = site.finder.find(scope(START + 20 * SECOND, START + 60 * SECOND))
    assert content(found) == b"10:00:30.000 Std 1 late\n"


def test_reading_bit_by_bit_gives_the_index_of_reading_at_once(tmp_path: Path) -> None:
    known = steady(segment(), START, count=700, step=SECOND)
    grown, whole = TimedSite(tmp_path / "a"), TimedSite(tmp_path / "b")
    try:
        for end in (1, 50, 90_000, 90_001, 200_000, len(known.content)):
            (grown.folder / known.name).write_bytes(known.content[:end])
            grown.look()
            grown.indexer.catch_up()
        whole.put(known)
        whole.indexer.catch_up()
        (one,), (other,) = grown.table.segments(), whole.table.segments()
        assert (one.least, one.most, one.records, one.upto) == (
            other.least,
            other.most,
            other.records,
            other.upto,
        )
        window = (START + 170 * SECOND, START + 500 * SECOND)
        assert content(grown.finder.find(scope(*window))) == known.between(*window)
    finally:
        grown.close()
        whole.close()


def test_a_renamed_segment_is_found_where_it_lies_now(site: TimedSite) -> None:
    known = KnownSegment("gms.log", application="gms")
    known.begin(START)
    steady(known, START, count=20, step=SECOND)
    site.put(known)
    site.indexer.catch_up()
    (site.folder / "gms.log").rename(site.folder / "gms.log.1")
    site.look()
    assert content(site.finder.find(Scope())) == known.between(START, START + 20 * SECOND)


def test_a_segment_that_was_replaced_is_lost_rather_than_wrong(site: TimedSite) -> None:
    known = steady(segment(), START, count=500, step=SECOND)
    site.put(known)
    site.settle()
    path = site.folder / known.name
    path.unlink()
    path.write_bytes(b"x" * len(known.content))
    found = site.finder.find(scope(START + SECOND, START + 5 * SECOND))
    assert (found.segments, len(found.lost)) == ((), 1)


def test_packed_segments_are_found_inside(site: TimedSite) -> None:
    known = steady(segment(), START, count=700, step=SECOND)
    packed = site.folder / f"{known.name}.gz"
    packed.write_bytes(gzip.compress(known.content))
    window = (START + 100 * SECOND, START + 600 * SECOND)
    site.settle()
    found = site.finder.find(scope(*window))
    assert content(found, header=True) == known.header + known.between(*window)


def test_a_clock_that_was_set_back_is_found_at_the_time_it_showed(site: TimedSite) -> None:
    known = segment()
    for number in range(500):
        known.add(START + number * 4 * SECOND, f"Std 1 before {number}\n\t{PADDING}")
    for number in range(500):
        known.add(START + (1000 + number * 4) * SECOND, f"Std 1 after {number}\n\t{PADDING}")
    site.put(known)
    window = (START + 1500 * SECOND, START + 1540 * SECOND)
    assert content(site.finder.find(scope(*window))) == known.between(*window)


def test_midnight_lies_between_two_lines(site: TimedSite) -> None:
    known = segment(at=START.replace(hour=21))
    steady(known, START.replace(hour=21), count=900, step=8 * SECOND)
    site.put(known)
    midnight = START.replace(hour=22)
    window = (midnight - 17 * SECOND, midnight + 18 * SECOND)
    assert content(site.finder.find(scope(*window))) == known.between(*window)


def test_clocks_without_any_date_are_dated_by_the_change_of_the_file(site: TimedSite) -> None:
    path = site.folder / "gms.log"
    path.write_bytes(b"23:59:58.000 a\n00:00:01.000 b\n")
    moment = datetime(2023, 6, 9, 0, 0, 2, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    site.look()
    site.indexer.catch_up()
    (timed,) = site.table.segments()
    assert timed.least == round(datetime(2023, 6, 8, 23, 59, 58, tzinfo=UTC).timestamp() * 1000)


def test_what_is_no_text_is_not_found(site: TimedSite) -> None:
    (site.folder / "core.log").write_bytes(bytes(range(256)) * 100)
    site.settle()
    assert site.finder.find(Scope()).segments == ()


@pytest.mark.parametrize(
    ("name", "text", "application", "host"),
    [
        ("a.log", b"Host name:         h1\nApplication name:  urs_a\n\n10:00:00.000 x\n", "urs_a", "h1"),
        ("gms.log", b"2023-06-09 10:00:00,000 INFO x\n", "gms", "agent-host"),
        ("odd.trace", b"2023-06-09 10:00:00,000 INFO x\n", "billing", "agent-host"),
    ],
)
def test_header_name_or_rule_tell_who_wrote_it(
    site: TimedSite, name: str, text: bytes, application: str, host: str
) -> None:
    site.indexer = TimeIndexer(
        site.table, host="agent-host", naming=[NamingRule(f"{site.folder.as_posix()}/*", "billing")]
    )
    (site.folder / name).write_bytes(text)
    site.look()
    site.indexer.catch_up()
    (timed,) = site.table.segments()
    assert (timed.application, timed.host) == (application, host)


def test_an_empty_segment_is_no_trouble(site: TimedSite) -> None:
    (site.folder / "gms.log").touch()
    site.settle()
    assert site.finder.find(Scope()).segments == ()


ENTRIES = st.lists(
    st.builds(
        TimeEntry,
        offset=st.integers(0, 2**40),
        least=st.integers(-(2**42), 2**42),
        most=st.integers(0, 2**42),
        local=st.integers(-(2**42), 2**42),
        zone=st.integers(-60, 60),
    ),
    max_size=8,
)


@given(ENTRIES)
def test_entries_are_unpacked_as_they_were_packed(entries: list[TimeEntry]) -> None:
    offset = 0
    for entry in entries:
        offset += entry.offset
        entry.offset = offset
        entry.most = entry.least + abs(entry.most)
    assert unpack_entries(pack_entries(entries)) == entries


@settings(max_examples=12, deadline=None)
@given(
    steps=st.lists(st.integers(-20_000, 400_000), min_size=150, max_size=150),
    window=st.tuples(st.integers(0, 60_000_000), st.integers(0, 20_000_000)),
)
def test_whatever_the_clock_does_each_record_is_found_by_its_own_time(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], window: tuple[int, int]
) -> None:
    site = TimedSite(tmp_path_factory.mktemp("find"))
    try:
        known = segment()
        moment = START
        for number, step in enumerate(steps):
            moment = max(START, moment + timedelta(milliseconds=step))
            known.add(moment, f"Std 1 line {number}\n" + "\tmore of it " * 120)
        site.put(known)
        first = START + timedelta(milliseconds=window[0])
        last = first + timedelta(milliseconds=window[1])
        assert content(site.finder.find(scope(first, last))) == known.between(first, last)
    finally:
        site.close()


def test_a_segment_that_brings_a_defect_to_light_keeps_no_other_from_being_read(
    site: TimedSite, caplog: pytest.LogCaptureFixture, expected_logs: ExpectedLogs
) -> None:
    expected_logs("agent.catalogue.indexing")

    class Deaf:
        """Stumbles over one application."""

        def hear(self, segment: HeardSegment, block: HeardBlock) -> None:
            if segment.application == "urs_a":
                raise ValueError(block)

    site.put(steady(segment(), START, count=20, step=SECOND), segment("urs_a"))
    now = [0.0]
    indexer = TimeIndexer(site.table, host="agent-host", listener=Deaf(), clock=lambda: now[0])
    indexer.catch_up()
    indexer.catch_up()
    found = site.finder.find(scope(START, START + 30 * SECOND), fresh=False)
    assert [part.timed.application for part in found.segments] == ["sips_a"]
    assert caplog.text.count("cannot be read") == 1
    now[0] = 3601.0
    indexer.catch_up()
    assert caplog.text.count("cannot be read") == 2


def test_a_moment_beyond_the_calendar_is_its_end() -> None:
    assert moment_of(2**62).year == 9999
    assert moment_of(-(2**62)).year == 1


def test_a_growing_log_below_two_watched_folders_is_found_once(site: TimedSite) -> None:
    known = steady(segment(), START, count=20, step=SECOND)
    below = site.folder / "sip"
    below.mkdir()
    (below / known.name).write_bytes(known.content)
    for folder in (site.folder, below):
        site.catalogue.observe(scan_folder(folder))
    site.indexer.catch_up()
    assert content(site.finder.find(scope(START, START + 30 * SECOND))) == known.between(
        START, START + 30 * SECOND
    )
    slots = site.table.volumes(first=0, last=2**40)
    assert sum(volume.records for _application, _host, _slot, volume in slots) == 20
