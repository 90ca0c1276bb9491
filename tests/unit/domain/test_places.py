"""How servers are named, and what no server can be called."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.places import is_host, place_of


@pytest.mark.parametrize(
    ("host", "place"),
    [("portal.example", "portal.example:443"), ("192.0.2.1", "192.0.2.1:443"), ("fd00::1", "[fd00::1]:443")],
)
def test_a_place_can_be_told_apart_from_its_port(host: str, place: str) -> None:
    assert place_of(host, 443) == place


@pytest.mark.parametrize(
    "host",
    ["portal.example", "portal.example.", "xn--a", "bücher.example", "192.0.2.1", "fe80::1%eth0", "a_b"],
)
def test_what_a_server_can_be_called(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "portal..example",
        ".example",
        f"{'a' * 64}.example",
        "a b",
        "a\x00b",
        "a\u202eb",
        "a\udcff",
        "ü" * 60,
    ],
)
def test_what_no_server_can_be_called(host: str) -> None:
    assert not is_host(host)


@given(
    st.text(alphabet=st.sampled_from("a.-ü\x00 \u202e%:"), max_size=80).map(lambda text: f"{text}.invalid")
)
def test_the_system_can_be_asked_about_what_a_server_can_be_called(host: str) -> None:
    if is_host(host):
        with pytest.raises(socket.gaierror):
            socket.getaddrinfo(host, 443, flags=socket.AI_NUMERICHOST)
