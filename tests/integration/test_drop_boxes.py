"""Servers that take files and let nothing of them be read back: what is sent, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.domain.errors import RefusedError
from app.domain.files import SealedBundle
from app.transfer import Journal, Level, RetryPolicy, SftpDestination, SftpLogin, TransferState, send
from app.transfer.source import Source
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.sealed import sealed_bundle
from tests.peers.transfer_journal import journal

__all__ = ["journal"]

pytestmark = pytest.mark.real_peer

NO_PATIENCE = RetryPolicy(first=0.001, longest=0.002, give_up_after=0.1)


@contextmanager
def drop_box(folder: Path, *, denied: str) -> Iterator[OpenSsh]:
    """`denied`: the requests of SFTP that it refuses."""
    with openssh(
        folder, settings=f"ForceCommand internal-sftp -P {denied} -d {folder / 'incoming'}"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def unread(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with drop_box(tmp_path_factory.mktemp("unread"), denied="read") as running:
        yield running


@pytest.fixture(scope="module")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with drop_box(tmp_path_factory.mktemp("unseen"), denied="read,stat,lstat,fstat") as running:
        yield running


@pytest.fixture(scope="module")
def unnamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with drop_box(tmp_path_factory.mktemp("unnamed"), denied="rename,posix-rename") as running:
        yield running


@pytest.fixture(scope="module")
def unread_unnamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with drop_box(tmp_path_factory.mktemp("unread_unnamed"), denied="read,rename,posix-rename") as running:
        yield running


@pytest.fixture
def bundle(tmp_path: Path) -> SealedBundle:
    return sealed_bundle(tmp_path / "spool", size=300_000)


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> str:
    """One of its own on the server."""
    return str(request.node.name).partition("[")[0]


def destination(server: OpenSsh, folder: str) -> SftpDestination:
    (server.folder / folder).mkdir(exist_ok=True)
    return SftpDestination(
        "127.0.0.1",
        server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=server.host_key,
        folder=folder,
    )


def test_where_nothing_is_read_back_the_size_is_all_that_is_claimed(
    unread: OpenSsh, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    proof = send(journal, bundle, destination(unread, folder), key="k", policy=NO_PATIENCE)
    assert (proof.level, proof.doubt) == (Level.SIZE_ONLY, "")
    assert (unread.folder / folder / bundle.name).read_bytes() == bundle.path.read_bytes()


def test_where_not_even_the_size_is_seen_that_is_said(
    unseen: OpenSsh, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    proof = send(journal, bundle, destination(unseen, folder), key="k", policy=NO_PATIENCE)
    assert (proof.level, "not even its size" in proof.doubt) == (Level.SIZE_ONLY, True)
    assert (unseen.folder / folder / bundle.name).read_bytes() == bundle.path.read_bytes()


def test_what_was_said_of_an_arrival_is_said_again(
    unseen: OpenSsh, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    first = send(journal, bundle, destination(unseen, folder), key="k", policy=NO_PATIENCE)
    assert send(journal, bundle, destination(unseen, folder), key="k").doubt == first.doubt


@pytest.mark.parametrize("box", ["unread", "unseen"])
def test_a_file_of_somebody_else_is_never_written_over(
    request: pytest.FixtureRequest, box: str, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    server: OpenSsh = request.getfixturevalue(box)
    there = destination(server, folder)
    taken = server.folder / folder / bundle.name
    companion = taken.with_name(f"{bundle.name}.sha256")
    for each in (taken, companion):
        each.write_bytes(b"of somebody else")
    with pytest.raises(RefusedError) as caught:
        send(journal, bundle, there, key="k", policy=NO_PATIENCE)
    assert caught.value.code == "CF-1212"
    assert (taken.read_bytes(), companion.read_bytes()) == (b"of somebody else",) * 2


@pytest.mark.parametrize("box", ["unread", "unseen"])
def test_what_an_earlier_process_left_there_is_sent_again(
    request: pytest.FixtureRequest, box: str, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    server: OpenSsh = request.getfixturevalue(box)
    there = destination(server, folder)
    rest = server.folder / folder / ".rest.part"
    rest.write_bytes(b"\0" * 1000)
    source = Source(bundle)
    row = journal.begin(bundle, source.identity, key="k", destination=there.identity, now=1.0)
    source.close()
    journal.move(row.id, TransferState.SENDING, now=2.0)
    journal.note_remote(row.id, f"{folder}/{rest.name}", resumed=False)
    send(journal, bundle, there, key="k", policy=NO_PATIENCE)
    assert (server.folder / folder / bundle.name).read_bytes() == bundle.path.read_bytes()
    assert not rest.exists()


@pytest.mark.parametrize("box", ["unnamed", "unread_unnamed"])
def test_where_nothing_may_be_renamed_that_is_said_and_nothing_looks_whole(
    request: pytest.FixtureRequest, box: str, bundle: SealedBundle, journal: Journal, folder: str
) -> None:
    server: OpenSsh = request.getfixturevalue(box)
    with pytest.raises(RefusedError) as caught:
        send(journal, bundle, destination(server, folder), key="k", policy=NO_PATIENCE)
    (left,) = (server.folder / folder).iterdir()
    assert caught.value.code == "CF-1215"
    assert (left.suffix, left.name in caught.value.happened) == (".part", True)
    assert left.read_bytes() == bundle.path.read_bytes()
