"""A fingerprint that grows is the fingerprint of what has grown."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.watch.fingerprint import FileShrank, fingerprint_behind, fingerprint_of, grown, read_before


@given(st.binary(max_size=9000), st.binary(min_size=1, max_size=9000), st.integers(0, 8999))
def test_a_fingerprint_grows_as_if_it_was_taken_anew_and_only_over_its_own_bytes(
    known: bytes, more: bytes, place: int
) -> None:
    before = fingerprint_of(io.BytesIO(known), size=len(known))
    start = read_before(before)
    anew = fingerprint_of(io.BytesIO(known + more), size=len(known + more))
    assert grown(before, known[start:], more) == anew
    if known[start:]:
        other = bytearray(known[start:])
        other[-1 - place % min(len(other), 512)] ^= 1
        assert grown(before, bytes(other), more) is None


@given(
    st.binary(max_size=40),
    st.sampled_from([0, 1, 400, 511, 512, 4095, 4096, 4097, 5000]),
    st.integers(1, 5000),
    st.integers(0, 10_000),
)
def test_a_fingerprint_behind_a_known_one_is_that_of_the_whole_or_there_is_none(
    start: bytes, known_size: int, more: int, spoilt: int
) -> None:
    content = (start + bytes(range(256)) * 40)[: known_size + more]
    known_size = min(known_size, len(content))
    known = fingerprint_of(io.BytesIO(content), size=known_size)
    found = fingerprint_behind(io.BytesIO(content), known, size=len(content))
    assert found == fingerprint_of(io.BytesIO(content), size=len(content))
    other = bytearray(content)
    other[spoilt % len(other)] ^= 1
    found = fingerprint_behind(io.BytesIO(other), known, size=len(other))
    begins = fingerprint_of(io.BytesIO(other), size=known_size) == known
    assert (found is not None) == begins


def test_a_file_that_is_shorter_than_was_seen_has_no_fingerprint_behind_a_known_one() -> None:
    known = fingerprint_of(io.BytesIO(b"x" * 600), size=600)
    with pytest.raises(FileShrank):
        fingerprint_behind(io.BytesIO(b"x" * 650), known, size=700)
