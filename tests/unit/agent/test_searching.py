"""Words, expressions and ids in the records of a range."""

from __future__ import annotations

import gzip
import os
import re
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.catalogue import Query, Scope, Searched, Searcher, TimeRange, moment_of, needles, searching
from agent.catalogue.ahead import open_ahead
from agent.catalogue.idindex import IdIndex
from agent.catalogue.needles import Block, libc_seek
from app.domain.errors import InputError
from app.masking import Seek, core_seek
from tests.peers.timed_logs import PADDING, KnownSegment, TimedSite

START = datetime(2023, 6, 9, 8, 0, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CONN = "00e2029a670222cb"
SEARCHES = [core_seek, libc_seek]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TimedSite]:
    made = TimedSite(tmp_path)
    yield made
    made.close()


def filled(site: TimedSite, *, codec: str = "utf-8", count: int = 600) -> KnownSegment:
    """A segment in which record 100 holds the connection id, and 500 holds it in a line without a stamp."""
    known = KnownSegment("sips_a.20230609_080000_000.log", codec=codec)
    known.begin(START)
    for number in range(count):
        text = f"Std 1 line {number} of Zoë"
        if number == 100:
            text += f" conn {CONN} here"
        if number == 500:
            text += f"\n\tAttributeConnID\t{CONN}\n\tAttributeThisDN\t'7021'"
        known.add(START + number * SECOND, f"{text}\n\t{PADDING}")
    site.put(known)
    return known


def texts(site: TimedSite, found: Searched) -> list[bytes]:
    return [hit.timed.file.read_bytes()[hit.record.start : hit.record.end] for hit in found.hits]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize(
    "query",
    [
        Query(CONN),
        Query(CONN, whole=True),
        Query(CONN.upper(), fold=True),
        Query("(conn |ConnID\\s)[0-9a-f]{16}", expression=True),
    ],
)
def test_the_records_around_what_was_found_are_told_with_their_time(
    site: TimedSite, codec: str, query: Query
) -> None:
    known = filled(site, codec=codec)
    found = site.searcher.search(Scope(), query)
    assert texts(site, found) == [known.records[100].raw, known.records[500].raw]
    assert [moment_of(hit.moment) for hit in found.hits] == [START + 100 * SECOND, START + 500 * SECOND]


def test_only_the_range_is_searched(site: TimedSite) -> None:
    known = filled(site)
    late = TimeRange.between(START + 300 * SECOND, None)
    assert texts(site, site.searcher.search(Scope(range=late), Query(CONN))) == [known.records[500].raw]


def test_a_part_of_a_longer_id_is_not_the_id(site: TimedSite) -> None:
    filled(site)
    assert site.searcher.search(Scope(), Query(CONN[1:])).hits
    assert not site.searcher.search(Scope(), Query(CONN[1:], whole=True)).hits


def test_more_than_the_limit_is_said(site: TimedSite) -> None:
    filled(site)
    found = site.searcher.search(Scope(), Query("line"), limit=7)
    assert (len(found.hits), found.cut) == (7, True)


def test_a_record_that_holds_it_twice_is_one_hit(site: TimedSite) -> None:
    known = KnownSegment("sips_a.20230609_080000_000.log")
    known.begin(START)
    known.add(START, f"{CONN} and {CONN}\n\tand {CONN}")
    site.put(known)
    assert len(site.searcher.search(Scope(), Query(CONN)).hits) == 1


def test_packed_segments_are_searched_inside(site: TimedSite) -> None:
    known = KnownSegment("sips_a.20230609_080000_000.log")
    known.begin(START)
    for number in range(600):
        known.add(START + number * SECOND, f"line {number} {CONN if number == 500 else ''}\n\t{PADDING}")
    (site.folder / f"{known.name}.gz").write_bytes(gzip.compress(known.content))
    site.settle()
    (hit,) = site.searcher.search(Scope(), Query(CONN, whole=True)).hits
    assert moment_of(hit.moment) == START + 500 * SECOND


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (Query(""), "CF-1104"),
        (Query("a\nb"), "CF-1104"),
        (Query("(a", expression=True), "CF-1103"),
        (Query(r"(a)\1", expression=True), "CF-1103"),
    ],
)
def test_what_cannot_be_searched_for_is_refused(site: TimedSite, query: Query, code: str) -> None:
    with pytest.raises(InputError) as caught:
        site.searcher.search(Scope(), query)
    assert caught.value.code == code


