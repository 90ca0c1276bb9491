"""The core finds in addresses and host names what the reference finds, place by place."""

# ruff: noqa: E501 - fragments read as a table

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.peers.core_figures import NETWORK, Figures
from tests.peers.examples import many
from tests.peers.masking_texts import example_texts, generated_text

_FRAGMENTS = tuple(
    one.encode("latin-1")
    for one in (
        "10.1.2.3", "8.1.103.95", "8.5.201.09", "300.1.1.1", "10", "8", "1", ".", ":", "::", "-", "/", "//", "\\", "\\\\", "@",
        "%", "%2F", "%40", "_", "$", "(", "[", "]", "'", '"', " ", "\n", "\t", "?", "#", ",", ";", "<", ">", "=", "\xe9",
        "v", "ver", "version ", "release", "lib", "libfoo", "[9]", "[123", "from ", "to ", "IP4 ", "IP", "addr=", "address: ",
        "host", "listening", "UDP ", "Chrome/", "x", "upgraded to ", "hot fix", "hotfix", "is", "number", "received=",
        "fe80", "2001", "db8", "abcd", "ab", "AB", "0a", "1f:2e:3d:4c:5b:6a", "1f-2e-3d-4c-5b-6a", "0011.2233.44ff",
        "12-34-56-78-90-12", "2001:db8::1", "2001:db8:1:2:3:4:5:6", "::1", "::ffff:1.2.3.4", "fe80::1", "12:30:45",
        "web", "web01", "example", "com", "net", "de", "org", "local", "www.example.com", "java.lang", "com.foo.bar", "a-b",
        "a_b", "corp", "state.to", "cfg.net", "x" * 63, "y" * 62, "z" * 64, "user:pw@", "http://", "server", "share", "c$", "A",
        "Z9", ".5060", ".sip", " > ", ": ", "MAC=", ":08:00", "1f:2e:3d:4c:5b:6a:", "SEP", "001F2E3D4C5B", ".1729792132429.3", "t-server ",
        "//SIP/", "intern", "localhost", "L10.1.2.3:5061/", "R10.", "{10,1,2,3}", "{", "}", ",5672,", ",", "peer {", "host,", ":9092-",
        "Aug-2026::08:20:13", "[IPv6:", "IPv6:", ":58430", " - root", "//doc/", "-", "upgraded from ", "downgrading to ", "version to ", "4.6.0.1", ".id=", " to ", "0" * 39, "a.b.c.d.e.f.", "u" * 130,
    )
)  # fmt: skip
_TEXTS = st.lists(st.sampled_from(_FRAGMENTS), max_size=24).map(b"".join)


@pytest.mark.parametrize("name", example_texts())
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b" "])
def test_examples_are_found_as_the_reference_finds_them(figures: Figures, name: str, line_end: bytes) -> None:
    text = example_texts()[name].replace(b"\n", line_end)
    assert figures.native(text, NETWORK) == figures.reference(text, NETWORK)


def test_generated_logs_are_found_as_the_reference_finds_them(figures: Figures) -> None:
    text = generated_text(seed=13, entries=900)
    found = figures.native(text, NETWORK)
    assert found
    assert found == figures.reference(text, NETWORK)


@settings(max_examples=many(1200), deadline=None)
@given(_TEXTS)
def test_any_text_is_found_as_the_reference_finds_it(figures: Figures, text: bytes) -> None:
    assert figures.native(text, NETWORK) == figures.reference(text, NETWORK)


@settings(max_examples=150, deadline=None)
@given(_TEXTS, st.integers(0, 40))
def test_a_text_cut_anywhere_is_read_within_its_bounds(figures: Figures, text: bytes, size: int) -> None:
    cut = text[:size]
    assert figures.native(cut, NETWORK) == figures.reference(cut, NETWORK)


@pytest.mark.parametrize(
    ("text", "detector"),
    [
        (b"connect to 192.0.2.17:5060", "ip"),
        (b"on 2001:db8::17 now", "ip"),
        (b"link 1f:2e:3d:4c:5b:6a up", "mac"),
        (b"from web01.abc.de now", "host"),
        (b"GET http://web01/cb", "host"),
        (rb"open \\files01\share", "host"),
    ],
)
def test_every_address_and_name_is_found_whole(figures: Figures, text: bytes, detector: str) -> None:
    assert {one.detector for one in figures.native(text, NETWORK)} == {detector}
