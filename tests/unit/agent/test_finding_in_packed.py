"""Packed segments are found, searched and followed inside, and are what they were before they were packed."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

import agent.catalogue.contents
from agent.catalogue import (
    Evidence,
    Found,
    HoldReason,
    Query,
    Scope,
    TimeRange,
    open_catalogue,
    read_found,
)
from agent.catalogue.calls import CallFinder, CallQuestion
from app.logs import open_packed
from app.logs.unpacking import Limits
from app.storage import migrations_in
from tests.peers.packed_logs import pack, zipped
from tests.peers.timed_logs import KnownSegment, TimedSite, steady

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WINDOW = (START + 100 * SECOND, START + 260 * SECOND)
CALL = "1A2B3C4D5E6F7081"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    yield made
    made.close()


def segment(application: str = "sips_a", *, codec: str = "utf-8") -> KnownSegment:
    made = KnownSegment(f"{application}.20230609_080000_000.log", application=application, codec=codec)
    made.begin(START)
    return steady(made, START, count=400, step=SECOND)


def scope(first: datetime = WINDOW[0], last: datetime = WINDOW[1], *applications: str) -> Scope:
    return Scope(applications, range=TimeRange.between(first, last))


def content(found: Found) -> list[bytes]:
    return [b"".join(read_found(part)) for part in found.segments]


@pytest.mark.parametrize("packing", ["gzip", "zip"])
@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le"])
def test_a_log_is_found_as_before_once_it_is_packed(site: TimedSite, packing: str, codec: str) -> None:
    known = segment(codec=codec)
    (site.folder / f"{known.name}.1").write_bytes(known.content)
    site.settle()
    before = content(site.finder.find(scope()))
    pack(site.folder / f"{known.name}.1", packing=packing)
    site.settle()
    assert before == [known.header + known.between(*WINDOW)]
    assert content(site.finder.find(scope())) == before


@pytest.mark.parametrize("packing", ["gzip", "zip"])
def test_a_packed_log_has_the_name_of_its_content_that_it_had_before(site: TimedSite, packing: str) -> None:
    known = segment()
    path = site.folder / f"{known.name}.1"
    path.write_bytes(known.content)
    site.settle()
    (plain,) = site.catalogue.closed()
    packed = pack(path, packing=packing)
    site.settle()
    (now,) = site.catalogue.closed()
    assert (now.key, now.path) == (plain.key, packed.name)


def test_a_packed_log_that_begins_alike_and_goes_on_is_another_content(site: TimedSite) -> None:
    known = segment()
    path = site.folder / f"{known.name}.1"
    path.write_bytes(known.content)
    site.settle()
    (plain,) = site.catalogue.closed()
    path.write_bytes(known.content + known.records[-1].raw)
    pack(path)
    site.settle()
    (now,) = site.catalogue.closed()
    assert now.key != plain.key


def test_a_log_that_is_there_plain_and_packed_is_found_once(site: TimedSite) -> None:
    known = segment()
    path = site.folder / f"{known.name}.1"
    path.write_bytes(known.content)
    site.settle()
    (site.folder / f"{known.name}.1.gz").write_bytes(gzip.compress(known.content))
    site.settle()
    assert len(site.finder.find(scope()).segments) == 1
    assert sum(volume.records for *_rest, volume in site.table.volumes(first=0, last=10**9)) == 400


def test_a_held_log_that_was_packed_before_it_was_closed_is_found_once(site: TimedSite) -> None:
    known = segment()
    path = site.folder / known.name
    path.write_bytes(known.content[:-2000])
    site.look()
    site.indexer.catch_up()
    evidence = Evidence(
        site.catalogue.database,
        site.finder,
        folder=site.root / "evidence",
        quota=10**9,
        wall=lambda: site.wall,
    )
    evidence.hold(HoldReason.INCIDENT, label="x", scope=scope(), keep=timedelta(days=1))
    path.write_bytes(known.content)
    path = path.rename(site.folder / f"{known.name}.1")
    pack(path)
    site.settle()
    everything = scope(START, START + 3600 * SECOND)
    assert content(site.finder.find(everything)) == [known.content]


def test_each_file_of_a_zip_is_found_with_its_own_header(site: TimedSite) -> None:
    one, other = segment("sips_a"), segment("urs_a", codec="utf-16-le")
    packed = zipped((one.name, one.content), ("core", bytes(range(256)) * 40), (other.name, other.content))
    (site.folder / "logs.20230609.log.zip").write_bytes(packed)
    site.settle()
    found = site.finder.find(scope())
    assert content(found) == [known.header + known.between(*WINDOW) for known in (one, other)]
    assert [part.timed.application for part in found.segments] == ["sips_a", "urs_a"]
    assert [part.timed.path for part in found.segments] == [
        f"logs.20230609.log.zip/{known.name}" for known in (one, other)
    ]


@pytest.mark.parametrize(
    "query",
    [
        Query("number 150"),
        Query(r"number 15\d\b", expression=True),
        Query(CALL, whole=True),
    ],
    ids=["substring", "expression", "id"],
)
def test_a_search_finds_in_an_archive_what_it_finds_beside_it(tmp_path: Path, query: Query) -> None:
    answers = []
    for place in ("plain", "gzip", "zip"):
        site = TimedSite(tmp_path / place)
        known = segment()
        known.add(START + 150 * SECOND, f"Std 1 AttributeConnID {CALL}")
        other = segment("urs_a")
        if place == "zip":
            packed = zipped((other.name, other.content), (known.name, known.content))
            (site.folder / "logs.20230609.log.zip").write_bytes(packed)
        else:
            site.put(known, other)
            if place == "gzip":
                pack(site.folder / known.name)
        site.settle()
        hits = site.searcher.search(scope(*WINDOW, "sips_a"), query).hits
        answers.append([(hit.moment, hit.record) for hit in hits])
        site.close()
    assert answers[0]
    assert answers == [answers[0]] * 3


def test_a_call_is_followed_through_the_files_of_an_archive(site: TimedSite) -> None:
    one, other = segment("sips_a"), segment("urs_a")
    for number, known in enumerate((one, other)):
        known.add(START + (401 + number) * SECOND, f"Std 1 AttributeConnID {CALL}")
    (site.folder / "logs.20230609.log.zip").write_bytes(
        zipped((one.name, one.content), (other.name, other.content))
    )
    site.settle()
    answer = CallFinder(site.finder, site.searcher).follow(CallQuestion(ids=[CALL], around=3_000_000))
    assert [record.timed.application for record in answer.records if record.ids] == ["sips_a", "urs_a"]
    assert len(answer.records) == 5


def test_of_a_cut_archive_the_lines_before_the_cut_are_found_and_the_cut_is_told(site: TimedSite) -> None:
    known = segment()
    packed = gzip.compress(known.content)
    half = packed[: len(packed) // 2]
    name = f"{known.name}.1.gz"
    (site.folder / name).write_bytes(half)
    site.settle()
    (part,) = site.finder.find(scope(START, START + 3600 * SECOND)).segments
    text = b"".join(read_found(part))
    broken = part.timed.member.broken
    at = int(broken.partition("behind byte ")[2].split()[0])
    assert len(known.header) < len(text) <= at < len(known.content)
    assert text == known.content[: known.content.rindex(b"\n", 0, at) + 1]
    assert broken.startswith(f"{name}: ")


def test_an_archive_of_which_nothing_is_readable_is_told(site: TimedSite) -> None:
    (site.folder / "sips_a.log.1.gz").write_bytes(gzip.compress(segment().content)[:40])
    site.settle()
    (lost,) = site.finder.find(scope()).lost
    assert lost.reason.startswith("sips_a.log.1.gz: behind byte ")


def test_an_archive_that_unpacks_to_too_much_is_told_with_its_name_and_its_limit(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = Limits(free=100_000, ratio=1)
    monkeypatch.setattr(agent.catalogue.contents, "open_packed", partial(open_packed, limits=limits))
    bomb = b"10:15:00.118 Std 05060 the same line\n" * 30_000
    (site.folder / "sips_a.log.1.gz").write_bytes(gzip.compress(bomb))
    site.settle()
    found = site.finder.find(scope())
    (lost,) = found.lost
    assert not found.segments
    assert lost.reason.startswith("sips_a.log.1.gz: It unpacks to more than 100000 bytes")


def test_times_that_an_older_version_read_are_kept(tmp_path: Path) -> None:
    site = TimedSite(tmp_path / "now")
    known = segment()
    site.put(known)
    site.settle()
    steps = migrations_in(Path(agent.catalogue.contents.__file__).parent / "migrations")
    path = tmp_path / "old.db"
    old = sqlite3.connect(path)
    for step in steps[:3]:
        old.executescript(step.sql)
    old.execute("ATTACH ? AS now", (str(site.catalogue.database.path),))
    for table in ("folders", "segments", "applications", "hosts"):
        old.execute(f"INSERT INTO {table} SELECT * FROM now.{table}")
    for table, renamed in (
        ("timed", {}),
        ("volumes", {"segment": "timed"}),
        ("silences", {"segment": "timed"}),
    ):
        columns = [row[1] for row in old.execute(f"PRAGMA main.table_info({table})")]
        there = ", ".join(renamed.get(column, column) for column in columns)
        old.execute(f"INSERT INTO {table} SELECT {there} FROM now.{table}")
    old.execute("PRAGMA user_version = 3")
    old.commit()
    old.close()
    catalogue = open_catalogue(path, quiet=1.0)
    database, now = catalogue.database, site.catalogue.database
    for table in ("timed", "volumes", "silences"):
        asked = f"SELECT * FROM {table}"
        rows, same = ([tuple(row) for row in one.rows(asked)] for one in (database, now))
        if table == "timed":
            size = [row[1] for row in now.rows("PRAGMA table_info(timed)")].index("file_size")
            rows, same = ([row[:size] + row[size + 1 :] for row in each] for each in (rows, same))
        assert rows == same
    catalogue.close()
    site.close()
