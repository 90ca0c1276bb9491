"""Files from SFTP servers: whole and proven, over several connections, through cuts, changes and lies."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import itertools
import json
import os
import random
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.domain.errors import IntegrityError, LocalError, PeerError, UnreachableError
from app.transfer import Level, SftpLogin
from app.transfer.bandwidth import Limiter, Limits
from app.transfer.downloads import landing
from app.transfer.login import HostKey
from app.transfer.session import Session, open_session
from app.transfer.sftp_download import FetchedOverSftp, RemoteFile, fetch_over_sftp
from app.transfer.ssh import Attributes, SftpClient
from app.transfer.ssh.protocol import Kind
from tests.peers.chaos_relay import ChaosRelay, Fault
from tests.peers.download_scene import refuse_records
from tests.peers.fake_pace import FakePace
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.proftpd import proftpd

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
BLOCK_OF_RELAY = 64 * 1024
DATA = random.Random(11).randbytes(9 * MIB + 765)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("ssh")) as running:
        yield running


@pytest.fixture(autouse=True)
def _only_the_file(server: OpenSsh) -> None:
    for path in server.folder.iterdir():
        path.unlink()
    (server.folder / "logs.zip").write_bytes(DATA)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "here" / "logs.zip"


class Opened:
    """Opens sessions, and counts them."""

    def __init__(self, server: OpenSsh, *, port: int | None = None) -> None:
        self.server, self.port, self.count = server, port or server.port, 0

    def __call__(self) -> Session:
        self.count += 1
        return open_session(
            "127.0.0.1",
            self.port,
            login=SftpLogin(user=self.server.user, key_file=self.server.key_file),
            host_key=HostKey.parse(self.server.host_key),
            connect=60,
            silence=60,
        )


def remote(server: OpenSsh, *, sha256: str = "") -> RemoteFile:
    return RemoteFile(peer=f"127.0.0.1:{server.port}", path="logs.zip", sha256=sha256)


def fetch(
    server: OpenSsh, target: Path, *, sha256: str = SHA256, connections: int = 3, port: int | None = None
) -> FetchedOverSftp:
    return fetch_over_sftp(
        remote(server, sha256=sha256),
        target=target,
        connect=Opened(server, port=port),
        connections=connections,
    )


def beside(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()}


@pytest.mark.parametrize("connections", [1, 4])
def test_a_file_comes_whole(server: OpenSsh, target: Path, connections: int) -> None:
    fetched = fetch(server, target, connections=connections)
    assert target.read_bytes() == DATA
    assert (fetched.sha256, fetched.resumed, fetched.received) == (SHA256, False, len(DATA))
    assert beside(target) == {"logs.zip"}


@pytest.mark.timeout(15)
def test_a_server_that_answers_no_close_holds_nobody_who_has_everything(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def begin(client: SftpClient, kind: Kind, *fields: bytes) -> int:
        if kind is not Kind.CLOSE:
            return usual(client, kind, *fields)
        number = client.next_number()
        client._begun.add(number)  # asked, as far as the client knows
        return number

    usual = SftpClient._begin
    monkeypatch.setattr(SftpClient, "_begin", begin)
    fetch(server, target, connections=1)
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("connections", [1, 3])
def test_the_limit_holds_for_the_sum_of_all_connections(
    server: OpenSsh, target: Path, connections: int
) -> None:
    pace = FakePace()
    began = pace.now()
    fetch_over_sftp(
        remote(server, sha256=SHA256),
        target=target,
        connect=Opened(server),
        connections=connections,
        flow=Limiter(Limits(3_000_000), pace=pace).flow(),
    )
    assert target.read_bytes() == DATA
    # The first request is free.
    assert pace.now() - began == pytest.approx(len(DATA) / 3_000_000, rel=0.05)


def test_several_connections_are_used(server: OpenSsh, target: Path) -> None:
    opened = Opened(server)
    fetch_over_sftp(remote(server), target=target, connect=opened, connections=4)
    # The last ones may come too late for a small file.
    assert 2 <= opened.count <= 4


def test_an_empty_file_comes_too(server: OpenSsh, target: Path) -> None:
    (server.folder / "logs.zip").write_bytes(b"")
    assert fetch(server, target, sha256="").sha256 == hashlib.sha256().hexdigest()
    assert target.read_bytes() == b""


def test_a_file_comes_from_proftpd(tmp_path: Path, target: Path) -> None:
    with proftpd(tmp_path / "server") as other:
        (other.folder / "logs.zip").write_bytes(DATA)
        fetched = fetch(other, target, sha256="")
    assert target.read_bytes() == DATA
    # Nobody named a digest: the server computed one.
    assert fetched.level is Level.SERVER_SHA256


def test_progress_ends_at_the_whole(server: OpenSsh, target: Path) -> None:
    told: list[tuple[int, int]] = []
    fetch_over_sftp(
        remote(server),
        target=target,
        connect=Opened(server),
        connections=2,
        on_progress=lambda done, size: told.append((done, size)),
    )
    assert told[-1] == (len(DATA), len(DATA))
    assert [done for done, _size in told] == sorted(done for done, _size in told)


class Enough(Exception):
    """Raised by a listener to end a call."""


def interrupted(server: OpenSsh, target: Path, *, at: int, sha256: str = SHA256) -> None:
    def listen(done: int, _size: int) -> None:
        if done >= at:
            raise Enough

    with pytest.raises(Enough):
        fetch_over_sftp(
            remote(server, sha256=sha256),
            target=target,
            connect=Opened(server),
            connections=3,
            on_progress=listen,
        )


@pytest.mark.parametrize(("seconds", "recorded"), [(0.0, False), (60.0, True)], ids=["fast", "slow"])
def test_what_comes_slowly_is_recorded_before_it_is_much(
    server: OpenSsh, target: Path, seconds: float, recorded: bool
) -> None:
    marks: list[bool] = []
    clock = itertools.count(0.0, seconds)

    def look(_done: int, _size: int) -> None:
        marks.append(bool(json.loads(target.with_name("logs.zip.part.json").read_text("utf-8"))["marks"]))

    fetch_over_sftp(
        remote(server, sha256=SHA256),
        target=target,
        connect=Opened(server),
        connections=2,
        on_progress=look,
        monotonic=lambda: next(clock),
    )
    assert any(marks) is recorded


def test_a_file_arrives_although_no_record_of_it_could_be_kept(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_records(monkeypatch)
    clock = itertools.count(0.0, 10.0)
    fetch_over_sftp(
        remote(server, sha256=SHA256),
        target=target,
        connect=Opened(server),
        connections=2,
        monotonic=lambda: min(next(clock), 50.0),
    )
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("came", [3 * MIB, len(DATA)], ids=["some", "all"])
def test_who_ends_it_hears_that_no_record_could_be_kept(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch, came: int
) -> None:
    def enough(done: int, _size: int) -> None:
        if done >= came:
            raise Enough

    refuse_records(monkeypatch)
    with pytest.raises(LocalError) as caught:
        fetch_over_sftp(
            remote(server, sha256=SHA256),
            target=target,
            connect=Opened(server),
            connections=2,
            on_progress=enough,
        )
    assert caught.value.code == "CF-1873"


def test_what_the_disk_lost_is_fetched_again(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lossy(descriptor: int) -> None:
        if os.fstat(descriptor).st_size > MIB and next(losses) == 0:  # systems say it once
            raise OSError(errno.EIO, "Input/output error")
        sync(descriptor)

    losses, sync = itertools.count(), os.fsync
    monkeypatch.setattr(os, "fsync", lossy)
    with pytest.raises(LocalError) as caught:
        fetch_over_sftp(
            remote(server, sha256=SHA256),
            target=target,
            connect=Opened(server),
            connections=2,
            monotonic=itertools.count(0.0, 60.0).__next__,
        )
    assert caught.value.code == "CF-1873"
    assert fetch(server, target).received == len(DATA)
    assert target.read_bytes() == DATA


def test_an_interrupted_call_is_gone_on_with(server: OpenSsh, target: Path) -> None:
    interrupted(server, target, at=3 * MIB)
    fetched = fetch(server, target)
    assert target.read_bytes() == DATA
    assert fetched.resumed
    assert fetched.received <= len(DATA) - 2 * MIB


def test_a_lost_connection_costs_only_itself(server: OpenSsh, target: Path) -> None:
    with ChaosRelay(server.port, faults=[Fault(cut_after_received=MIB // 4)]) as relay:
        fetched = fetch(server, target, port=relay.port)
    assert relay.struck == 1
    assert target.read_bytes() == DATA
    assert len(DATA) <= fetched.received < len(DATA) + MIB


def test_a_cut_of_all_is_said_and_gone_on_with(server: OpenSsh, target: Path) -> None:
    with ChaosRelay(server.port) as relay:

        def cut(done: int, size: int) -> None:
            if 3 * MIB <= done < size and relay.target:
                relay.cut_off()

        with pytest.raises(UnreachableError):
            fetch_over_sftp(
                remote(server, sha256=SHA256),
                target=target,
                connect=Opened(server, port=relay.port),
                connections=3,
                on_progress=cut,
            )
        assert beside(target) == {"logs.zip.part", "logs.zip.part.json"}
        relay.target = server.port
        fetched = fetch(server, target, port=relay.port)
    assert target.read_bytes() == DATA
    assert fetched.resumed
    assert fetched.received <= len(DATA) - MIB


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a reset takes back what was not received yet")
@pytest.mark.parametrize("limit", [None, 20_000_000])
def test_what_came_before_each_reset_counts(server: OpenSsh, target: Path, limit: int | None) -> None:
    few = len(DATA) // (MIB - 2 * BLOCK_OF_RELAY) + 1
    with ChaosRelay(server.port, faults=[Fault(cut_after_received=MIB)] * few) as relay:
        for _time in range(few):
            with suppress(UnreachableError):
                fetch_over_sftp(
                    remote(server, sha256=SHA256),
                    target=target,
                    connect=Opened(server, port=relay.port),
                    connections=1,
                    flow=None if limit is None else Limiter(Limits(limit)).flow(),
                )
                break
    assert target.read_bytes() == DATA


def test_what_was_spoiled_here_meanwhile_is_fetched_again(server: OpenSsh, target: Path) -> None:
    interrupted(server, target, at=6 * MIB)
    with target.with_name("logs.zip.part").open("r+b") as part:
        part.write(b"spoiled")
    fetch(server, target)
    assert target.read_bytes() == DATA


def test_another_file_of_the_name_has_nothing_in_common(server: OpenSsh, target: Path) -> None:
    interrupted(server, target, at=6 * MIB)
    other = random.Random(12).randbytes(len(DATA))
    (server.folder / "logs.zip").write_bytes(other)
    os.utime(server.folder / "logs.zip", (1, 1))
    fetched = fetch(server, target, sha256="")
    assert target.read_bytes() == other
    assert not fetched.resumed


@pytest.mark.parametrize(("sha256", "resumed"), [("", False), (SHA256, True)], ids=["no digest", "a digest"])
def test_where_the_server_tells_no_time_any_more_only_a_digest_says_that_it_is_the_same_file(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch, sha256: str, resumed: bool
) -> None:
    def without_time(client: SftpClient, path: str) -> Attributes | None:
        found = stat(client, path)
        return found and dataclasses.replace(found, modified=None)

    interrupted(server, target, at=6 * MIB, sha256=sha256)
    stat = SftpClient.stat
    monkeypatch.setattr(SftpClient, "stat", without_time)
    assert fetch(server, target, sha256=sha256).resumed is resumed


def test_what_is_not_what_its_digest_says_is_put_aside(server: OpenSsh, target: Path) -> None:
    with pytest.raises(IntegrityError) as caught:
        fetch(server, target, sha256="0" * 64)
    assert caught.value.code == "CF-1771"
    assert beside(target) == {"logs.zip.quarantine"}


@pytest.mark.parametrize("text", [f"{SHA256}  logs.zip\n", SHA256.upper(), f"{SHA256} *logs.zip\r\n"])
def test_the_companion_is_believed(server: OpenSsh, target: Path, text: str) -> None:
    (server.folder / "logs.zip.sha256").write_text(text)
    fetch(server, target, sha256="")
    assert target.read_bytes() == DATA


def test_a_companion_that_says_otherwise_is_believed_as_well(server: OpenSsh, target: Path) -> None:
    (server.folder / "logs.zip.sha256").write_text(f"{'1' * 64}  logs.zip\n")
    with pytest.raises(IntegrityError):
        fetch(server, target, sha256="")


def test_a_companion_of_another_file_says_nothing(server: OpenSsh, target: Path) -> None:
    (server.folder / "logs.zip.sha256").write_text(f"{'1' * 64}  other.zip\n")
    fetch(server, target, sha256="")
    assert target.read_bytes() == DATA


def test_a_file_that_grows_all_the_time_is_said_to(server: OpenSsh, target: Path) -> None:
    def grow(_done: int, _size: int) -> None:
        with (server.folder / "logs.zip").open("ab") as file:
            file.write(b"more")

    with pytest.raises(PeerError) as caught:
        fetch_over_sftp(
            remote(server), target=target, connect=Opened(server), connections=2, on_progress=grow
        )
    assert caught.value.code == "CF-1642"
    assert not target.exists()


def test_a_file_that_is_not_there_is_said_so(server: OpenSsh, target: Path) -> None:
    (server.folder / "logs.zip").unlink()
    with pytest.raises(PeerError) as caught:
        fetch(server, target)
    assert caught.value.code == "CF-1633"


def test_a_disk_without_room_is_said_before_anything_comes(
    server: OpenSsh, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing, "_RESERVE", 1 << 62)
    with pytest.raises(LocalError) as caught:
        fetch(server, target)
    assert caught.value.code == "CF-1861"
    assert not target.with_name("logs.zip.part").exists()


def test_a_link_in_place_of_the_part_is_not_followed(server: OpenSsh, target: Path, tmp_path: Path) -> None:
    target.parent.mkdir()
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    target.with_name("logs.zip.part").symlink_to(precious)
    fetch(server, target)
    assert (precious.read_bytes(), target.read_bytes()) == (b"precious", DATA)
