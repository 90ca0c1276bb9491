"""The core finds in numbers what the reference finds, place by place."""

# ruff: noqa: E501 - fragments read as a table

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers.core_figures import NUMBERS, Figures
from tests.peers.examples import many
from tests.peers.masking_texts import example_texts, generated_text

_FRAGMENTS = tuple(
    one.encode("latin-1")
    for one in (
        "+", "%2B", "%2b", "(", ")", "-", ".", " ", "/", "'", '"', "#", ":", "\n", "\t", "_", "=", "a", "B", "x", "\xe9",
        "0", "1", "7", "9", "12", "30", "49", "415", "555", "911", "000", "666", "0143", "0000", "1234", "4111", "12345678",
        "901820417", "20250101", "2025-01-01", "1690000000", "1690000000123", "1.2.3.4", "17.25", "4 3 2",
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "4111 1111 1111 1111 2", "3782 822463 10005",
        "378282246310005", "30569309025904", "6304000000000000", "6011000990139424", "2221000000000009", "4222222222222",
        "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432",
        "NO93 8601 1117 947", "NO9386011117947", "XX12 3456", "PJSIP/", "SIP/", "sofia/", "DAHDI/g0/", "Executing [", ">->", " in context", "born on ", "DOB ", "29.2.1984",
        "2024-02-29", "Party Number i = 0x0081, '", "@", "ABCD", "0532", "078-05-1120", "219-09-9999",
        "call ", "called ", "Calling party ", "callback for", "to ", "from", "phone: ", "phone number", "dial", "ani #",
        "number ", "MSISDN : '", "mobile:", "+49 30 901820", "+4930901820417", "+1 (415) 555-0143", "(415) 555-0143",
        "415-555-0143", "415.555.0143", "1-415-555-0143", "+49/(0)30/901820417", "1" * 30,
    )
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=24).map(b"".join)


@pytest.mark.parametrize("name", example_texts())
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b" "])
def test_examples_are_found_as_the_reference_finds_them(figures: Figures, name: str, line_end: bytes) -> None:
    text = example_texts()[name].replace(b"\n", line_end)
    assert figures.native(text, NUMBERS) == figures.reference(text, NUMBERS)


def test_generated_logs_are_found_as_the_reference_finds_them(figures: Figures) -> None:
    text = generated_text(seed=12, entries=900)
    found = figures.native(text, NUMBERS)
    assert found
    assert found == figures.reference(text, NUMBERS)


@settings(max_examples=many(1200), deadline=None)
@given(_TEXTS)
def test_any_text_is_found_as_the_reference_finds_it(figures: Figures, text: bytes) -> None:
    assert figures.native(text, NUMBERS) == figures.reference(text, NUMBERS)


@settings(max_examples=150, deadline=None)
@given(_TEXTS, st.integers(0, 40))
def test_a_text_cut_anywhere_is_read_within_its_bounds(figures: Figures, text: bytes, size: int) -> None:
    cut = text[:size]
    assert figures.native(cut, NUMBERS) == figures.reference(cut, NUMBERS)


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        (b"paid with 4111 1111 1111 1111 today", "card"),
        (b"IBAN DE89 3704 0044 0532 0130 00 booked", "iban"),
        (b"ssn 219-09-9998", "national-id"),
        (b"dialed +49 30 901820417", "phone"),
    ],
)
def test_every_number_is_found_whole(figures: Figures, text: bytes, detector: str) -> None:
    assert {one.detector for one in figures.native(text, NUMBERS)} == {detector}
