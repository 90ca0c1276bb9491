"""A fingerprint that grows is the fingerprint of what has grown."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from agent.watch.fingerprint import fingerprint_of, grown, read_before


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
