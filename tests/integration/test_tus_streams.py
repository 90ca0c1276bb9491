"""A file as several uploads side by side: at the portal, at a server of others, and when things go wrong."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from app.domain.errors import IntegrityError, RefusedError, UnreachableError
from app.domain.files import FileCheck
from app.transfer import Beat, Lane, Level, Part, Patience, Shipment, TusDestination
from app.transfer.tus_places import Places
from tests.peers.faulty_tus import FaultyTus, Reply, faulty_tus
from tests.peers.poor_sockets import refuse_all_that_only_helps
from tests.peers.portal import PortalProcess
from tests.peers.portal_records import Records, records
from tests.peers.portal_uploads import agent_token, portal_uploads
from tests.peers.streams import Streams
from tests.peers.tus_python import tus_python
from tests.peers.tus_reference import TusReference

__all__ = ["records"]

MIB = 1 << 20
CASE = "0003256109"
EVERYTHING = "creation,creation-with-upload,checksum,concatenation,termination"


@pytest.fixture
def streams(tmp_path: Path, request: pytest.FixtureRequest) -> Streams:
    path = tmp_path / "file"
    path.write_bytes(os.urandom(9 * MIB + 321))
    return Streams(path, key=request.node.name[:40], name=f"{request.node.name[:60]}.log")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FaultyTus]:
    with faulty_tus(tmp_path / "tus") as running:
        running.extensions = EVERYTHING
        yield running
        running.release()


def towards(server: FaultyTus, *, streams: int = 4, patience: Patience | None = None) -> TusDestination:
    return TusDestination(
        server.url, ssl_context=server.ssl_context(), state_url="state", streams=streams, patience=patience
    )


def arrived(server: FaultyTus, streams: Streams) -> bool:
    return bytes(server.only_upload().data) == streams.content


def broken_off(server: FaultyTus, streams: Streams, *replies: Reply | None) -> None:
    """It is sent as far as these answers to its PATCH requests let it come."""
    server.say("PATCH", *replies)
    with pytest.raises(UnreachableError):
        streams.send(towards(server))


def test_side_by_side_is_the_same_file(server: FaultyTus, streams: Streams) -> None:
    assert streams.send(towards(server)) is Level.SERVER_SHA256
    assert arrived(server, streams)


def test_it_arrives_where_the_system_has_no_option_that_only_helps(
    server: FaultyTus, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_all_that_only_helps(monkeypatch)
    streams.send(towards(server))
    assert bytes(server.only_upload().data) == streams.content


def test_a_creation_carries_the_first_part_where_that_is_known(server: FaultyTus, streams: Streams) -> None:
    streams.send(towards(server))
    assert server.count("HEAD") == 0
    assert server.count("POST") == 5
    assert server.count("PATCH") < 10


def test_without_creation_with_upload_it_goes_the_long_way(server: FaultyTus, streams: Streams) -> None:
    server.extensions = "creation,checksum,concatenation"
    streams.send(towards(server))
    assert arrived(server, streams)


def test_without_concatenation_it_is_one_stream(server: FaultyTus, streams: Streams) -> None:
    server.extensions = "creation,checksum"
    destination = towards(server)
    streams.send(destination)
    assert destination.features.most_connections == 1
    assert arrived(server, streams)


def test_a_near_server_gets_one_stream(
    server: FaultyTus, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.transfer.tus.FAR_SECONDS", 60.0)  # near is what is not far, however busy it is
    destination = TusDestination(server.url, ssl_context=server.ssl_context(), state_url="state")
    streams.send(destination)
    assert destination.features.most_connections == 1


def test_a_cut_of_one_stream_is_gone_on_with_from_what_every_run_has(
    server: FaultyTus, streams: Streams
) -> None:
    broken_off(server, streams, None, None, Reply(cut_after=300_000))
    before = streams.sent
    streams.send(towards(server))
    assert arrived(server, streams)
    assert streams.sent - before < len(streams.content) - 3 * MIB


def test_a_forgotten_part_alone_is_sent_again(server: FaultyTus, streams: Streams) -> None:
    broken_off(server, streams, *[None] * 4, Reply(status=500))
    del server.uploads[min(server.uploads)]
    streams.send(towards(server))
    assert arrived(server, streams)


def test_a_join_whose_answer_is_lost_is_not_sent_again(server: FaultyTus, streams: Streams) -> None:
    server.joins_lost = 2  # a kept connection that breaks is tried once more by itself
    with pytest.raises(UnreachableError):
        streams.send(towards(server))
    before = streams.sent
    streams.send(towards(server))
    assert (streams.sent - before, len(server.uploads)) == (0, 1)


def test_a_join_is_found_again_by_a_new_process(server: FaultyTus, streams: Streams) -> None:
    streams.send(towards(server))
    before = streams.sent
    assert streams.send(towards(server)) is Level.SERVER_SHA256
    assert (streams.sent - before, len(server.uploads)) == (0, 1)


def test_a_part_that_arrives_changed_is_sent_again(server: FaultyTus, streams: Streams) -> None:
    server.say("PATCH", None, Reply(corrupt=True))
    streams.send(towards(server))
    assert arrived(server, streams)


def test_a_server_that_ignores_checksums_is_found_out_at_the_end(server: FaultyTus, streams: Streams) -> None:
    server.extensions = "creation,concatenation"
    server.say("PATCH", Reply(corrupt=True))
    with pytest.raises(IntegrityError) as caught:
        streams.send(towards(server))
    assert caught.value.code == "CF-1721"


def test_an_answer_without_an_offset_is_asked_after(server: FaultyTus, streams: Streams) -> None:
    server.say("PATCH", *[Reply(quiet=True)] * 3)
    streams.send(towards(server))
    assert arrived(server, streams)


def test_an_upload_that_hangs_is_waited_for_and_never_made_anew(server: FaultyTus, streams: Streams) -> None:
    server.say("PATCH", Reply(hang_after=400_000))
    impatient = Patience(connect=30, block=30, answer=2.0)
    with pytest.raises(UnreachableError) as silent:
        streams.send(towards(server, streams=1, patience=impatient))
    assert silent.value.code == "CF-1511"
    with pytest.raises(UnreachableError) as held:
        streams.send(towards(server, streams=1))
    assert held.value.code == "CF-1516"
    server.release()
    while server.only_upload().locked:
        streams.rest(0.02)
    streams.send(towards(server, streams=1))
    assert server.count("POST") == 1
    assert arrived(server, streams)


def test_a_server_that_waits_for_the_length_is_told(server: FaultyTus, streams: Streams) -> None:
    server.defers_length = True
    streams.send(towards(server, streams=1))
    assert arrived(server, streams)


def test_giving_up_takes_back_every_part(server: FaultyTus, streams: Streams) -> None:
    broken_off(server, streams, *[None] * 3, Reply(status=500))
    with closing(towards(server)) as destination:
        destination.abort(streams.remote)
    assert server.uploads == {}


def test_one_part_that_the_server_keeps_does_not_save_the_others(server: FaultyTus, streams: Streams) -> None:
    broken_off(server, streams, *[None] * 3, Reply(status=500))
    server.say("DELETE", Reply(status=409))
    with closing(towards(server)) as destination, pytest.raises(RefusedError):
        destination.abort(streams.remote)
    assert (server.count("DELETE") > 1, len(server.uploads)) == (True, 1)


def test_a_journal_that_names_another_server_is_not_followed(server: FaultyTus, streams: Streams) -> None:
    size = len(streams.content)
    streams.remote = f'{{"runs":[[0,{size},"https://elsewhere.example/files/1"]],"final":""}}'
    streams.send(towards(server))
    assert arrived(server, streams)


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PortalProcess]:
    with PortalProcess(tmp_path_factory.mktemp("streams") / "data") as running:
        yield running


def test_the_portal_joins_and_verifies(portal: PortalProcess, records: Records, streams: Streams) -> None:
    destination = portal_uploads(portal, agent_token(portal), case=CASE, streams=4)
    assert streams.send(destination) is Level.SERVER_SHA256
    assert destination.features.most_connections == 4
    (file,) = records.files(CASE, streams.name)
    assert (file.check, file.sha256) == (FileCheck.VERIFIED, streams.shipment.sha256)
    before = streams.sent
    assert streams.send(destination) is Level.SERVER_SHA256
    assert streams.sent == before


@pytest.fixture
def takes_no_file_above(portal: PortalProcess) -> Iterator[Callable[[int], None]]:
    """The portal's disk refuses larger ones, as some file systems do."""
    resource = pytest.importorskip("resource", reason="limits of file sizes are of POSIX")
    if not hasattr(resource, "prlimit"):
        pytest.skip("no limit of another process can be set here")
    assert portal.process is not None
    number, before = portal.process.pid, resource.prlimit(portal.process.pid, resource.RLIMIT_FSIZE)
    yield lambda size: resource.prlimit(number, resource.RLIMIT_FSIZE, (size, before[1]))
    resource.prlimit(number, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("told_at_once", [True, False])
def test_a_file_whose_parts_the_portal_can_store_but_not_join_is_refused_for_good(
    portal: PortalProcess,
    records: Records,
    streams: Streams,
    takes_no_file_above: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    told_at_once: bool,
) -> None:
    if not told_at_once:  # as when the check takes longer than a request waits for it
        monkeypatch.setattr(TusDestination, "_join", _joined_without_a_word)
    takes_no_file_above(5 * MIB)
    destination = portal_uploads(portal, agent_token(portal), case=CASE, streams=4)
    with pytest.raises(RefusedError) as caught:
        streams.send(destination)
    assert caught.value.code == "CF-1211"
    assert records.files(CASE, streams.name) == []
    assert list((portal.data / "uploads").iterdir()) == []


_join = TusDestination._join


def _joined_without_a_word(self: TusDestination, places: Places, shipment: Shipment, *, beat: Beat) -> None:
    with suppress(RefusedError):
        _join(self, places, shipment, beat=beat)


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TusReference]:
    with tus_python(tmp_path_factory.mktemp("tuspyserver")) as running:
        yield running


