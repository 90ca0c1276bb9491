"""What an SFTP server, its disk, or the network can do wrong."""

from __future__ import annotations

import random
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.errors import PeerError, UnreachableError
from app.domain.files import SealedBundle
from app.transfer import Journal, Level, Patience, Progress, RetryPolicy, SftpDestination, SftpLogin, send
from tests.peers.chaos_relay import ChaosRelay, Fault
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

pytestmark = pytest.mark.real_peer

KIB = 1024
MIB = 1024 * KIB
AT_ONCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=240)
NO_PATIENCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=0.1)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OpenSsh]:
    with openssh(tmp_path / "ssh") as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=3 * MIB + 321)


def destination(
    server: OpenSsh, *, port: int | None = None, patience: Patience | None = None
) -> SftpDestination:
    return SftpDestination(
        "127.0.0.1",
        port or server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=server.host_key,
        part_size=MIB // 2,
        patience=patience,
    )


def test_cuts_at_any_byte_cost_nothing_but_time(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    dice = random.Random(20261124)
    cuts = [Fault(cut_after_sent=dice.randrange(100, MIB)) for _ in range(8)]
    with ChaosRelay(server.port, faults=cuts) as relay:
        send(journal, bundle, destination(server, port=relay.port), key="k", policy=AT_ONCE)
    assert relay.struck >= 2
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
    assert {path.name for path in server.folder.iterdir()} == {"logs.zip", "logs.zip.sha256"}


def test_a_connection_that_stands_still_is_dropped_and_gone_on_with(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    with ChaosRelay(server.port, faults=[Fault(hold_after_sent=99_999)]) as relay:
        impatient = destination(server, port=relay.port, patience=Patience(block=2.0))
        proof = send(journal, bundle, impatient, key="k", policy=AT_ONCE)
    assert relay.struck == 1
    assert proof.sent < bundle.size + 2 * MIB
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()


def test_a_server_without_a_companions_right_gets_the_file_all_the_same(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    (server.folder / "logs.zip.sha256").mkdir()
    proof = send(journal, bundle, destination(server), key="k")
    assert proof.level is Level.SIZE_ONLY
    assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()


@pytest.mark.root
def test_a_full_disk_at_the_server_is_said_and_gone_on_with_later(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    seen: list[Progress] = []
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(server.folder)], check=True)
    try:
        with pytest.raises(UnreachableError) as caught:
            send(journal, bundle, destination(server), key="k", policy=NO_PATIENCE, on_progress=seen.append)
        assert caught.value.code == "CF-1515"
        subprocess.run(["mount", "-o", "remount,size=9m", str(server.folder)], check=True)
        proof = send(journal, bundle, destination(server), key="k")
        assert (server.folder / "logs.zip").read_bytes() == bundle.path.read_bytes()
        assert proof.sent < bundle.size
    finally:
        subprocess.run(["umount", "--lazy", str(server.folder)], check=True)


@contextmanager
def listener(greeting: bytes | None) -> Iterator[int]:
    """Says this to everyone and hangs up; says nothing when it is None."""
    ending = threading.Event()
    held: list[socket.socket] = []

    def serve() -> None:
        while True:
            client, _ = server.accept()
            held.append(client)
            if ending.is_set():
                return
            if greeting is not None:
                client.recv(4096)
                client.sendall(greeting)
                client.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            ending.set()
            socket.create_connection(server.getsockname(), timeout=60).close()
            thread.join(timeout=60)
            for client in held:
                client.close()


def test_what_is_no_ssh_server_is_said_to_be_none(
    server: OpenSsh, bundle: SealedBundle, journal: Journal
) -> None:
    page = b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n" + b"x\r\n" * 200
    with listener(page) as port, pytest.raises(PeerError) as caught:
        send(journal, bundle, destination(server, port=port), key="k", policy=NO_PATIENCE)
    assert caught.value.code == "CF-1616"


@pytest.mark.parametrize(
    ("greeting", "code", "seconds"),
    [(b"", "CF-1510", 60.0), (None, "CF-1511", 0.3)],
    ids=["hangs-up", "silent"],
)
def test_a_server_that_does_not_greet_is_tried_again(
    server: OpenSsh,
    bundle: SealedBundle,
    journal: Journal,
    greeting: bytes | None,
    code: str,
    seconds: float,
) -> None:
    impatient = Patience(connect=seconds)
    with listener(greeting) as port, pytest.raises(UnreachableError) as caught:
        send(journal, bundle, destination(server, port=port, patience=impatient), key="k", policy=NO_PATIENCE)
    assert caught.value.code == code