def _has_whole(line: str, word: str) -> bool:
    """Whether a word stands in a line as no part of a longer one: of letters, digits and dashes."""
    return any(
        not (re.match(r"[\w-]{2}", line[max(0, at - 1) : at + 1]) if at else False)
        and not re.match(r"[\w-]{2}", line[at + len(word) - 1 : at + len(word) + 1])
        for at in range(len(line))
        if line.startswith(word, at)
    )


WORDS = st.text(alphabet="ab€", min_size=1, max_size=4)


@settings(max_examples=40, deadline=None)
@given(
    content=st.text(alphabet="ab€ -\n", max_size=400),
    word=WORDS,
    codec=st.sampled_from(["utf-8", "utf-16-le"]),
    block=st.sampled_from([32, 34, 64]),
    expression=st.booleans(),
    whole=st.booleans(),
    ahead=st.booleans(),
)
def test_every_place_is_found_whatever_the_borders_of_blocks_and_tasks(
    tmp_path_factory: pytest.TempPathFactory,
    content: str,
    word: str,
    codec: str,
    block: int,
    expression: bool,
    whole: bool,
    ahead: bool,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searching, "BLOCK", block * 4 if expression else block)
        patch.setattr(searching, "_TASK", 48)
        if not ahead:
            patch.setattr(searching, "open_ahead", lambda: None)
        site = TimedSite(tmp_path_factory.mktemp("search"))
        try:
            lines = [f"10:00:00.{number:03} {line}\n" for number, line in enumerate(content.split("\n"))]
            known = KnownSegment("sips_a.20230609_100000_000.log", codec=codec)
            known.begin(START)
            (site.folder / known.name).write_bytes(known.header + "".join(lines).encode(codec))
            site.look()
            query = Query(word, expression=expression, whole=whole and not expression)
            found = Searcher(site.finder, threads=2).search(Scope(), query)
            got = [text.decode(codec) for text in texts(site, found)]
        finally:
            site.close()
    if expression and any(len(line.encode(codec)) > block * 4 for line in lines):
        return  # a line longer than a block is looked at in pieces
    assert got == [line for line in lines if (_has_whole(line, word) if query.whole else word in line)]


def test_the_index_of_ids_tells_where_an_id_cannot_be(site: TimedSite, tmp_path: Path) -> None:
    for number in range(3):
        known = KnownSegment(f"sips_a.20230609_08{number:02}00_000.log")
        known.begin(START + timedelta(minutes=number))
        known.add(START + timedelta(minutes=number), f"_I_I_{CONN[:-1]}{number} [09:05] >>>")
        site.put(known)
    site.settle()
    index = IdIndex(tmp_path / "ids.db")
    try:
        built = index.build(site.table, wanted=lambda: True, pause=lambda: None)
        skipped = index.without(f"{CONN[:-1]}1")
        left = [timed.segment.path for timed in site.table.segments() if not skipped(timed)]
        found = site.searcher.search(Scope(), Query(f"{CONN[:-1]}1", whole=True), skip=skipped)
    finally:
        index.close()
    assert built == 2, "the newest segment is growing"
    assert left == ["sips_a.20230609_080100_000.log", "sips_a.20230609_080200_000.log"]
    assert len(found.hits) == 1


@pytest.mark.parametrize("seek", SEARCHES)
def test_every_search_in_memory_finds_what_python_finds(seek: Callable[[], Seek | None]) -> None:
    found = seek()
    if found is None:
        pytest.skip("this platform has no such search")
    block = Block(4096)
    data = b"abc" * 300 + b"needle" + b"abc" * 300 + b"needle"
    block.data[: len(data)] = data
    for start in (0, 1, 900, 901, len(data) - 6, len(data) - 5, len(data)):
        for word in (b"needle", b"a", b"nothing", b"ca", b"abc"):
            wanted = block.data.find(word, start, len(data))
            assert found(block.address, start, len(data), word) == wanted


@pytest.mark.parametrize("seek", [None, *SEARCHES])
def test_a_word_is_found_with_every_search(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch, seek: Callable[[], Seek | None] | None
) -> None:
    filled(site)
    monkeypatch.setattr(searching, "open_ahead", lambda: None)
    monkeypatch.setattr(needles, "_seek", lambda: None if seek is None else seek())
    assert len(site.searcher.search(Scope(), Query(CONN)).hits) == 2


