"""A proxy that says its answer byte by byte."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable, Iterator

import pytest

from app.domain.errors import UnreachableError
from app.transfer.network import Network, dial, parse_proxy
from app.transfer.network.connect import connect_through
from app.transfer.network.hurried import Hurried

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def a_second_each() -> Callable[[], float]:
    """A clock on which each look takes a second."""
    return itertools.count(0.0, 1.0).__next__


def test_an_answer_that_trickles_in_has_its_time(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"HTTP/1.1 200 " + b"x" * 1000)
    with pytest.raises(TimeoutError):
        connect_through(
            Hurried(ours, seconds=20.0, monotonic=a_second_each()), "a.example", 22, user="", password=""
        )
    assert len(theirs.recv(4096)) > 0
    assert len(ours.recv(4096)) > 900


def test_an_answer_in_time_is_read_to_its_end_and_no_further(pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"HTTP/1.1 200 OK\r\n\r\nSSH-2.0-x")
    through = Hurried(ours, seconds=60.0, monotonic=a_second_each())
    assert connect_through(through, "a.example", 22, user="", password="") == 200
    assert ours.recv(100) == b"SSH-2.0-x"


@pytest.mark.parametrize("kind", ["http", "socks5", "socks4"])
def test_a_connection_through_a_proxy_is_asked_for_in_a_time(
    kind: str, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = pair
    asked: list[float] = []
    monkeypatch.setattr("app.transfer.network.dialling._connected", lambda *_place, **_how: ours)
    theirs.sendall({"http": b"HTTP/1.1 2", "socks5": b"\x05", "socks4": b"\x00"}[kind])

    class Impatient(Hurried):
        def recv(self, most: int) -> bytes:
            asked.append(self._until - self._monotonic())
            if len(asked) > 1:
                self._until = self._monotonic()
            return super().recv(most)

    monkeypatch.setattr("app.transfer.network.dialling.Hurried", Impatient)
    network = Network(proxy=parse_proxy(f"{kind}://127.0.0.1:9"))
    with pytest.raises(UnreachableError) as caught:
        dial("a.example", 22, network=network, seconds=30.0)
    assert (caught.value.code, len(asked)) == ("CF-1540", 2)
