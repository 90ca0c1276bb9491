"""The fast way and paramiko's own, with OpenSSH on the other side: ciphers, new keys on the way, windows."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.transfer import SftpLogin
from app.transfer.login import HostKey
from app.transfer.session import Session, open_session
from app.transfer.ssh import Code, Mode, StatusError, packets, run_command, stream
from app.transfer.ssh.stream import FastStream, PlainStream
from tests.peers.openssh import OpenSsh, openssh

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
DATA = random.Random(9).randbytes(9 * MIB + 77)


@contextmanager
def session(server: OpenSsh) -> Iterator[Session]:
    opened = open_session(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=HostKey.parse(server.host_key),
        connect=60,
        silence=60,
    )
    try:
        yield opened
    finally:
        opened.close()


def there_and_back(opened: Session) -> None:
    client = opened.client
    handle = client.open("file", Mode.READ | Mode.WRITE | Mode.CREATE | Mode.TRUNCATE)
    sent = list(client.write(handle, 0, memoryview(DATA)))
    assert sent[-1] == len(DATA)
    assert b"".join(piece for _at, piece in client.read_in_order(handle, [(0, len(DATA))])) == DATA
    client.close(handle)


def has_new_keys(opened: Session) -> bool:
    """Whether keys were exchanged again: the hash of the first exchange names the session for ever."""
    transport = opened.transport
    return bool(transport.session_id != transport.H)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "settings",
    [
        "",
        "Ciphers aes256-gcm@openssh.com",
        "Ciphers aes128-ctr\nMACs hmac-sha2-256",
        "Ciphers aes256-ctr\nMACs hmac-sha2-512-etm@openssh.com",
        "RekeyLimit 1M",
        "RekeyLimit 1M\nCiphers aes128-ctr",
    ],
    ids=["aes128-gcm", "aes256-gcm", "ctr-and-mac", "mac-of-the-sealed", "new-keys", "new-keys-and-ctr"],
)
def test_bytes_go_there_and_back(tmp_path: Path, settings: str) -> None:
    with openssh(tmp_path, settings=settings) as server, session(server) as opened:
        there_and_back(opened)
        assert has_new_keys(opened) == ("RekeyLimit" in settings)
        assert (server.folder / "file").read_bytes() == DATA


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


def test_a_cipher_in_hardware_is_preferred(server: OpenSsh) -> None:
    with session(server) as opened:
        assert opened.transport.local_cipher == "aes128-gcm@openssh.com"
        assert isinstance(opened.client.stream, FastStream)


def test_new_keys_that_we_ask_for_cost_no_byte(server: OpenSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packets, "REKEY_BYTES_AEAD", MIB)
    with session(server) as opened:
        there_and_back(opened)
        assert has_new_keys(opened)


def test_another_paramiko_goes_its_own_way(server: OpenSsh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "hot_path_fits", lambda: False)
    with session(server) as opened:
        assert type(opened.client.stream) is PlainStream
        there_and_back(opened)


def test_requests_are_as_long_as_the_server_takes(server: OpenSsh) -> None:
    with session(server) as opened:
        assert opened.client.limits.write == 261_120
        assert opened.client.largest_write == 261_120


def test_a_range_behind_the_end_is_said_so_and_the_session_goes_on(server: OpenSsh) -> None:
    (server.folder / "short").write_bytes(b"12345")
    with session(server) as opened:
        handle = opened.client.open("short", Mode.READ)
        with pytest.raises(StatusError) as caught:
            list(opened.client.read_in_order(handle, [(0, 3 * MIB)]))
        assert caught.value.code == Code.EOF
        assert opened.client.fstat(handle).size == 5


def run(opened: Session, command: str, *, seconds: float = 60.0) -> bytes | None:
    return run_command(opened.transport, command, most=100, seconds=seconds, pause=lambda: None)


def test_a_command_is_believed_when_it_ends_well_and_says_little(tmp_path: Path) -> None:
    with openssh(tmp_path, shell=True) as server, session(server) as opened:
        assert run(opened, "echo here") == b"here\n"
        assert run(opened, "echo here; exit 3") is None
        assert run(opened, "head -c 100000 /dev/zero") is None
        assert run(opened, "sleep 30", seconds=0.3) is None
        assert opened.client.stat(".") is not None


def test_a_command_is_waited_for_no_longer_than_the_clock_says(tmp_path: Path) -> None:
    clock = itertools.count(0.0, 600.0)
    with openssh(tmp_path, shell=True) as server, session(server) as opened:
        said = run_command(
            opened.transport,
            "sleep 30",
            most=100,
            seconds=3600.0,
            pause=lambda: None,
            monotonic=lambda: next(clock),
        )
    assert said is None


def test_an_answer_is_waited_for_no_longer_than_the_clock_says(
    server: OpenSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, rests = itertools.count(0.0, 600.0), list[float]()
    with session(server) as opened:
        # The server has more to say than answers: what it tells unasked, after the log-in, may come just now.
        monkeypatch.setattr(opened.client.stream, "ready", lambda: False)
        with pytest.raises(TimeoutError):
            opened.await_answer(seconds=3600.0, rest=rests.append, monotonic=lambda: next(clock))
    assert len(rests) == 6


def test_a_server_without_a_shell_runs_no_command(server: OpenSsh) -> None:
    with session(server) as opened:
        assert not run(opened, "echo here")
        assert opened.client.stat(".") is not None
