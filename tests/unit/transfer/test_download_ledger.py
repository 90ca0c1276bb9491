"""What of an unfinished download is gone on with: what its ledger says, and its bytes bear out."""

from __future__ import annotations

import hashlib
import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer.crc import crc32
from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Island, Ledger, Mark, Proven, prove
from app.transfer.downloads.spans import gaps_of, spread

DATA = os.urandom(1000)
PLACE = "https://portal.example/x"


@pytest.fixture
def part(tmp_path: Path) -> Path:
    path = tmp_path / "x.part"
    path.write_bytes(DATA)
    return path


def mark(end: int) -> Mark:
    return Mark(end, hashlib.sha256(DATA[:end]).hexdigest())


def island(start: int, end: int) -> Island:
    return Island(start, end, crc32(DATA[start:end]))


def ledger(marks: list[Mark], islands: list[Island]) -> Ledger:
    return Ledger(PLACE, len(DATA), "", '"one"', marks, islands)


def test_islands_that_touch_are_one(part: Path) -> None:
    left = ledger([mark(100)], [island(300, 400), island(200, 300), island(400, 450), island(500, 600)])
    assert prove(part, left).islands == [island(200, 450), island(500, 600)]


def test_an_island_that_touches_the_beginning_is_part_of_it(part: Path) -> None:
    proven = prove(part, ledger([mark(100)], [island(100, 200), island(200, 300), island(400, 500)]))
    assert proven.mark() == mark(300)
    assert proven.islands == [island(400, 500)]


@pytest.mark.parametrize("start", [0, 40, 99])
def test_an_island_that_the_beginning_ends_in_is_part_of_it(part: Path, start: int) -> None:
    proven = prove(part, ledger([mark(100)], [island(start, 300), island(300, 350), island(400, 500)]))
    assert proven.mark() == mark(350)
    assert proven.islands == [island(400, 500)]


def test_of_an_island_that_rotted_the_beginning_that_ends_in_it_stays(part: Path) -> None:
    with part.open("r+b") as stream:
        stream.seek(250)
        stream.write(b"rot")
    proven = prove(part, ledger([mark(100)], [island(40, 300), island(400, 500)]))
    assert (proven.mark(), proven.islands) == (mark(100), [island(400, 500)])


@pytest.mark.parametrize("start", [-5, 40])
def test_an_island_that_ends_before_the_beginning_does_adds_nothing(part: Path, start: int) -> None:
    assert prove(part, ledger([mark(100)], [Island(start, 90, 0)])).mark() == mark(100)


def test_an_island_that_begins_before_the_file_counts_for_nothing(part: Path) -> None:
    assert prove(part, ledger([mark(100)], [Island(-5, 200, 0)])).mark() == mark(100)


def test_what_was_joined_is_what_the_ledger_names(part: Path) -> None:
    left = ledger([mark(50), mark(100)], [island(100, 200), island(400, 500), island(500, 600)])
    prove(part, left)
    assert left.marks == [mark(50), mark(100), mark(200)]
    assert left.islands == [island(400, 600)]


def test_an_island_that_rotted_is_joined_to_nothing(part: Path) -> None:
    with part.open("r+b") as stream:
        stream.seek(350)
        stream.write(b"rot")
    left = ledger([mark(100)], [island(200, 300), island(300, 400), island(400, 500)])
    assert prove(part, left).islands == [island(200, 300), island(400, 500)]


def test_an_island_that_is_not_all_there_counts_for_nothing(part: Path) -> None:
    left = Ledger(PLACE, 2000, "", '"one"', [mark(100)], [Island(1500, 1600, 0)])
    assert prove(part, left).islands == []


def test_what_was_joined_is_gone_on_with_after_one_more_end(tmp_path: Path) -> None:
    landing = Landing(tmp_path / "x")
    landing.part.write_bytes(DATA)
    ledger([mark(100)], [island(100, 200), island(300, 400)]).save(landing.ledger_path)
    for _time in range(2):
        found, proven = landing.begin(Ledger(PLACE, len(DATA), ""))
        assert (proven.position, proven.islands) == (200, [island(300, 400)])
        found.save(landing.ledger_path)


@given(
    cuts=st.lists(st.integers(1, 999), unique=True, max_size=12).map(sorted),
    kept=st.sets(st.integers(0, 12)),
    streams=st.integers(1, 8),
)
def test_every_missing_byte_is_in_one_span(cuts: list[int], kept: set[int], streams: int) -> None:
    ranges = [pair for number, pair in enumerate(pairwise([0, *cuts, 1000])) if number in kept]
    proven = Proven(islands=[Island(start, end, 0) for start, end in ranges])
    gaps = gaps_of(proven, size=1000)
    there = {at for start, end in ranges for at in range(start, end)}
    spans = spread(gaps, streams=streams)
    assert sorted([*there, *(at for span in spans for at in range(span.start, span.end))]) == list(
        range(1000)
    )
