"""Parts of one file over several connections, to servers of three makes, without the engine."""

from __future__ import annotations

import hashlib
import random
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from app.domain.errors import (
    CredentialsError,
    InputError,
    IntegrityError,
    RefusedError,
    TrustError,
    UnreachableError,
)
from app.transfer import Level, Part, ReadBack, SftpDestination, SftpLogin, Shipment
from app.transfer.network import DIRECT, Network, parse_proxy
from app.transfer.parts import PartState
from app.transfer.ranges import ByteRange, RangeSet
from tests.peers.chaos_relay import ChaosRelay, Fault
from tests.peers.openssh import OpenSsh, openssh
from tests.peers.proftpd import proftpd
from tests.peers.proxies import TestProxy
from tests.peers.steady import Steady

pytestmark = pytest.mark.real_peer

MIB = 1024 * 1024
PART = 256 * 1024
DATA = random.Random(4).randbytes(5 * MIB + 4321)
SHIPMENT = Shipment(
    name="logs.zip",
    size=len(DATA),
    sha256=hashlib.sha256(DATA).hexdigest(),
    manifest_sha256="0" * 64,
    key="k",
)


BEAT = Steady()


@pytest.fixture(scope="module", params=[openssh, proftpd], ids=["openssh", "proftpd"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    make: Callable[[Path], AbstractContextManager[OpenSsh]] = request.param
    with make(tmp_path_factory.mktemp("sftp")) as running:
        yield running


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSsh]:
    with openssh(tmp_path_factory.mktemp("sshd")) as running:
        yield running


@pytest.fixture(autouse=True)
def _empty_folders(request: pytest.FixtureRequest) -> None:
    for name in ("server", "sshd"):
        if name in request.fixturenames:
            running: OpenSsh = request.getfixturevalue(name)
            for path in running.folder.iterdir():
                path.unlink()


def destination(
    server: OpenSsh,
    *,
    port: int | None = None,
    host_key: str = "",
    network: Network = DIRECT,
    read_back: ReadBack = ReadBack.SAMPLE,
    folder: str = "",
) -> SftpDestination:
    return SftpDestination(
        "127.0.0.1",
        port or server.port,
        login=SftpLogin(user=server.user, key_file=server.key_file),
        host_key=host_key or server.host_key,
        network=network,
        read_back=read_back,
        folder=folder,
        dice=random.Random(1),
    )


def all_parts() -> list[Part]:
    return [part_at(offset) for offset in range(0, len(DATA), PART)]


def part_at(offset: int) -> Part:
    piece = DATA[offset : offset + PART]
    return Part(offset, len(piece), hashlib.sha256(piece).hexdigest(), PartState.ACKED)


def put_all(there: SftpDestination, parts: Sequence[Part], *, lanes: int) -> None:
    """The parts in a mixed-up order over so many connections."""
    waiting = list(parts)
    random.Random(7).shuffle(waiting)
    lock = threading.Lock()

    def work() -> None:
        lane = there.lane()
        try:
            while True:
                with lock:
                    if not waiting:
                        return
                    part = waiting.pop()
                data = memoryview(DATA)[part.offset : part.end]
                assert lane.put(part, data, beat=BEAT) == part.end
        finally:
            lane.close()

    with ThreadPoolExecutor(lanes) as pool:
        for job in [pool.submit(work) for _ in range(lanes)]:
            job.result()


def send_whole(there: SftpDestination, *, lanes: int) -> Level:
    with closing(there):
        opened = there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
        assert (opened.have, opened.runs, opened.finished) == ((), (), False)
        put_all(there, all_parts(), lanes=lanes)
        there.finish(SHIPMENT, beat=BEAT)
        return there.verify(SHIPMENT, beat=BEAT)


def names(server: OpenSsh) -> set[str]:
    return {path.name for path in server.folder.iterdir()}


@pytest.mark.parametrize("lanes", [1, 4])
def test_parts_in_any_order_become_the_file(server: OpenSsh, lanes: int) -> None:
    send_whole(destination(server), lanes=lanes)
    assert (server.folder / "logs.zip").read_bytes() == DATA
    assert names(server) == {"logs.zip", "logs.zip.sha256"}


def test_a_server_that_says_its_digest_proves_best(tmp_path: Path) -> None:
    with proftpd(tmp_path) as server:
        assert send_whole(destination(server), lanes=2) is Level.SERVER_SHA256


@pytest.mark.parametrize(
    ("folder", "level"),
    [("logs of today", Level.SERVER_SHA256), ("x'; touch seen; '", Level.COMPANION)],
    ids=["safe-name", "name-that-a-shell-reads-otherwise"],
)
def test_a_shell_is_asked_for_the_digest_of_a_safe_name(tmp_path: Path, folder: str, level: Level) -> None:
    (tmp_path / folder).mkdir()
    with openssh(tmp_path / "ssh", shell=True) as server:
        there = destination(server, folder=str(tmp_path / folder))
        assert send_whole(there, lanes=2) is level
    assert (tmp_path / folder / "logs.zip").read_bytes() == DATA
    assert not (Path.home() / "seen").exists()


def test_a_server_that_says_nothing_is_read_back(sshd: OpenSsh) -> None:
    assert send_whole(destination(sshd), lanes=2) is Level.COMPANION


@pytest.mark.parametrize("lanes", [1, 3])
@pytest.mark.parametrize("policy", list(ReadBack))
def test_what_changed_before_the_rename_is_found(sshd: OpenSsh, policy: ReadBack, lanes: int) -> None:
    there = destination(sshd, read_back=policy)
    with closing(there):
        there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
        put_all(there, all_parts(), lanes=lanes)
        (unfinished,) = sshd.folder.iterdir()
        with unfinished.open("r+b") as file:
            file.write(b"changed")
        with pytest.raises(IntegrityError) as caught:
            there.finish(SHIPMENT, beat=BEAT)
    assert caught.value.code == "CF-1721"
    assert "logs.zip" not in names(sshd)


def test_what_changed_before_the_rename_is_sent_again_by_the_next_try(sshd: OpenSsh) -> None:
    unfinished = unfinished_with(sshd, all_parts())
    with unfinished.open("r+b") as file:
        file.write(b"changed")
    for have in (((0, len(DATA)),), ()):
        with closing(destination(sshd, read_back=ReadBack.SAMPLE)) as there:
            opened = there.open_or_resume(SHIPMENT, remote=unfinished.name, acked=all_parts(), beat=BEAT)
            assert tuple((each.start, each.end) for each in opened.have) == have
            if have:
                with pytest.raises(IntegrityError):
                    there.finish(SHIPMENT, beat=BEAT)
            else:
                put_all(there, all_parts(), lanes=1)
                there.finish(SHIPMENT, beat=BEAT)
    assert (sshd.folder / "logs.zip").read_bytes() == DATA


def unfinished_with(server: OpenSsh, parts: Sequence[Part]) -> Path:
    """The unfinished file with these parts acknowledged, after the sender was killed."""
    there = destination(server)
    with closing(there):
        there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
        put_all(there, parts, lanes=2)
    (path,) = server.folder.iterdir()
    return path


def test_what_lies_between_gaps_is_known_by_its_digest_not_by_the_size(server: OpenSsh) -> None:
    acked = [part for number, part in enumerate(all_parts()) if number % 3]
    path = unfinished_with(server, acked)
    assert path.stat().st_size == len(DATA)
    there = destination(server)
    with closing(there):
        opened = there.open_or_resume(SHIPMENT, remote=path.name, acked=acked, beat=BEAT)
        expected = tuple(RangeSet(ByteRange(part.offset, part.end) for part in acked))
        assert opened.have == expected
        put_all(there, [part for part in all_parts() if part not in acked], lanes=2)
        there.finish(SHIPMENT, beat=BEAT)
    assert (server.folder / "logs.zip").read_bytes() == DATA


def test_a_part_that_was_lost_takes_none_of_the_others_along(server: OpenSsh) -> None:
    acked = all_parts()[:8]
    path = unfinished_with(server, acked)
    with path.open("r+b") as file:
        for spoiled in (acked[2], acked[7]):
            file.seek(spoiled.offset + 99)
            file.write(bytes(100))
    there = destination(server)
    with closing(there):
        opened = there.open_or_resume(SHIPMENT, remote=path.name, acked=acked, beat=BEAT)
    assert opened.have == (ByteRange(0, 2 * PART), ByteRange(3 * PART, 7 * PART))


def test_an_unfinished_file_without_an_acknowledged_part_is_written_over(server: OpenSsh) -> None:
    path = unfinished_with(server, [])
    path.write_bytes(b"never acknowledged")
    there = destination(server)
    with closing(there):
        opened = there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
        assert (opened.remote, opened.have) == (path.name, ())
        put_all(there, all_parts(), lanes=1)
        there.finish(SHIPMENT, beat=BEAT)
    assert (server.folder / "logs.zip").read_bytes() == DATA


def test_a_file_that_is_too_long_is_cut(server: OpenSsh) -> None:
    path = unfinished_with(server, all_parts()[:2])
    with path.open("r+b") as file:
        file.truncate(len(DATA) + 1000)
    there = destination(server)
    with closing(there):
        there.open_or_resume(SHIPMENT, remote=path.name, acked=all_parts()[:2], beat=BEAT)
        put_all(there, all_parts()[2:], lanes=1)
        there.finish(SHIPMENT, beat=BEAT)
    assert (server.folder / "logs.zip").read_bytes() == DATA


def test_a_companion_of_a_file_that_came_meanwhile_is_not_touched(server: OpenSsh) -> None:
    there = destination(server)
    with closing(there):
        there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
        put_all(there, all_parts(), lanes=2)
        (server.folder / SHIPMENT.name).write_bytes(b"somebody else's")
        (server.folder / f"{SHIPMENT.name}.sha256").write_bytes(b"their digest")
        with pytest.raises(RefusedError) as caught:
            there.finish(SHIPMENT, beat=BEAT)
    assert caught.value.code == "CF-1212"
    assert (server.folder / f"{SHIPMENT.name}.sha256").read_bytes() == b"their digest"


@pytest.mark.parametrize("name", ["a" * 237 + ".zip", "ä" * 119 + ".zip", "logs/a.zip", "..", ""])
def test_a_name_that_no_server_takes_is_said_at_once(server: OpenSsh, name: str) -> None:
    with pytest.raises(InputError) as caught:
        destination(server, port=1).open_or_resume(
            replace(SHIPMENT, name=name), remote="", acked=[], beat=BEAT
        )
    assert caught.value.code == "CF-1135"


def test_the_longest_name_arrives(server: OpenSsh) -> None:
    shipment = replace(SHIPMENT, name="a" * 236 + ".zip")
    there = destination(server)
    with closing(there):
        there.open_or_resume(shipment, remote="", acked=[], beat=BEAT)
        put_all(there, all_parts(), lanes=1)
        there.finish(shipment, beat=BEAT)
    assert names(server) == {shipment.name, f"{shipment.name}.sha256"}


def test_a_file_that_the_receiver_takes_once_it_was_compared_has_arrived(server: OpenSsh) -> None:
    (server.folder / SHIPMENT.name).write_bytes(DATA)
    there = destination(server)
    with closing(there):
        assert there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT).finished
        (server.folder / SHIPMENT.name).unlink()
        there.finish(SHIPMENT, beat=BEAT)
        assert there.verify(SHIPMENT, beat=BEAT) is Level.SIZE_ONLY


