"""A plan covers the file exactly once, whatever happens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.transfer.parts import Part, PartState, acked_prefix, plan_parts, realign

SIZES = st.integers(0, 500)
PART_SIZES = st.integers(1, 60)


def covers(parts: list[Part], size: int) -> bool:
    """Whether every byte from 0 to `size` is in exactly one part, in order."""
    ends = [0, *(part.end for part in parts)]
    return (
        [part.offset for part in parts] == ends[:-1] and ends[-1] == size and all(p.length > 0 for p in parts)
    )


@given(SIZES, PART_SIZES)
def test_a_plan_covers_the_file_exactly_once(size: int, part_size: int) -> None:
    assert covers(plan_parts(size, part_size=part_size), size)


@given(SIZES, PART_SIZES)
def test_no_part_is_larger_than_asked(size: int, part_size: int) -> None:
    assert all(part.length <= part_size for part in plan_parts(size, part_size=part_size))


@given(SIZES, st.lists(st.tuples(st.integers(0, 500), PART_SIZES), max_size=6))
def test_any_row_of_offsets_leaves_a_plan_that_covers_it(size: int, steps: list[tuple[int, int]]) -> None:
    parts = plan_parts(size, part_size=13)
    for offset, part_size in steps:
        parts = realign(parts, offset=min(offset, size), size=size, part_size=part_size)
    assert covers(parts, size)


@given(SIZES, st.integers(0, 500), PART_SIZES, PART_SIZES)
def test_exactly_what_the_peer_has_is_acknowledged(size: int, offset: int, before: int, after: int) -> None:
    offset = min(offset, size)
    parts = realign(plan_parts(size, part_size=before), offset=offset, size=size, part_size=after)
    assert sum(part.length for part in acked_prefix(parts)) == offset
    assert sum(part.length for part in parts if part.state is PartState.ACKED) == offset


def test_a_part_that_the_offset_cuts_loses_its_digest() -> None:
    sent = [replace(part, sha256="d") for part in plan_parts(20, part_size=10)]
    assert [part.sha256 for part in realign(sent, offset=15, size=20, part_size=10)] == ["d", "", ""]


def test_a_whole_part_keeps_its_digest() -> None:
    sent = [replace(part, sha256="d") for part in plan_parts(20, part_size=10)]
    assert realign(sent, offset=10, size=20, part_size=10)[0].sha256 == "d"


def test_a_gap_ends_the_acknowledged_prefix() -> None:
    acked = [replace(part, state=PartState.ACKED) for part in plan_parts(30, part_size=10)]
    assert len(acked_prefix([acked[0], acked[2]])) == 1


@pytest.mark.parametrize(("size", "part_size", "start"), [(-1, 1, 0), (1, 0, 0), (1, 1, 2), (1, 1, -1)])
def test_impossible_plans_are_refused(size: int, part_size: int, start: int) -> None:
    with pytest.raises(ValueError, match="cannot cut"):
        plan_parts(size, part_size=part_size, start=start)


@pytest.mark.parametrize("offset", [-1, 11])
def test_an_offset_outside_the_file_is_refused(offset: int) -> None:
    with pytest.raises(ValueError, match="not within"):
        realign([], offset=offset, size=10)