@pytest.mark.parametrize("every", [1, 3, 700])
def test_lines_without_what_an_expression_needs_are_passed_over_and_no_other(
    site: TimedSite, every: int
) -> None:
    known = KnownSegment("sips_a.20230609_080000_000.log")
    known.begin(START)
    for number in range(700):
        conn = f"\tConnID\t{number:016x}" if number % every == 0 else "nothing"
        known.add(START + number * SECOND, f"Std 1 line\n{conn}\n\tend")
    site.put(known)
    found = site.searcher.search(Scope(), Query(r"^\s+ConnID\s+0+[0-9a-f]{1,3}$", expression=True))
    assert len(found.hits) == len(range(0, 700, every))


def test_a_part_of_a_longer_id_is_not_the_id_wherever_a_block_ends(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = KnownSegment("sips_a.20230609_080000_000.log")
    known.begin(START)
    for number in range(200):
        known.add(START + number * SECOND, f"Std {'1' * (number % 40)} conn x{CONN} here")
    site.put(known)
    for size in range(64, 74):
        monkeypatch.setattr(searching, "BLOCK", size)
        assert site.searcher.search(Scope(), Query(CONN, whole=True)).hits == []
        assert len(site.searcher.search(Scope(), Query(CONN), limit=500).hits) == 200


@pytest.mark.parametrize("ahead", [True, False])
def test_a_part_of_a_longer_id_is_not_the_id_wherever_a_task_begins(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch, ahead: bool
) -> None:
    known = KnownSegment("sips_a.20230609_080000_000.log")
    known.begin(START)
    for number in range(40):
        known.add(START + number * SECOND, f"Std 1 conn x{CONN} here")
    site.put(known)
    if not ahead:
        monkeypatch.setattr(searching, "open_ahead", lambda: None)
    for size in range(64, 140):
        monkeypatch.setattr(searching, "_TASK", size)
        assert site.searcher.search(Scope(), Query(CONN, whole=True)).hits == []


def test_what_was_cut_off_while_it_is_read_is_lost_and_not_waited_for(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = filled(site)
    read_ahead = open_ahead()
    assert read_ahead is not None

    def cut(file: int, start: int, end: int, word: bytes, room: int, size: int) -> int:
        found = read_ahead(file, start, end, word, room, size)
        (site.folder / known.name).write_bytes(b"")
        return found

    monkeypatch.setattr(searching, "open_ahead", lambda: cut)
    assert site.searcher.search(Scope(), Query(CONN)).hits == []


def test_a_log_that_cannot_be_read_ahead_is_told(tmp_path: Path) -> None:
    read_ahead = open_ahead()
    assert read_ahead is not None
    block = Block(4096)
    file = os.open(tmp_path, os.O_RDONLY)  # a folder cannot be read
    try:
        with pytest.raises(OSError, match="cannot be read"):
            read_ahead(file, 0, 10, b"word", block.address + block.aligned(0), 4096)
    finally:
        os.close(file)


def test_a_machine_without_reading_at_a_place_reads_blocks_one_by_one(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(site)
    monkeypatch.delattr(os, "pread", raising=False)
    open_ahead.cache_clear()
    try:
        assert open_ahead() is None
        assert len(site.searcher.search(Scope(), Query(CONN)).hits) == 2
    finally:
        open_ahead.cache_clear()


def test_a_block_is_filled_from_the_beginning_of_a_line_of_the_cache() -> None:
    block = Block(4096)
    for least in (0, 18, 4008):
        begin = block.aligned(least)
        assert least <= begin < least + 64
        assert (block.address + begin) % 64 == 0
        assert begin + block.size <= len(block.data)


def test_of_a_record_without_an_end_only_its_begin_is_read(
    site: TimedSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.catalogue.finding._WITH_STAMPS", 200_000)
    known = KnownSegment("gvp_a.20230609_080000_000.log", application="gvp_a")
    known.begin(START)
    known.add(START, "Std 1 started\n" + "29-Nov-26 a form that nobody knows\n" * 40_000 + CONN)
    site.put(known)
    site.indexer.catch_up()
    tracemalloc.start()
    try:
        found = site.searcher.search(Scope(), Query(CONN))
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert texts(site, found) == [known.records[0].raw]
    assert most < 8_000_000, most
