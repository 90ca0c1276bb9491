"""The core finds in SIP, SDP and DTMF what the reference finds, place by place."""

# ruff: noqa: E501 - fragments read as a table

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers.core_shapes import SIP, Shapes
from tests.peers.examples import many
from tests.peers.masking_texts import example_texts, generated_text

_FRAGMENTS = tuple(
    one.encode("latin-1")
    for one in (
        "sip:", "sips:", "SIP:", "SIPS:", "tel:", "TEL:", "sip%3A", "sips%3a", "tel%3a", "%40", "%3a", "%3B", "%2B",
        "@", ":", "::", ";", ",", "<", ">", '"', "'", "\\", '\\"', "|", "?", "=", "(", ")", "[", "]", "*", "#", "%", "+",
        " ", "  ", "\t", "\n", "\r\n", "\r", "\x0b", "\0", "\xe9", "\xff", "x" * 60, " " * 30, "a" * 130, ".", "-", "_",
        "From: ", "To:", "f: ", "t:", "i: ", "Contact: ", "P-Asserted-Identity: ", "Route: ", "Diversion:", "X-Any: ",
        "\nCall-ID: ", "\nIn-Reply-To :", "\nReplaces: ", "call-id='", "CallID =", "callid", "id",
        "SIP/2.0/UDP ", "SIP/2.0/TLS\t", "SIP/2.0/", "\no=", "\no=alice 1 1 IN IP4 h", " 1 1 IN IP4 ", "IN IP4 ", "IN IP6 ",
        ";received=", ";maddr=", ";phone-context=", ";ext=", ";vnd.host=", ";isub=", '""', "5 Processing ", "caller ", "user has ", "pressed ", "entered code ", "DTMF 4:",
        "1440", " times", "begin",
        "10.1.2.3", "127.0.0.1", "8.5.201.09", "[::1]", "[2001:db8::1]", "2001:db8::1", "[..]", "1.2.3",
        "alice", "bob.smith", "4155550143", "+14155550143", "7021", "12", "dialog", "Anonymous", "Mary O'Hara", "M\xfcller",
        "example.com", "host.example.org", "localhost", "www.w3.org", "h1", "A.com", "java.util", "x_", "-x",
        "alice:secret", "alice;par=1", "> ,", "> , Mary ", '"Mary" ', '"Mary \\"M\\" Lee" ', '\\"Mary\\" ', '" <sip:',
        "<sip:", "<sips:", "<tel:", "<TEL:0123456789abcdef>", "<sip:0123456789abcdef>", "<TEL:+1",
        "Signal=", "Signal : ", "5", "12#*a", "Content-Type:", "\nContent-Type: application/dtmf\r\n\r\n",
        "\nc: application/vnd.x.digits;a=b\n", "\nContent-Type: application/DTMF-relay\nContent-Length: 9\n\n",
        "application/", "vnd.dtmf", "vnd.dtmf.digits", "dtmf", "DTMF ", "dtmf_digits", "digits", "digit ", "digits collected",
        "digit received: ", " is ", " event ", " key", ": ", "=", "['", "'5'",
    )
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=24).map(b"".join)


@pytest.mark.parametrize("name", example_texts())
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b" "])
def test_examples_are_found_as_the_reference_finds_them(shapes: Shapes, name: str, line_end: bytes) -> None:
    text = example_texts()[name].replace(b"\n", line_end)
    assert shapes.native(text, SIP) == shapes.reference(text, SIP)


def test_generated_logs_are_found_as_the_reference_finds_them(shapes: Shapes) -> None:
    text = generated_text(seed=11, entries=900)
    found = shapes.native(text, SIP)
    assert {one.detector for one in found} == set(SIP)
    assert found == shapes.reference(text, SIP)


@settings(max_examples=many(1200), deadline=None)
@given(_TEXTS)
def test_any_text_is_found_as_the_reference_finds_it(shapes: Shapes, text: bytes) -> None:
    assert shapes.native(text, SIP) == shapes.reference(text, SIP)


@settings(max_examples=150, deadline=None)
@given(_TEXTS, st.integers(0, 40))
def test_a_text_cut_anywhere_is_read_within_its_bounds(shapes: Shapes, text: bytes, size: int) -> None:
    cut = text[:size]
    assert shapes.native(cut, SIP) == shapes.reference(cut, SIP)
