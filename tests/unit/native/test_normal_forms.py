"""The core's tokens are those that Python makes, for every kind and any text."""

from __future__ import annotations

import ctypes
import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from app.masking import Kind, NativeEngine, PseudonymKey, load_rules
from app.masking.native.ruletable import KINDS
from app.masking.pseudonyms import Pseudonyms
from app.masking.rules import Policy
from app.masking.spans import Span
from app.masking.stream import Window

RULES, KEY = load_rules(), PseudonymKey(b"n" * 32)
KEYED = [kind for kind in KINDS if RULES.policy_of(kind) is Policy.TOKEN]


class Asked(NativeEngine):
    """Counts what the core asked for."""

    asked = 0

    def _ask(self, kind: int, raw: bytes) -> bytes:
        self.asked += 1
        return super()._ask(kind, raw)


ENGINE, PLAIN = Asked(RULES, KEY), Pseudonyms.of(RULES, KEY)


def token(kind: Kind, raw: bytes) -> bytes:
    """What the core writes for a value of which it is told that it is one."""
    window = Window(raw, 0, len(raw), last=True)
    with ENGINE._rooms.taken() as (room, *_):
        found = room.find(window, [Span(0, len(raw), 1, kind, "", None, False, True)])
        room.settle(window, found, lesson=None, start=0)
        return b"".join(bytes(part) for part in room.write(window, lesson=None))


def letters() -> Iterator[str]:
    yield from (chr(point) for point in range(0x21, 0x300) if chr(point).isprintable())


@pytest.mark.parametrize("kind", KEYED)
def test_every_letter_of_latin_scripts_has_the_same_form(kind: Kind) -> None:
    for letter in letters():
        value = f"a{letter}B".encode()
        assert token(kind, value) == PLAIN.token(kind, value), letter


@pytest.mark.parametrize(
    "text", ["Zoë Großmann", "ŁUKASZ", "Fran\\u00e7ois", "In%C3%A9s", "%2B49 30 901820", "Anne%20Ü"]
)
def test_common_notations_are_made_by_the_core(text: str) -> None:
    before = ENGINE.asked
    assert token(Kind.NAME, text.encode()) == PLAIN.token(Kind.NAME, text.encode())
    assert ENGINE.asked == before


def test_letters_of_cp1252_are_made_by_the_core() -> None:
    before = ENGINE.asked
    assert token(Kind.NAME, "Zoë Groß".encode("cp1252")) == PLAIN.token(Kind.NAME, "Zoë Groß".encode())
    assert ENGINE.asked == before


_PIECES = st.sampled_from(
    [
        *"aZßſİŉé漢%.1+@;[]:- ",
        *("e\u0301", "\u00a0", "\u2003", "%2", "%41", "%C3%A9", "%ff", "\\u", "\\u00e9", "\\ud83d"),
        *("\\u0301", "\t", "sip:", "tel:", "\x1c", "\x85"),
    ]
)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.sampled_from(KEYED), st.lists(_PIECES, min_size=1, max_size=12).map("".join))
def test_any_text_has_the_form_that_python_gives_it(kind: Kind, text: str) -> None:
    raw = f"x{text}y".encode("utf-8", "surrogatepass")
    assert token(kind, raw) == PLAIN.token(kind, raw)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.sampled_from(KEYED), st.binary(min_size=1, max_size=24))
def test_any_bytes_have_the_form_that_python_gives_them(kind: Kind, raw: bytes) -> None:
    raw = b"x" + raw.replace(b"\n", b"").replace(b"\r", b"") + b"y"
    assert token(kind, raw) == PLAIN.token(kind, raw)


_GROUP = st.integers(1, 0xFFFF) | st.just(0)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.lists(_GROUP, min_size=8, max_size=8), st.sampled_from(["compressed", "exploded", "upper", "four"]))
@example([0] * 7 + [1], "compressed")
@example([0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201], "four")
@example([1, 0, 0, 2, 0, 0, 0, 3], "compressed")
@example([1, 2, 3, 4, 5, 6, 7, 0], "compressed")
def test_an_address_has_one_form_in_every_notation(groups: list[int], notation: str) -> None:
    address = ipaddress.IPv6Address(b"".join(group.to_bytes(2, "big") for group in groups))
    assume(any(groups))
    text = {
        "compressed": address.compressed,
        "exploded": address.exploded,
        "upper": f"[{address.compressed.upper()}%eth0]",
        "four": f"{address.exploded[:30]}{ipaddress.IPv4Address(address.packed[12:])}",
    }[notation]
    before = ENGINE.asked
    assert token(Kind.IP, text.encode()) == PLAIN.token(Kind.IP, address.compressed.encode())
    assert ENGINE.asked == before


@settings(max_examples=300, derandomize=True, deadline=None)
@given(st.text(alphabet="0123456789abcF:.[]%", min_size=2, max_size=30))
def test_what_is_no_address_has_the_form_that_python_gives_it(text: str) -> None:
    raw = f"1{text}1".encode()
    assert token(Kind.IP, raw) == PLAIN.token(Kind.IP, raw)


def test_a_value_of_any_length_has_its_token() -> None:
    for size in (4095, 4096, 4097, 9000):
        value = b"k" * size
        assert token(Kind.SECRET, value) == PLAIN.token(Kind.SECRET, value)


def test_the_core_is_loaded_once() -> None:
    assert isinstance(ENGINE._core, ctypes.CDLL)
    assert ENGINE._core is NativeEngine(RULES, KEY)._core


@pytest.mark.parametrize("kind", [Kind.TEL, Kind.NAME])
@pytest.mark.parametrize("text", ["%252B49%2530901820", "In%25C3%25A9s", "100%25 A", "%25C3", "a%2525b"])
def test_what_is_escaped_twice_has_the_form_of_python(kind: Kind, text: str) -> None:
    assert token(kind, text.encode()) == PLAIN.token(kind, text.encode())


def test_a_number_that_is_escaped_twice_has_the_token_of_the_plain_one() -> None:
    assert token(Kind.TEL, b"%252B4930901820417") == token(Kind.TEL, b"+4930901820417")
