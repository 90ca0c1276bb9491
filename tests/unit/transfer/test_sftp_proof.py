"""What is read back from a server to prove a file."""

from __future__ import annotations

import hashlib
import random

from hypothesis import given
from hypothesis import strategies as st

from app.transfer import Part
from app.transfer.sftp_proof import SAMPLED, SAMPLED_BYTES, SLICE, chosen, last_of_runs, slice_of

DATA = random.Random(8).randbytes(4 * SLICE)


@given(
    offset=st.integers(0, 10**9),
    length=st.integers(1, len(DATA)),
    behind=st.integers(0, 10**6),
    seed=st.integers(0, 99),
)
def test_a_slice_is_of_its_part_with_its_own_digest(offset: int, length: int, behind: int, seed: int) -> None:
    data = memoryview(DATA)[:length]
    part = Part(offset, length, hashlib.sha256(data).hexdigest())
    found = slice_of(part, data, size=part.end + behind, dice=random.Random(seed))
    assert part.offset <= found.offset < found.end <= part.end
    assert found.length == min(SLICE, length)
    at = found.offset - offset
    assert found.sha256 == hashlib.sha256(data[at : at + found.length]).hexdigest()
    if offset == 0:
        assert found.offset == 0
    elif not behind:
        assert found.end == part.end


@given(
    lengths=st.lists(st.integers(1, 2 * SAMPLED_BYTES // SAMPLED), max_size=60),
    seed=st.integers(0, 99),
)
def test_head_and_tail_are_always_among_what_is_read_back(lengths: list[int], seed: int) -> None:
    offsets = [sum(lengths[:number]) for number in range(len(lengths))]
    parts = [Part(offset, length, "d") for offset, length in zip(offsets, lengths, strict=True)]
    found = chosen(parts, dice=random.Random(seed))
    assert set(found) <= set(parts)
    assert found == sorted(set(found), key=lambda part: part.offset)
    assert len(found) <= SAMPLED
    if parts:
        assert {parts[0], parts[-1]} <= set(found)
    if len(parts) > 2:
        assert sum(part.length for part in found[1:-1]) <= SAMPLED_BYTES


def test_the_last_part_of_every_run_is_looked_at_when_going_on() -> None:
    parts = [Part(0, 10), Part(10, 10), Part(30, 10), Part(50, 5), Part(55, 5)]
    assert last_of_runs(parts) == [parts[1], parts[2], parts[4]]
    assert last_of_runs([]) == []
