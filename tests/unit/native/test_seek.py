"""The core finds a word wherever it stands in a text, and nothing behind the text's end."""

from __future__ import annotations

import ctypes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking.native import load_core


@pytest.fixture(scope="module", params=[False, True], ids=["narrow", "as wide as it can"])
def wide(request: pytest.FixtureRequest) -> int:
    """What this processor allows, or nothing."""
    return int(load_core().cf_seek_wide()) if request.param else 0


def seek(text: bytes, start: int, end: int, word: bytes, wide: int) -> int:
    """In memory of exactly the text's size."""
    memory = (ctypes.c_char * max(1, len(text))).from_buffer_copy(text or b"\0")
    return int(load_core().cf_seek(ctypes.addressof(memory), start, end, word, len(word), wide))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([b"a", b"b", b"\n", b"ab", b"Z", b"\xff", b"a" * 40]), max_size=60),
    st.lists(st.sampled_from([b"a", b"b", b"Z", b"\xff"]), min_size=1, max_size=45),
    st.integers(0, 200),
    st.integers(0, 60),
)
def test_it_finds_what_python_finds(
    wide: int, text: list[bytes], word: list[bytes], start: int, less: int
) -> None:
    whole, sought = b"".join(text), b"".join(word)
    start, end = min(start, len(whole)), max(0, len(whole) - less)
    assert seek(whole, start, end, sought, wide) == whole.find(sought, start, end)


@pytest.mark.parametrize(
    "word", [b"x", b"xy", b"00e2029a670222cb", b"7C1QF2V5B57K1C9HGB2O1RVR4K000A2F", b"y" * 200]
)
def test_a_word_is_found_at_every_place(wide: int, word: bytes) -> None:
    size = 300 + len(word)
    for at in range(size - len(word) + 1):
        text = bytearray(b"0" * size)
        text[at : at + len(word)] = word
        assert seek(bytes(text), 0, size, word, wide) == at
        assert seek(bytes(text), 0, at + len(word) - 1, word, wide) == -1
        assert seek(bytes(text), at + 1, size, word, wide) == -1


def test_no_word_is_nowhere(wide: int) -> None:
    assert seek(b"abc", 0, 3, b"", wide) == -1
    assert seek(b"abc", 3, 3, b"a", wide) == -1
    assert seek(b"abc", 0, 2, b"abc", wide) == -1
