from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.service.notify import ServiceManager

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="systemd is of Linux")


@pytest.fixture
def manager_socket(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd listens on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(10)
        yield listening


@pytest.fixture
def environment(manager_socket: socket.socket) -> dict[str, str]:
    return {"NOTIFY_SOCKET": manager_socket.getsockname()}


def told(listening: socket.socket) -> list[str]:
    return listening.recv(4096).decode().split("\n")


def test_it_says_that_it_is_ready_with_a_line_for_people(
    manager_socket: socket.socket, environment: dict[str, str]
) -> None:
    ServiceManager(environment).ready("Watching\n3 folders")
    assert told(manager_socket) == ["READY=1", "STATUS=Watching 3 folders"]


def test_a_start_that_takes_long_says_how_long(
    manager_socket: socket.socket, environment: dict[str, str]
) -> None:
    ServiceManager(environment).beginning("Looking.", seconds=90)
    assert told(manager_socket) == ["EXTEND_TIMEOUT_USEC=90000000", "STATUS=Looking."]


def test_a_reload_carries_its_moment(manager_socket: socket.socket, environment: dict[str, str]) -> None:
    ServiceManager(environment).reloading()
    state, moment = told(manager_socket)
    assert state == "RELOADING=1"
    assert int(moment.removeprefix("MONOTONIC_USEC=")) > 0


def test_status_and_end_are_told(manager_socket: socket.socket, environment: dict[str, str]) -> None:
    manager = ServiceManager(environment)
    manager.status("Drained.")
    manager.stopping()
    assert (told(manager_socket), told(manager_socket)) == (["STATUS=Drained."], ["STOPPING=1"])


@pytest.mark.parametrize("pid", ["", str(os.getpid())], ids=["anybody", "this process"])
def test_the_watchdog_is_answered_when_it_watches_us(
    manager_socket: socket.socket, environment: dict[str, str], pid: str
) -> None:
    ServiceManager({**environment, "WATCHDOG_USEC": "120000000", "WATCHDOG_PID": pid}).alive()
    assert told(manager_socket) == ["WATCHDOG=1"]


@pytest.mark.parametrize("more", [{}, {"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1"}])
def test_no_watchdog_is_answered_that_does_not_watch_us(
    manager_socket: socket.socket, environment: dict[str, str], more: dict[str, str]
) -> None:
    manager = ServiceManager({**environment, **more})
    manager.alive()
    manager.stopping()
    assert told(manager_socket) == ["STOPPING=1"]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract names are of Linux")
def test_an_abstract_socket_is_reached(tmp_path: Path) -> None:
    name = f"caseferry-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(10)
        ServiceManager({"NOTIFY_SOCKET": f"@{name}"}).stopping()
        assert told(listening) == ["STOPPING=1"]


def test_without_a_manager_nothing_is_told_and_nothing_fails(tmp_path: Path) -> None:
    ServiceManager({}).ready("x")
    ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("x")