def test_a_server_with_room_for_two_gives_two(tmp_path: Path) -> None:
    with proftpd(tmp_path, most_clients=2) as server:
        there = destination(server)
        with closing(there):
            there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
            lanes = [there.lane(), there.lane()]
            with pytest.raises(UnreachableError) as caught:
                there.lane()
            assert caught.value.code == "CF-1522"
            for number, part in enumerate(all_parts()):
                lanes[number % 2].put(part, memoryview(DATA)[part.offset : part.end], beat=BEAT)
            for lane in lanes:
                lane.close()
            there.finish(SHIPMENT, beat=BEAT)
        assert (server.folder / "logs.zip").read_bytes() == DATA


def test_another_host_key_on_a_further_connection_is_never_taken_for_a_refusal(
    sshd: OpenSsh, tmp_path: Path
) -> None:
    with openssh(tmp_path) as other, ChaosRelay(sshd.port) as relay:
        there = destination(sshd, port=relay.port)
        with closing(there):
            there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
            first = there.lane()
            relay.target = other.port
            with pytest.raises(TrustError) as caught:
                there.lane()
            first.close()
    assert caught.value.code == "CF-1411"


def test_a_lane_that_waits_for_the_server_ends_when_it_is_closed(sshd: OpenSsh) -> None:
    with ChaosRelay(sshd.port, faults=[Fault(hold_after_sent=MIB)]) as relay:
        there = destination(sshd, port=relay.port)
        with closing(there), ThreadPoolExecutor(1) as pool:
            there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
            lane = there.lane()
            whole = Part(0, len(DATA), SHIPMENT.sha256)
            job = pool.submit(lane.put, whole, memoryview(DATA), beat=BEAT)
            assert relay.held.wait(120)
            lane.close()
            with pytest.raises(UnreachableError):
                job.result(timeout=60)


