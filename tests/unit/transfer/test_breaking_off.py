"""Pause, stop and cancel while a server takes the connection and then says nothing, in either protocol."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import pytest

from app.domain.errors import WorldError
from app.domain.files import SealedBundle
from app.transfer import (
    Beat,
    Cancelled,
    Control,
    Destination,
    Interrupted,
    Journal,
    Opened,
    Part,
    Patience,
    Progress,
    SftpDestination,
    SftpLogin,
    Shipment,
    Stopped,
    TransferState,
    TusDestination,
    send,
)
from app.transfer.network import Network, parse_proxy
from app.transfer.session import SftpServer
from app.transfer.source import Source
from tests.peers.memory_store import MemoryDestination, MemoryStore
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

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


def over_tus_by(proxy: str) -> Make:
    def make(port: int) -> Destination:
        return TusDestination(
            "https://portal.invalid/files",
            ssl_context=ssl.create_default_context(),
            patience=Patience(connect=LONG),
            network=Network(proxy=parse_proxy(f"{proxy}://127.0.0.1:{port}")),
        )

    return make


def over_sftp_by(proxy: str) -> Make:
    def make(port: int) -> Destination:
        return SftpDestination(
            "portal.invalid",
            22,
            login=SftpLogin(user="anna", password="x"),
            host_key=f"ssh-ed25519 {HOST_KEY}",
            patience=Patience(connect=LONG),
            network=Network(proxy=parse_proxy(f"{proxy}://127.0.0.1:{port}")),
        )

    return make


SILENT_PROXIES = [
    pytest.param(over(proxy), id=f"{over.__name__}_{proxy}")
    for over in (over_tus_by, over_sftp_by)
    for proxy in ("socks5", "socks4", "http")
]
"""Ways to a server of which the proxy takes the connection and then says nothing."""


class Asked(MemoryDestination):
    """Somebody asks again while the peer throws away what it has.

    Attributes:
        aborted, opened: of each call, whether it was left in peace.
    """

    def __init__(self, store: MemoryStore, control: Control) -> None:
        super().__init__(store)
        self.control = control
        self.broken = False
        self.aborted: list[bool] = []
        self.opened: list[bool] = []

    def open_or_resume(self, shipment: Shipment, *, remote: str, acked: Sequence[Part], beat: Beat) -> Opened:
        self.opened.append(not self.broken)
        return super().open_or_resume(shipment, remote=remote, acked=acked, beat=beat)

    def abort(self, remote: str, *, sha256: str = "") -> None:
        self.close()
        self.control.cancel()
        self.control.stop()
        self.aborted.append(not self.broken)

    def break_off(self) -> None:
        self.broken = True

    def no_more_lanes(self) -> None:
        pass

    def close(self) -> None:
        self.broken = False
        super().close()


HOST_KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIJ0cFNYnYBDX8Ea4oeyX3sZjh5p9yXbcYgZpO1Ih9XjA"


@pytest.fixture
def mute() -> Iterator[Mute]:
    server = Mute()
    yield server
    server.close()


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=8000)


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


@pytest.mark.parametrize("make", [over_tus, over_sftp, *SILENT_PROXIES])
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


@pytest.mark.parametrize("make", [over_tus, over_sftp, *SILENT_PROXIES])
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


def test_a_session_that_was_made_while_it_was_broken_off_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    destination = SftpDestination(
        "127.0.0.1", 9, login=SftpLogin(user="anna", password="x"), host_key=f"ssh-ed25519 {HOST_KEY}"
    )
    cut: list[str] = []

    class Silent:
        alive = True

        @property
        def client(self) -> object:
            raise EOFError

        def break_off(self) -> None:
            cut.append("here")

        def close(self) -> None:
            pass

    def made(_server: SftpServer, **_options: object) -> Silent:
        destination.break_off()
        return Silent()

    monkeypatch.setattr(SftpServer, "open", made)
    with pytest.raises(WorldError):
        destination.abort("/rest")
    assert cut == ["here"]


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


def test_what_a_cancel_throws_away_at_the_peer_is_not_broken_off_by_a_second_one_or_the_end_of_the_program(
    journal: Journal, bundle: SealedBundle
) -> None:
    control = Control()
    destination = Asked(MemoryStore(), control)
    with_rest(journal, bundle, destination)

    def cancel(progress: Progress) -> None:
        if progress.state is TransferState.SENDING:
            control.cancel()

    with pytest.raises(Cancelled):
        send(journal, bundle, destination, key="k", control=control, on_progress=cancel)
    assert destination.aborted == [True]


def test_a_pause_that_breaks_off_late_does_not_break_what_goes_on_after_it(
    journal: Journal, bundle: SealedBundle
) -> None:
    control = Control()
    destination = Asked(MemoryStore(), control)

    def follow(progress: Progress) -> None:
        if progress.state is TransferState.SENDING and not control.nudges:
            control.nudge()
            control.pause()
        elif progress.state is TransferState.PAUSED:
            destination.break_off()
            control.resume()

    send(journal, bundle, destination, key="k", control=control, on_progress=follow)
    assert destination.opened[-1]


def with_rest(journal: Journal, bundle: SealedBundle, destination: Destination) -> None:
    """An earlier process has begun it."""
    source = Source(bundle)
    row = journal.begin(bundle, source.identity, key="k", destination=destination.identity, now=1.0)
    source.close()
    journal.note_remote(row.id, f"{destination.identity}/rest", resumed=False)
