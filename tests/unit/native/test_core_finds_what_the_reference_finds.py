"""All detectors together with real rules: the core finds every place that the reference finds, no other."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.masking import load_rules
from tests.peers.both_finders import BothFinders
from tests.peers.core_detect import Core, Settled
from tests.peers.examples import many
from tests.peers.keyed_texts import CHAINS, GROUPS, PIECES
from tests.peers.masking_texts import example_texts, generated_text

_TEXTS = example_texts()
_LINES = tuple(
    line
    for text in (*_TEXTS.values(), generated_text(seed=5, entries=1500))
    for line in text.splitlines(keepends=True)
    if len(line) < 2000
)
_BYTES = b"\r\n\t \0=:'\"<>()[]{}%\\/@.-_+,;\x80\xe9AzN09&|#"
_NOTATIONS = st.tuples(*(st.sampled_from(group) for group in GROUPS)).map(b"".join)
_BETWEEN = st.sampled_from((b"", b"", b"", b" ", b"\n"))
_SENTENCES = st.one_of(
    *(
        st.lists(st.tuples(st.sampled_from(chain), _BETWEEN).map(b"".join), min_size=2, max_size=5)
        for chain in CHAINS
    )
).map(b"".join)
_GLUED = st.lists(st.one_of(_NOTATIONS, _SENTENCES, st.sampled_from(PIECES)), max_size=8).map(b"".join)
_CUT = st.tuples(_GLUED, st.integers(0, 200)).map(lambda made: made[0][: made[1]])


_AROUND = 2048
"""Bytes around a window: more than the lines of the examples have."""

_SITE: dict[str, Any] = {"subnets": ("8.1.0.0/16", "66.84.0.0/24", "2001:db8::/32"), "internal": (0, 0)}


_RULES = ("balanced", "voice-strict", "of a site")


@pytest.fixture(scope="session", params=_RULES)
def finders(request: pytest.FixtureRequest, core: Core) -> BothFinders:
    if request.param == "of a site":
        return BothFinders(core, replace(load_rules(), **_SITE))
    return BothFinders(core, load_rules(profile=request.param))


def _same(finders: BothFinders, text: bytes) -> None:
    assert finders.native(text) == finders.reference(text)
    assert finders.native_settled(text) == finders.reference_settled(text)


@pytest.mark.parametrize("name", _TEXTS)
def test_every_line_of_the_examples_is_read_alike(finders: BothFinders, name: str) -> None:
    for line in _TEXTS[name].splitlines():
        _same(finders, line)


@pytest.mark.parametrize(
    ("finders", "name", "line_end"),
    [
        (_RULES[(place + turn) % len(_RULES)], name, line_end)
        for place, name in enumerate(_TEXTS)
        for turn, line_end in enumerate((b"\n", b"\r\n", b" ", b"\0"))
    ],
    indirect=["finders"],
)
def test_examples_with_other_line_ends_are_read_alike(
    finders: BothFinders, name: str, line_end: bytes
) -> None:
    """Every text with every line end, and every line end under all rules: not each with each."""
    _same(finders, _TEXTS[name].replace(b"\n", line_end))


@pytest.mark.parametrize(("finders", "seed"), [*zip(_RULES, (3, 42, 3), strict=True)], indirect=["finders"])
def test_made_up_logs_are_read_alike(finders: BothFinders, seed: int) -> None:
    text = generated_text(seed=seed, entries=many(450))
    assert len(text) > many(100_000)
    assert len({found.detector for found in finders.native(text)}) >= 12
    _same(finders, text)


@settings(max_examples=many(300), deadline=None)
@given(st.one_of(_GLUED, _CUT))
def test_any_pieces_of_notations_are_read_alike(finders: BothFinders, text: bytes) -> None:
    _same(finders, text)


@settings(max_examples=many(60), deadline=None)
@given(st.randoms(use_true_random=False))
def test_lines_that_were_damaged_are_read_alike(finders: BothFinders, chance: random.Random) -> None:
    for _ in range(20):
        _same(finders, _damaged(chance))


def _damaged(chance: random.Random) -> bytes:
    """A line in which pieces were put, taken out and exchanged."""
    line = chance.choice(_LINES)
    for _ in range(chance.randint(1, 6)):
        start = chance.randint(0, len(line))
        end = start + chance.choice((0, 0, 1, 1, 2, 3, 5, 8, 20))
        other = chance.choice(_LINES)
        cut = chance.randint(0, len(other))
        new = chance.choice((b"", chance.choice(PIECES), chance.choice(PIECES), other[cut : cut + 60], other))
        byte = chance.choice(_BYTES)
        line = line[:start] + chance.choice((new, new, bytes([byte]))) + line[end:]
    return line


@pytest.mark.parametrize("name", [name for name in _TEXTS if name.endswith(".txt")])
def test_a_border_anywhere_in_a_line_changes_nothing(core: Core, name: str) -> None:
    finders = BothFinders(core, load_rules())
    around = b"a line in which nobody is\n" * (_AROUND // 26 + 1)
    for line in _TEXTS[name].splitlines():
        text = around + line + b"\n" + around
        whole = finders.native_settled(text)
        for border in range(len(around), len(around) + len(line) + 1):
            assert [*_in_windows(finders, text, border)] == whole, (line, border - len(around))


def _in_windows(finders: BothFinders, text: bytes, border: int) -> Iterator[Settled]:
    """What two windows find that meet at a border, each with its surroundings."""
    found = finders.native_settled(text[: border + _AROUND], 0, border)
    yield from found
    border = max(border, found[-1].end if found else 0)
    start = border - _AROUND
    for span in finders.native_settled(text[start:], _AROUND, len(text) - start):
        yield span._replace(start=span.start + start, end=span.end + start)


@pytest.mark.parametrize(
    "line",
    [
        b'From: "\0Lindqvist" <sip:+447700900463@sbc1.carrier.example.net>',
        b"Via: SIP/2.0/UDP 203.0.113.8;bran\\t9hG4bK62;rport",
        b"|ary\\u0022|,corp\\mohara,",
        b"customer_name::[6]'Mary Lee'",
        b"customer_name:[6]'Mary Lee'",
        b"dtmf received::[6]' 4711'",
        b"$1 = 'A Lee', $2 = 'Portland'\xff, $3 = '42'",
        b"@p0=N'Eleanor Briggs'\xa0",
        b"$1 = 'Ann O'Hara'\xc3\xa9', $2 = 'X Lee'",
        b"$1 = 'Ann O'HARA', $2 = 'ANN'\xff Lee'",
        b"Authorization: Basic\0dXNlcjpwYXNz",
        b"Authorization: [Mary\0] logged",
        b"Authorization: [Mary] logged",
        b'"customerName": ["Mary Lee",\r\n "Ann Lee",\r"Joe Lee"]',
        b'"customerName": ["Mary Lee",\n\0"Ann Lee"]',
        b'"customerName": ["Mary Lee",\n',
        b"Cookie: $Path=/x; SID=abcdef gh; last=Mary Lee\0",
        b"voice.example.net.5060 > media.example.net.sip: UDP, length 480",
    ],
)
def test_odd_bytes_around_a_value_are_read_alike(finders: BothFinders, line: bytes) -> None:
    _same(finders, line)