@pytest.mark.parametrize("socks", [False, True], ids=["http", "socks5"])
def test_a_proxy_with_a_sign_in_is_gone_through(sshd: OpenSsh, socks: bool) -> None:
    with TestProxy(user="nadia", password="secret", socks=socks) as proxy:
        network = Network(proxy=parse_proxy(proxy.url))
        send_whole(destination(sshd, network=network), lanes=2)
        # On a busy machine the server seems far, and more connections are made ready than are needed.
        assert len(proxy.asked) >= 2
        assert set(proxy.asked) == {f"127.0.0.1:{sshd.port}"}
    assert (sshd.folder / "logs.zip").read_bytes() == DATA


@contextmanager
def curt_proxy(*answers: bytes) -> Iterator[int]:
    """An HTTP proxy that answers so, and with it gives the server's first words in one go."""

    def serve() -> None:
        for answer in answers:
            client, _ = listener.accept()
            with client:
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += client.recv(4096)
                port = int(head.split()[1].rpartition(b":")[2])
                with socket.create_connection(("127.0.0.1", port), timeout=60) as server:
                    client.sendall(answer + server.recv(4096))
                    back = threading.Thread(target=pump, args=(server, client))
                    back.start()
                    pump(client, server)
                    back.join()

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            thread.join(timeout=60)


