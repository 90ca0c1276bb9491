"""Lines and words that the core remembers change nothing, whatever stands around them the next time."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest

from app.masking import Engine, PseudonymKey, load_rules, open_engine, reference_engine

EXAMPLES = Path(__file__).resolve().parents[1] / "masking" / "golden"
RULES, KEY = load_rules(), PseudonymKey(bytes(range(32)))

OVER_LINES = (
    b'From: "Mary O\'Hara"\n  <sip:4155550143@10.1.2.3:5060>;tag=1',
    b"Content-Type: application/dtmf\nContent-Length: 1\n\n5",
    b'{"customer": {\n  "name": "Mary O\'Hara",\n  "phone": "+41 44 668 18 00"\n}}',
    b"<customer>\n  <name>Mary O'Hara</name>\n</customer>",
    b'<field name="phone"\n  value="0301234567"/>',
    b"<phone>\n    0301234567\n</phone>",
    b"<phone\n    type='home'>0301234567</phone>",
    b'Authorization: Digest username="mohara",\n  realm="a", nonce="b",\n  response="c"',
    b"INSERT INTO people (name, phone) VALUES\n('Mary O''Hara', '0301234567')",
    b"call-id:\n 4711@sbc01.example.net",
    b"geo:47.3769,\n8.5417",
    b"KVListGetStringValue(Data,\n  'city') = 'Genf'",
    b'"account": {\n"number": "4155550143"}',
)
"""What is found in one line because of another."""


SHORT_LINES = (
    b"5\r",
    b"Signal=5\r",
    b"\r",
    b"v=0\r",
    b"s=-\r",
    b"}",
    b"Mary",
    b'"Mary"]',
    b"\t'Mary'",
    b"10.1.2.3",
    b"1,Mary",
)
BEFORE_SHORT_LINES = (
    b"Content-Type: application/dtmf\r\n\r",
    b"Content-Type: application/dtmf-relay\r\nContent-Length: 9\r\n\r",
    b"Content-Type: application/sdp\r\n\r",
    b'{"customer": {\n  "name":',
    b'["name",',
    b"\t'FirstName'",
)
"""What makes of some short lines a value."""


@pytest.fixture(scope="module")
def lines() -> list[bytes]:
    """Of the examples, and such that hang together with others."""
    own = [line for path in sorted(EXAMPLES.iterdir()) for line in path.read_bytes().splitlines()]
    over = [line for text in OVER_LINES for line in text.splitlines()]
    return [*own[:400], *over * 3, b"", b"  ", b"}", b"\t"]


@pytest.mark.parametrize("seed", range(4))
def test_lines_in_another_order_are_masked_as_by_an_engine_that_meets_them_first(
    lines: list[bytes], seed: int
) -> None:
    order, remembers = random.Random(seed), open_engine(RULES, KEY)
    texts = [b"\n".join(order.sample(lines, len(lines))) + b"\n" for _ in range(3)]
    masked = [_masked(remembers, text) for text in texts]
    assert masked[-1] == _masked(open_engine(RULES, KEY), texts[-1])


def test_a_line_that_is_known_has_its_places_each_time() -> None:
    line = b'Contact: "Mary O\'Hara" <sip:+41446681800@sbc01.example.net:5060>\r\n'
    found = _masked(open_engine(RULES, KEY), line * 50).splitlines()
    assert b"41446681800" not in found[0]
    assert set(found) == {found[0]}


@pytest.mark.parametrize("seed", range(4))
def test_short_lines_that_are_known_are_masked_as_the_reference_masks_them(seed: int) -> None:
    order = random.Random(seed)
    pieces = [*SHORT_LINES, *BEFORE_SHORT_LINES]
    text = b"\n".join(order.choice(pieces) for _ in range(400)) + b"\n"
    assert _masked(open_engine(RULES, KEY), text) == _masked(reference_engine(RULES, KEY), text)


def test_lines_that_made_room_for_newer_ones_are_masked_as_when_they_were_new() -> None:
    """More lines than are kept, each twice, and all of them once more."""
    padding = b"y" * 150
    contact = b"%04d Contact: <sip:+4144668%04d@sbc01.example.net:5060>;x=%s"
    lines = [contact % (number, number, padding) for number in range(5500)]
    twice = [line for line in lines for _ in range(2)]
    found = _masked(open_engine(RULES, KEY), b"\n".join([*twice, *lines]) + b"\n").splitlines()
    assert not any(b"+4144668" in line for line in found)
    assert found[: len(twice) : 2] == found[1 : len(twice) : 2] == found[len(twice) :]


def test_a_word_before_a_bar_hides_no_value_that_is_assigned_to_it() -> None:
    lines = [f"{number} call with phone|4 waits\n" for number in range(40)]
    lines += [f"{number} var_assign phone|415555{number:04}|\n" for number in range(40)]
    lines += [f"{number} padding\n" for number in range(40)]
    assert b"415555" not in _masked(open_engine(RULES, KEY), "".join(lines).encode())


def test_a_name_of_a_thing_hides_no_caller_behind_number_and_name() -> None:
    lines = [f"{number} The Name 0 of it\n" for number in range(40)]
    lines += [f"{number} Calling Number & Name 0305716{number:03} Muster\n" for number in range(40)]
    lines += [f"{number} padding\n" for number in range(40)]
    masked = _masked(open_engine(RULES, KEY), "".join(lines).encode())
    assert b"0305716" not in masked
    assert b"Muster" not in masked


def test_a_title_that_was_none_hides_no_name_behind_the_same_title() -> None:
    lines = [f"{number} Sig.rx of it\n" for number in range(40)]
    lines += [f"{number} Sig.ra Haugen ha chiamato\n" for number in range(40)]
    lines += [f"{number} padding\n" for number in range(40)]
    assert b"Haugen" not in _masked(open_engine(RULES, KEY), "".join(lines).encode())


def test_a_word_before_one_slash_hides_no_log_in_behind_two() -> None:
    lines = [f"{number} <https:/\n" for number in range(40)]
    lines += [f"{number} <https://mohara:s3cr3t@h/>\n" for number in range(40)]
    assert b"s3cr3t" not in _masked(open_engine(RULES, KEY), "".join(lines).encode())


def test_an_element_that_was_none_hides_no_value_of_one_that_goes_on_in_the_next_line() -> None:
    lines = [f"<surname\nrings {number}\n" for number in range(40)]
    lines += [f"<surname\nno='{number}'>Haugen{chr(97 + number % 26)}</surname>\n" for number in range(26)]
    lines += [f"{number} padding\n" for number in range(40)]
    assert b"Haugen" not in _masked(open_engine(RULES, KEY), "".join(lines).encode())


def _masked(engine: Engine, text: bytes) -> bytes:
    out = io.BytesIO()
    engine.mask_stream(io.BytesIO(text), out)
    return out.getvalue()
