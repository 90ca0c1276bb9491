"""What is known of a file's bytes covers each of them at most once, whatever the peer says that it has."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer.parts import LARGEST_PART, Part, PartState, acked_parts, all_acked, reconcile
from app.transfer.plan import Plan
from app.transfer.ranges import ByteRange, RangeSet

SIZE = 200
CONTENT = bytes(range(SIZE))
PLACES = st.integers(0, SIZE)
SPANS = st.lists(st.tuples(PLACES, PLACES), max_size=8)


def digest(start: int, end: int) -> str:
    return hashlib.sha256(CONTENT[start:end]).hexdigest()


def split(part: Part, place: int) -> tuple[Part, Part]:
    return (
        Part(part.offset, place - part.offset, digest(part.offset, place), PartState.SENT),
        Part(place, part.end - place, digest(place, part.end), PartState.SENT),
    )


def known(borders: Sequence[int]) -> list[Part]:
    """Parts between every second pair of borders, as a journal may have them."""
    edges = sorted(set(borders))
    spans = list(itertools.pairwise(edges))[::2]
    return [
        Part(low, high - low, digest(low, high), PartState.ACKED if number % 2 else PartState.SENT)
        for number, (low, high) in enumerate(spans)
    ]


@given(SPANS)
def test_a_set_of_ranges_is_a_set_of_bytes(steps: list[tuple[int, int]]) -> None:
    there, ranges = set[int](), RangeSet()
    for number, (start, end) in enumerate(steps):
        if number % 3 == 2:
            ranges.remove(start, end)
            there -= set(range(start, end))
        else:
            ranges.add(start, end)
            there |= set(range(start, end))
    listed = list(ranges)
    assert {byte for each in listed for byte in range(each.start, each.end)} == there
    assert ranges.total == len(there)
    assert all(one.end < other.start for one, other in itertools.pairwise(listed))


@given(SPANS, PLACES, PLACES)
def test_a_set_of_ranges_knows_what_it_covers(steps: list[tuple[int, int]], start: int, end: int) -> None:
    ranges = RangeSet(ByteRange(low, high) for low, high in steps)
    there = {byte for low, high in steps for byte in range(low, high)}
    assert ranges.covers(start, end) == set(range(start, end)).issubset(there)
    first = next(byte for byte in range(start, SIZE + 1) if byte not in there)
    assert ranges.end_of(start) == first


@given(st.lists(PLACES, max_size=12), SPANS)
def test_exactly_what_the_peer_has_is_acknowledged(borders: list[int], spans: list[tuple[int, int]]) -> None:
    have = tuple(RangeSet(ByteRange(low, high) for low, high in spans))
    parts = reconcile(known(borders), have, size=SIZE, split=split)
    acked = RangeSet(ByteRange(part.offset, part.end) for part in acked_parts(parts))
    assert tuple(acked) == have
    assert all(one.end <= other.offset for one, other in itertools.pairwise(parts))


@given(st.lists(PLACES, max_size=12), SPANS)
def test_a_digest_always_belongs_to_the_bytes_of_its_part(
    borders: list[int], spans: list[tuple[int, int]]
) -> None:
    have = tuple(RangeSet(ByteRange(low, high) for low, high in spans))
    for part in reconcile(known(borders), have, size=SIZE, split=split):
        assert part.sha256 in ("", digest(part.offset, part.end))


@given(st.lists(PLACES, max_size=12), SPANS)
def test_what_was_read_once_is_not_forgotten(borders: list[int], spans: list[tuple[int, int]]) -> None:
    have = tuple(RangeSet(ByteRange(low, high) for low, high in spans))
    before = known(borders)
    after = reconcile(before, have, size=SIZE, split=split)
    digests = RangeSet(ByteRange(part.offset, part.end) for part in after if part.sha256)
    assert all(digests.covers(part.offset, part.end) for part in before)


def test_ranges_beyond_the_file_are_refused() -> None:
    with pytest.raises(ValueError, match="not within"):
        reconcile([], [ByteRange(0, SIZE + 1)], size=SIZE, split=split)


@given(
    st.lists(PLACES, max_size=12),
    SPANS,
    st.lists(st.integers(1, SIZE - 1), max_size=3),
    st.integers(1, 60),
    st.booleans(),
)
def test_a_plan_hands_out_every_missing_byte_once(
    borders: list[int], spans: list[tuple[int, int]], cuts: list[int], part_size: int, shared: bool
) -> None:
    have = tuple(RangeSet(ByteRange(low, high) for low, high in spans))
    parts = reconcile(known(borders), have, size=SIZE, split=split)
    edges = sorted({0, SIZE, *cuts})
    runs = () if shared else [ByteRange(low, high) for low, high in itertools.pairwise(edges)]
    plan = Plan(SIZE, runs=runs, parts=parts if shared else acked_parts(parts))
    handed = [0] * SIZE
    for run in plan.runs:
        while (part := plan.take(run, part_size=part_size)) is not None:
            for byte in range(part.offset, part.end):
                handed[byte] += 1
            plan.acknowledge(run, part)
    there = {byte for each in have for byte in range(each.start, each.end)}
    assert handed == [0 if byte in there else 1 for byte in range(SIZE)]
    assert plan.whole


def test_a_part_that_was_given_back_comes_again_with_the_digest_that_it_had() -> None:
    plan = Plan(SIZE, runs=(), parts=[])
    run = plan.runs[0]
    part = plan.take(run, part_size=50)
    assert part is not None
    read = Part(part.offset, part.length, "d", PartState.SENT)
    plan.read(read)
    plan.give_back(run, read)
    assert plan.take(run, part_size=7) == read


@pytest.mark.parametrize(
    "runs", [[ByteRange(0, 100)], [ByteRange(0, 50), ByteRange(60, SIZE)], [ByteRange(10, SIZE)]]
)
def test_runs_that_are_not_the_whole_file_are_refused(runs: list[ByteRange]) -> None:
    with pytest.raises(ValueError, match="the runs"):
        Plan(SIZE, runs=runs, parts=[])


def test_an_empty_file_is_whole_at_once() -> None:
    assert Plan(0, runs=(), parts=[]).whole


@given(st.lists(PLACES, max_size=8))
def test_a_file_that_is_there_whole_has_each_byte_once_and_keeps_its_digests(borders: Sequence[int]) -> None:
    before = known(borders)
    after = all_acked(before, size=SIZE)
    assert sorted(place for part in after for place in range(part.offset, part.end)) == list(range(SIZE))
    assert {part.state for part in after} == {PartState.ACKED}
    assert {part.sha256 for part in before} <= {part.sha256 for part in after}


def test_of_a_file_that_is_there_whole_no_part_is_larger_than_memory_allows() -> None:
    after = all_acked([], size=3 * LARGEST_PART + 1)
    assert [part.length for part in after] == [LARGEST_PART] * 3 + [1]