@pytest.mark.real_peer
@pytest.mark.parametrize("count", [1, 3])
def test_tuspyserver_has_the_file(others: TusReference, streams: Streams, count: int) -> None:
    destination = TusDestination(others.url, ssl_context=others.ssl_context(), streams=count)
    assert streams.send(destination) is Level.SIZE_ONLY
    stored = [path.read_bytes() for path in others.folder.iterdir() if path.stat().st_size > MIB]
    assert streams.content in stored


@contextmanager
def one_lane(server: FaultyTus, streams: Streams) -> Iterator[Lane]:
    with closing(towards(server, streams=1)) as destination:
        destination.open_or_resume(streams.shipment, remote="", acked=[], beat=streams)
        yield destination.lane()


def puts(lane: Lane, streams: Streams) -> None:
    lane.put(Part(0, MIB), memoryview(streams.content)[:MIB], beat=streams)


def test_a_lane_that_was_closed_puts_nothing_more(server: FaultyTus, streams: Streams) -> None:
    with one_lane(server, streams) as lane:
        lane.close()
        with pytest.raises(UnreachableError):
            puts(lane, streams)
    assert server.count("PATCH") == 0


def test_a_lane_that_is_closed_while_it_puts_ends_soon(server: FaultyTus, streams: Streams) -> None:
    server.say("PATCH", Reply(hang_after=400_000))
    with one_lane(server, streams) as lane:
        closer = threading.Thread(target=lambda: (server.hung.wait(120), lane.close()))
        closer.start()
        with pytest.raises(UnreachableError):
            puts(lane, streams)
        closer.join()
