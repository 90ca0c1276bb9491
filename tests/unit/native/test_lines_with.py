"""Own rules are searched for in lines that can hold them, and find what they find in the whole text."""

from __future__ import annotations

import random
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import Kind, NativeEngine, PseudonymKey, load_rules
from app.masking.custom import CustomRules
from app.masking.needed import needed_text
from app.masking.rules import PatternRule

KEY = PseudonymKey(bytes(range(32)))


@pytest.fixture(scope="module")
def engine() -> NativeEngine:
    return NativeEngine(load_rules(), KEY)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"INC\d{7}", b"INC"),
        (r"order no\. (\d{6,12})", b"order no. "),
        (r"\bV-\d{4}-\d{4}\b", b"V-"),
        (r"loyalty card (?:\d{4}-){2}\d", b"loyalty card "),
        (r"ab+cd", b"ab"),
        (r"abc?de", b"ab"),
        (r"abc{0,3}def", b"def"),
        (r"[\]x]tail", b"tail"),
        (r"(a|b)both", b"both"),
    ],
)
def test_a_text_that_every_match_holds(pattern: str, text: bytes) -> None:
    assert needed_text(pattern) == text


@pytest.mark.parametrize(
    "pattern",
    [
        "foo|bar",
        "(?i:room)",
        "(?i)room",
        r"\Qab\E",
        "[[:alpha:]]name",
        r"\x41bc",
        "(?P<v>x)yz",
        "über",
        "a.b",
        "x",
        "",
    ],
)
def test_where_none_is_certain_there_is_none(pattern: str) -> None:
    assert needed_text(pattern) == b""


_ATOMS = st.sampled_from(
    [
        "a",
        "b",
        "c",
        "ab",
        "ca",
        r"\.",
        r"\d",
        ".",
        "[ab]",
        r"[^\]b]",
        "(a|bc)",
        "(?:ab)",
        "(c[)]a)",
        " ",
    ]
)
_PATTERNS = st.lists(
    st.tuples(_ATOMS, st.sampled_from(["", "", "", "?", "*", "+", "{2}", "{0,2}"])), min_size=1, max_size=6
)


@settings(max_examples=150, deadline=None)
@given(_PATTERNS, st.lists(st.sampled_from(list("aabbccab.]) 1")), max_size=60))
def test_every_match_holds_the_text(pieces: list[tuple[str, str]], text: list[str]) -> None:
    pattern = "".join(atom + repeat for atom, repeat in pieces)
    needed = needed_text(pattern)
    for match in re.finditer(pattern.encode(), "".join(text).encode()):
        assert needed in match[0]


def _rules(*patterns: str) -> list[PatternRule]:
    return [
        PatternRule(rule=f"r{number}", kind=Kind.CUSTOM, pattern=pattern, learn=False)
        for number, pattern in enumerate(patterns)
    ]


def test_lines_hold_what_the_whole_text_holds(engine: NativeEngine) -> None:
    rules = _rules(r"INC\d{2}", r"\bV-\d(?:\d|-)", r"ca[a-c]+", "^room .$", *(f"word{n}x" for n in range(12)))
    whole, lines = CustomRules(rules), CustomRules(rules, lines_with=engine._lines_with)
    rng = random.Random(5)
    words = [
        "INC12",
        "xV-1",
        "V-12",
        "cab",
        "room 1",
        "word3x",
        "word11x",
        "INC",
        "\n",
        "\n",
        " ",
        "some more text",
    ]
    for size in (0, 1, 3, 17, 40, 400, 4000):
        text = "".join(rng.choice(words) for _ in range(size)).encode()
        assert list(lines.find(text)) == list(whole.find(text))
    line = b"y" * 70_000 + b"INC12" + b"y" * 1_200_000 + b"\nINC34"
    assert list(lines.find(line)) == list(whole.find(line))
    assert len(list(lines.find(line))) == 2


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(["ab", "a", "b", "\n", "xyz", "x", "é", "0123456789abcdef"]), max_size=80),
    st.lists(
        st.sampled_from([b"ab", b"ba", b"xyz", b"yzx", b"zab", b"9abcdefa", b"bx"]), min_size=1, unique=True
    ),
    st.integers(0, 40),
)
def test_lines_are_those_that_hold_a_text(
    engine: NativeEngine, text: list[str], wanted: list[bytes], start: int
) -> None:
    buffer = "".join(text).encode()
    start = min(start, len(buffer))
    found = engine._lines_with(buffer, start, len(buffer), wanted)
    at, expected = start, b""
    for line in buffer[start:].splitlines(keepends=True):
        if any(each in line for each in wanted):
            expected += line
        at += len(line)
    assert b"".join(buffer[first:last] for first, last in found) == expected
    assert all(one[1] < two[0] for one, two in pairwise(found))
