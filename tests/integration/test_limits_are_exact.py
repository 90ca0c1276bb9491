"""The limit of bytes per second over any ten seconds, as low as people set it on a narrow line, every way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.transfer import (
    HostKey,
    Journal,
    RemoteFile,
    SftpDestination,
    SftpLogin,
    TusDestination,
    fetch_over_sftp,
    send,
)
from app.transfer.session import open_session
from tests.peers.faulty_tus import faulty_tus
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle
from tests.peers.watched_limit import WatchedLimit

RATE = 60_000
SIZE = 18 * RATE
EXACT = 0.05


@pytest.fixture
def limit() -> WatchedLimit:
    return WatchedLimit(RATE)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


def login(server: OpenSsh) -> SftpLogin:
    return SftpLogin(user=server.user, key_file=server.key_file)


def test_sending_over_https(limit: WatchedLimit, tmp_path: Path) -> None:
    bundle = sealed_bundle(tmp_path / "spool", size=SIZE)
    with faulty_tus(tmp_path / "tus") as server, Journal(tmp_path / "journal.db") as journal:
        there = TusDestination(server.url, ssl_context=server.ssl_context(), state_url="state")
        send(journal, bundle, there, key="k", limiter=limit)
        assert bytes(server.only_upload().data) == bundle.path.read_bytes()
    assert limit.worst() < EXACT


@pytest.mark.real_peer
def test_sending_over_sftp(limit: WatchedLimit, shell: OpenSsh, tmp_path: Path) -> None:
    bundle = sealed_bundle(tmp_path / "spool", size=SIZE)
    there = SftpDestination("127.0.0.1", shell.port, login=login(shell), host_key=shell.host_key)
    with Journal(tmp_path / "journal.db") as journal:
        send(journal, bundle, there, key="k", limiter=limit, connections=1)
    assert (shell.folder / bundle.name).read_bytes() == bundle.path.read_bytes()
    assert limit.worst() < EXACT


@pytest.mark.real_peer
def test_fetching_over_sftp(limit: WatchedLimit, shell: OpenSsh, tmp_path: Path) -> None:
    content = hashlib.shake_256(b"fetched").digest(SIZE)
    (shell.folder / "there.zip").write_bytes(content)
    fetch_over_sftp(
        RemoteFile(peer=f"127.0.0.1:{shell.port}", path="there.zip"),
        target=tmp_path / "here.zip",
        connect=lambda: open_session(
            "127.0.0.1",
            shell.port,
            login=login(shell),
            host_key=HostKey.parse(shell.host_key),
            connect=60,
            silence=60,
        ),
        connections=1,
        flow=limit.flow(),
    )
    assert (tmp_path / "here.zip").read_bytes() == content
    assert limit.worst() < EXACT
