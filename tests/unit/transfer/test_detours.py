"""Of several ways out, those that failed while another one worked are tried last for a while."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.transfer.network import Network, Proxy, dial, parse_proxy
from app.transfer.network.detours import LAST_FOR, Detours

DEAD, GOOD = parse_proxy("http://dead.invalid:8080"), parse_proxy("http://good.invalid:8080")
PORTAL = ("portal.invalid", 443)


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def detours(watch: Watch) -> Detours:
    return Detours(monotonic=watch)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def order(detours: Detours, place: tuple[str, int] = PORTAL) -> tuple[Proxy | None, ...]:
    return detours.in_order((DEAD, GOOD, None), place=place)


def test_ways_keep_their_order_while_nothing_failed(detours: Detours) -> None:
    assert order(detours) == (DEAD, GOOD, None)


def test_what_failed_before_another_way_led_there_is_tried_last(detours: Detours) -> None:
    detours.led(GOOD, failed=[DEAD], place=PORTAL)
    assert order(detours) == (GOOD, None, DEAD)


def test_what_failed_is_tried_first_again_after_a_while(detours: Detours, watch: Watch) -> None:
    detours.led(GOOD, failed=[DEAD], place=PORTAL)
    watch.now += LAST_FOR
    assert order(detours) == (DEAD, GOOD, None)


def test_what_leads_there_again_has_its_place_again(detours: Detours) -> None:
    detours.led(GOOD, failed=[DEAD], place=PORTAL)
    detours.led(DEAD, failed=[], place=PORTAL)
    assert order(detours) == (DEAD, GOOD, None)


def test_another_server_has_ways_of_its_own(detours: Detours) -> None:
    detours.led(GOOD, failed=[DEAD], place=PORTAL)
    assert order(detours, ("sftp.invalid", 22)) == (DEAD, GOOD, None)


def test_a_dead_first_proxy_of_a_pac_script_is_asked_once(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    resolve = socket.getaddrinfo

    def noting(host: str, *rest: object, **named: object) -> object:
        asked.append(host)
        if host == DEAD.host:
            raise socket.gaierror
        return resolve(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", noting)
    network = Network(pac=lambda _url: f"PROXY {DEAD.host}:8080; DIRECT")
    for _ in range(2):
        with closing(dial("127.0.0.1", server.getsockname()[1], network=network, seconds=60)):
            pass
    assert asked == [DEAD.host, "127.0.0.1", "127.0.0.1"]