def test_the_servers_first_words_may_come_with_the_proxys_answer(sshd: OpenSsh) -> None:
    with curt_proxy(b"HTTP/1.0 200 OK\r\nVia: x\r\n\r\n") as port:
        network = Network(proxy=parse_proxy(f"http://127.0.0.1:{port}"))
        send_whole(destination(sshd, network=network), lanes=1)
    assert (sshd.folder / "logs.zip").read_bytes() == DATA


@pytest.mark.parametrize("status", [401, 407])
def test_a_proxy_may_refuse_the_sign_in_with_either_status(sshd: OpenSsh, status: int) -> None:
    with TestProxy() as proxy:
        proxy.answer = status
        there = destination(sshd, network=Network(proxy=parse_proxy(proxy.url)))
        with closing(there), pytest.raises(CredentialsError) as caught:
            there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
    assert caught.value.code == "CF-1340"


def test_a_server_is_reached_over_ipv6(tmp_path: Path) -> None:
    with openssh(tmp_path, address="::1") as server:
        there = SftpDestination(
            "::1",
            server.port,
            login=SftpLogin(user=server.user, key_file=server.key_file),
            host_key=server.host_key,
        )
        send_whole(there, lanes=2)
        assert (server.folder / "logs.zip").read_bytes() == DATA


def test_the_companion_is_one_that_sha256sum_reads(server: OpenSsh) -> None:
    send_whole(destination(server), lanes=2)
    command = ["sha256sum", "--check", "--strict", "logs.zip.sha256"]
    assert subprocess.run(command, cwd=server.folder, check=False, capture_output=True).returncode == 0
