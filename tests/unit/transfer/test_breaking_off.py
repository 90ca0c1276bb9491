"""Pause, stop and cancel while a server takes the connection and then says nothing, in either protocol."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from app.domain.files import SealedBundle
from app.transfer import (
    Cancelled,
    Control,
    Destination,
    Interrupted,
    Journal,
    Patience,
    Progress,
    SftpDestination,
    SftpLogin,
    Stopped,
    TransferState,
    TusDestination,
    send,
)
from app.transfer.source import Source
from tests.peers.sealed import sealed_bundle

LONG = 600.0
"""Seconds that the server is waited for, if nobody breaks it off; a test that passes needs none of them."""
ENDS = 120.0


class Mute:
    """Takes connections on the loopback and is silent.

    Attributes:
        port: where.
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._taken: list[socket.socket] = []

    def take(self) -> None:
        """Wait for the next connection, and for the first words of its client: now it waits for ours."""
        taken, _address = self._listener.accept()
        self._taken.append(taken)
        assert taken.recv(1)

    def close(self) -> None:
        for each in (self._listener, *self._taken):
            each.close()


class Make(Protocol):
    def __call__(self, port: int) -> Destination: ...


def over_tus(port: int) -> Destination:
    return TusDestination(
        f"https://127.0.0.1:{port}/files",
        ssl_context=ssl.create_default_context(),
        patience=Patience(connect=LONG),
    )


def over_sftp(port: int) -> Destination:
    return SftpDestination(
        "127.0.0.1",
        port,
        login=SftpLogin(user="anna", password="x"),
        host_key=f"ssh-ed25519 {HOST_KEY}",
        patience=Patience(connect=LONG),
    )


HOST_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0cFNYnYBDX8Ea4oeyX3sZjh5p9yXbcYgZpO1Ih9XjA"


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=8000)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3") as opened:
        yield opened


class Sender:
    """`send` in a thread of its own."""

    def __init__(self, journal: Journal, bundle: SealedBundle, destination: Destination) -> None:
        self.control = Control()
        self.states: list[TransferState] = []
        self.paused = threading.Event()
        self.ended: list[type[BaseException]] = []
        self.thread = threading.Thread(target=self._send, args=(journal, bundle, destination), daemon=True)
        self.thread.start()

    def _send(self, journal: Journal, bundle: SealedBundle, destination: Destination) -> None:
        try:
            send(journal, bundle, destination, key="k", control=self.control, on_progress=self._follow)
        except Interrupted as error:
            self.ended.append(type(error))

    def _follow(self, progress: Progress) -> None:
        if progress.state is TransferState.PAUSED:
            self.paused.set()


@pytest.mark.parametrize("make", [over_tus, over_sftp])
@pytest.mark.parametrize(("ask", "end"), [(Control.stop, Stopped), (Control.cancel, Cancelled)])
def test_a_server_that_is_silent_from_the_first_moment_holds_up_no_end(
    mute: Mute,
    journal: Journal,
    bundle: SealedBundle,
    make: Make,
    ask: Callable[[Control], None],
    end: type[Interrupted],
) -> None:
    sender = Sender(journal, bundle, make(mute.port))
    mute.take()
    ask(sender.control)
    sender.thread.join(timeout=ENDS)
    assert sender.ended == [end]


@pytest.mark.parametrize("make", [over_tus, over_sftp])
def test_a_server_that_is_silent_from_the_first_moment_holds_up_no_pause(
    mute: Mute, journal: Journal, bundle: SealedBundle, make: Make
) -> None:
    sender = Sender(journal, bundle, make(mute.port))
    mute.take()
    sender.control.pause()
    assert sender.paused.wait(timeout=ENDS)
    sender.control.stop()
    sender.thread.join(timeout=ENDS)
    assert sender.ended == [Stopped]


def test_what_a_silent_server_has_of_a_cancelled_file_is_not_waited_for(
    mute: Mute, journal: Journal, bundle: SealedBundle
) -> None:
    destination = over_sftp(mute.port)
    with_rest(journal, bundle, destination)
    sender = Sender(journal, bundle, destination)
    mute.take()
    sender.control.cancel()
    sender.thread.join(timeout=ENDS)
    assert sender.ended == [Cancelled]


def with_rest(journal: Journal, bundle: SealedBundle, destination: Destination) -> None:
    """An earlier process has begun it."""
    source = Source(bundle)
    row = journal.begin(bundle, source.identity, key="k", destination=destination.identity, now=1.0)
    source.close()
    journal.note_remote(row.id, f"{destination.identity}/rest", resumed=False)
