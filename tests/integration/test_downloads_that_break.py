"""Downloads whose connection breaks, goes silent or is slow: what came counts, and is shown soon."""

from __future__ import annotations

import socket
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.domain.errors import LocalError, PeerError, UnreachableError, WorldError
from app.transfer.bandwidth import Flow, Limiter, Limits
from app.transfer.downloads.fetching import _Call
from app.transfer.downloads.landing import Landing
from app.transfer.downloads.ledger import Ledger
from app.transfer.incoming import Incoming
from app.transfer.network import BulkTls, dial
from app.transfer.wire import Patience, Wire
from tests.peers.collecting import without_collector
from tests.peers.download_scene import CONTENT, FILE, MIB, Scene, content, download_scene, refuse_records
from tests.peers.faulty_portal import Answer, End, Framing, Seen

LITTLE = 60_000
"""Bytes: less than any block."""


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with download_scene(tmp_path / "here") as found:
        yield found


def broken(scene: Scene, *, streams: int | None = 1, limit: int | None = None) -> None:
    flow = None if limit is None else Limiter(Limits(limit)).flow()
    with pytest.raises(WorldError):
        scene.fetch(streams=streams, flow=flow)


def missing(scene: Scene) -> int:
    """Bytes that are fetched when the server is well again."""
    scene.portal.answers(FILE, content())
    found = scene.fetch(streams=1)
    assert scene.arrived()
    return found.received


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("end", [End.SPOILT, End.RESET])
def test_no_socket_is_left_while_somebody_still_looks_at_the_error(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, framing: Framing, end: End
) -> None:
    def noted(*arguments: Any, **named: Any) -> socket.socket:
        dialled.append(dial(*arguments, **named))
        return dialled[-1]

    dialled: list[socket.socket] = []
    monkeypatch.setattr("app.transfer.wire.dial", noted)
    scene.portal.answers(FILE, content(cut_after=LITTLE, end=end, framing=framing))
    with pytest.raises(WorldError) as caught:
        scene.fetch(streams=3)
    assert {one.fileno() for one in dialled} == {-1}, caught.value


@pytest.mark.parametrize("came", [LITTLE, 3 * MIB + LITTLE])
def test_what_came_before_the_connection_broke_counts(scene: Scene, came: int) -> None:
    scene.portal.answers(FILE, content(cut_after=came, end=End.SPOILT))
    broken(scene)
    assert missing(scene) == len(CONTENT) - came


def test_it_ends_although_each_connection_brings_little(scene: Scene) -> None:
    some = len(CONTENT) // 20 + 1
    scene.portal.answers(FILE, content(cut_after=some, end=End.SPOILT))
    for _time in range(19):
        broken(scene)
    assert missing(scene) == len(CONTENT) - 19 * some


def test_what_came_under_a_limit_counts_too(scene: Scene) -> None:
    scene.portal.answers(FILE, content(cut_after=LITTLE, end=End.SPOILT))
    broken(scene, limit=1_000_000_000)
    assert missing(scene) == len(CONTENT) - LITTLE


def test_what_came_behind_a_gap_counts_and_is_shown_while_the_beginning_stands_still(
    scene: Scene,
) -> None:
    begun, whole = threading.Event(), threading.Event()

    def answer(seen: Seen) -> Answer:
        if len(scene.ranges()) == 1:
            return content(cut_after=LITTLE, end=End.SPOILT, hold=whole)(seen)
        begun.wait(60)
        return content(cut_after=LITTLE, end=End.SPOILT)(seen)

    def look(done: int, _whole: int) -> None:
        if done == LITTLE:
            begun.set()
        if done == 3 * LITTLE:
            whole.set()

    scene.portal.answers(FILE, answer)
    scene.patience = Patience(connect=60, block=10, answer=60)
    with pytest.raises(WorldError):
        scene.fetch(streams=3, on_progress=look)
    assert whole.is_set(), "it was not shown"
    assert missing(scene) == len(CONTENT) - 3 * LITTLE


@pytest.mark.parametrize("framing", Framing)
def test_who_waits_for_a_silent_server_may_end_it(scene: Scene, framing: Framing) -> None:
    def enough(done: int, _whole: int) -> None:
        if done == LITTLE and next(told) > 3:
            raise KeyboardInterrupt

    over, told = threading.Event(), count()
    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=over, framing=framing))
    scene.patience = Patience(connect=60, block=60, answer=10)
    with pytest.raises(KeyboardInterrupt):
        scene.fetch(streams=1, on_progress=enough)
    over.set()
    assert missing(scene) == len(CONTENT) - LITTLE


def test_a_silence_ends_it_after_as_long_as_was_said(scene: Scene) -> None:
    over = threading.Event()
    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=over))
    scene.patience = Patience(connect=60, block=0.5, answer=60)
    with pytest.raises(UnreachableError) as caught:
        scene.fetch(streams=1)
    over.set()
    assert caught.value.code == "CF-1511"
    assert missing(scene) == len(CONTENT) - LITTLE


@pytest.mark.parametrize("framing", Framing)
@pytest.mark.parametrize("came", [LITTLE, 3 * MIB + LITTLE])
def test_what_came_is_shown_while_nothing_more_comes(scene: Scene, came: int, framing: Framing) -> None:
    shown = threading.Event()
    scene.portal.answers(FILE, content(cut_after=came, end=End.RESET, hold=shown, framing=framing))

    def look(done: int, _whole: int) -> None:
        if done == came:
            shown.set()

    scene.patience = Patience(connect=60, block=10, answer=10)
    with pytest.raises(WorldError) as caught:
        scene.fetch(streams=1, on_progress=look)
    assert (shown.is_set(), caught.value.code) == (True, "CF-1510")
    assert missing(scene) == len(CONTENT) - came


def test_an_answer_that_broke_goes_at_once_when_nobody_looks_at_it_any_more(scene: Scene) -> None:
    def reads_to_its_end(incoming: Incoming) -> None:
        buffer = memoryview(bytearray(LITTLE))
        with suppress(WorldError):
            while incoming.readinto(buffer):
                pass

    scene.portal.answers(FILE, content(cut_after=LITTLE, end=End.RESET))
    wire = Wire(scene.wanted.url, ssl_context=scene.context, tokens=None, patience=scene.patience)
    with without_collector():
        incoming = wire.fetch(scene.wanted.url, headers={})
        reads_to_its_end(incoming)
        there = weakref.ref(incoming)
        del incoming
        assert there() is None


def raw_chunk(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(body), body)


@pytest.mark.parametrize("end", [End.RESET, End.SPOILT])
@pytest.mark.parametrize("raw", [CONTENT, raw_chunk(CONTENT)], ids=["no length", "chunked"])
def test_all_that_came_is_taken_although_the_answer_ends_badly(scene: Scene, raw: bytes, end: End) -> None:
    def end_it(done: int, _whole: int) -> None:
        if done == len(CONTENT):
            arrived.set()

    arrived = threading.Event()
    chunked, framing = (0, Framing.NONE) if raw is CONTENT else (MIB, Framing.LENGTH)
    scene.portal.answers(
        FILE,
        Answer(200, b"", pieces=(raw,), chunked=chunked, framing=framing, cut_after=0, end=end, hold=arrived),
    )
    assert scene.fetch(streams=1, on_progress=end_it).received == len(CONTENT)
    assert scene.arrived()


@pytest.mark.parametrize("raw", [CONTENT, raw_chunk(CONTENT)], ids=["no length", "chunked"])
def test_a_silence_behind_the_last_byte_is_the_end(scene: Scene, raw: bytes) -> None:
    chunked, framing = (0, Framing.NONE) if raw is CONTENT else (MIB, Framing.LENGTH)
    over = threading.Event()
    scene.portal.answers(
        FILE, Answer(200, b"", pieces=(raw,), chunked=chunked, framing=framing, cut_after=0, hold=over)
    )
    scene.patience = Patience(connect=60, block=15, answer=60)
    assert scene.fetch(streams=1).received == len(CONTENT)
    over.set()
    assert scene.arrived()


def test_who_waits_for_the_end_of_an_answer_may_end_it(scene: Scene) -> None:
    def enough(done: int, _whole: int) -> None:
        if done == len(CONTENT) and next(told) > 2:
            raise KeyboardInterrupt

    over, told = threading.Event(), count()
    scene.portal.answers(FILE, Answer(200, CONTENT, framing=Framing.NONE, cut_after=len(CONTENT), hold=over))
    scene.patience = Patience(connect=60, block=15, answer=60)
    with pytest.raises(KeyboardInterrupt):
        scene.fetch(streams=1, on_progress=enough)
    over.set()
    assert missing(scene) == 0


def test_more_bytes_than_the_file_has_are_not_asked_for(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(200, CONTENT + b"x", framing=Framing.NONE))
    with pytest.raises(PeerError) as caught:
        scene.fetch(streams=1)
    assert caught.value.code == "CF-1641"


@pytest.mark.parametrize("came", [30_000, 50_000, 80_000])
def test_what_came_in_chunks_is_shown_while_nothing_more_comes(scene: Scene, came: int) -> None:
    def look(done: int, _whole: int) -> None:
        if done == came:
            shown.set()

    shown = threading.Event()
    raw = b"".join(raw_chunk(CONTENT[at : at + 50_000]) for at in range(0, 150_000, 50_000))
    framing = len("c350\r\n\r\n") * (came // 50_000) + (len("c350\r\n") if came % 50_000 else 0)
    scene.portal.answers(
        FILE,
        Answer(
            200,
            headers={"ETag": '"one"'},
            pieces=(raw[: came + framing],),
            chunked=MIB,
            cut_after=0,
            hold=shown,
            end=End.RESET,
        ),
    )
    scene.patience = Patience(connect=60, block=5, answer=60)
    with pytest.raises(WorldError) as caught:
        scene.fetch(streams=1, on_progress=look)
    assert (shown.is_set(), caught.value.code) == (True, "CF-1510")


def test_what_came_before_a_chunk_that_is_only_announced_is_shown(scene: Scene) -> None:
    def look(done: int, _whole: int) -> None:
        if done == 50_000:
            shown.set()

    shown = threading.Event()
    raw = raw_chunk(CONTENT[:50_000]) + b"c350\r\n"
    headers = {"ETag": '"one"'}
    scene.portal.answers(
        FILE, Answer(200, b"", "x/y", headers, pieces=(raw,), chunked=MIB, cut_after=0, hold=shown)
    )
    scene.patience = Patience(connect=60, block=5, answer=60)
    with pytest.raises(UnreachableError) as caught:
        scene.fetch(streams=1, on_progress=look)
    assert (shown.is_set(), caught.value.code) == (True, "CF-1510")


@pytest.mark.parametrize("drip", [b"x", b"X: y\r\n"], ids=["a line without end", "lines without end"])
def test_what_trickles_in_behind_the_last_chunk_holds_nobody(scene: Scene, drip: bytes) -> None:
    raw, over = raw_chunk(CONTENT) + b"0\r\n", threading.Event()
    scene.portal.answers(FILE, Answer(200, pieces=(raw,), chunked=MIB, cut_after=0, hold=over, drip=drip))
    scene.fetch(streams=1)
    assert scene.arrived()
    assert not over.is_set(), "it was waited for to its end"


def test_trailers_without_end_are_no_answer_of_a_server(scene: Scene) -> None:
    raw, over = b"1\r\nx\r\n0\r\n" + b"X: y\r\n" * 100, threading.Event()
    scene.portal.answers(FILE, Answer(200, pieces=(raw,), chunked=MIB, cut_after=0, hold=over))
    wire = scene.wire()
    with pytest.raises(PeerError) as caught:
        wire.fetch(scene.wanted.url, headers={}).whole()
    over.set()
    assert caught.value.code == "CF-1630"


def test_trailers_are_passed_over(scene: Scene) -> None:
    raw = raw_chunk(CONTENT) + b"0\r\nDigest: x\r\nDate: y\r\n\r\n"
    scene.portal.answers(FILE, Answer(200, pieces=(raw,), chunked=MIB))
    wire = scene.wire()
    incoming = wire.fetch(scene.wanted.url, headers={})
    buffer = memoryview(bytearray(len(CONTENT)))
    while incoming.readinto(buffer):
        pass
    incoming.leave()
    assert wire.connected
    wire.close()


def test_a_connection_that_broke_before_its_answer_goes_at_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def noted(*arguments: Any, **named: Any) -> BulkTls:
        line = BulkTls(*arguments, **named)
        lines.append(weakref.ref(line))
        return line

    def breaks(_seen: Seen) -> Answer:
        raise ConnectionError

    lines: list[weakref.ref[BulkTls]] = []
    monkeypatch.setattr("app.transfer.wire.BulkTls", noted)
    scene.portal.answers(FILE, breaks)
    with without_collector():
        with suppress(WorldError):
            scene.wire().fetch(scene.wanted.url, headers={})
        assert [line() for line in lines] == [None]


def test_a_body_in_chunks_arrives(scene: Scene) -> None:
    scene.portal.answers(FILE, Answer(200, CONTENT, "x/y", chunked=50_000))
    assert scene.fetch(streams=1).received == len(CONTENT)
    assert scene.arrived()


def test_what_came_in_chunks_before_the_connection_broke_counts(scene: Scene) -> None:
    headers = {"ETag": '"one"'}
    framing = len("c350\r\n")
    scene.portal.answers(
        FILE, Answer(200, CONTENT, "x/y", headers, cut_after=framing + 40_000, end=End.SPOILT, chunked=50_000)
    )
    broken(scene)
    assert missing(scene) == len(CONTENT) - 40_000


def test_who_ends_it_while_a_new_limit_makes_it_wait_keeps_what_came(scene: Scene) -> None:
    class SoonLimited(Flow):
        def take(self, size: int, *, going: Callable[[], None]) -> None:
            raise KeyboardInterrupt

    over = threading.Event()
    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=over))
    with pytest.raises(KeyboardInterrupt):
        scene.fetch(streams=1, flow=SoonLimited(Limiter(Limits()), weight=1.0))
    over.set()
    assert missing(scene) == len(CONTENT) - LITTLE


def test_a_connection_that_is_made_while_all_are_ended_asks_for_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(call: Any) -> None:
        end(call)
        over.set()

    def enough(_done: int, _whole: int) -> None:
        raise KeyboardInterrupt

    def wire() -> Wire:
        if next(numbers):
            over.wait(60)
        return Wire(scene.wanted.url, ssl_context=scene.context, tokens=None, patience=scene.patience)

    over, numbers = threading.Event(), count()
    end = _Call._end
    monkeypatch.setattr(_Call, "_end", ended)
    monkeypatch.setattr(scene, "wire", wire)
    with pytest.raises(KeyboardInterrupt):
        scene.fetch(streams=3, on_progress=enough)
    assert len(scene.ranges()) == 1


def ends_once_recorded(scene: Scene, recorded: Callable[[Ledger], bool], *, streams: int) -> bool:
    """Whether the ledger came to hold what came, while a server that breaks off then waited for it."""
    seen = threading.Event()

    def look(_done: int, _whole: int) -> None:
        found = Ledger.read(Landing(scene.target).ledger_path)
        if found is not None and recorded(found):
            seen.set()

    scene.portal.answers(FILE, content(cut_after=LITTLE, hold=seen))
    scene.patience = Patience(connect=60, block=10, answer=60)
    with pytest.raises(WorldError):
        scene.fetch(streams=streams, on_progress=look, monotonic=count(step=10.0).__next__)
    return seen.is_set()


def test_what_came_is_recorded_every_few_seconds(scene: Scene) -> None:
    assert ends_once_recorded(scene, lambda ledger: LITTLE in [mark.end for mark in ledger.marks], streams=1)


def test_what_came_behind_a_gap_is_recorded_every_few_seconds(scene: Scene) -> None:
    def both(ledger: Ledger) -> bool:
        return [one.end - one.start for one in ledger.islands] == [LITTLE, LITTLE]

    assert ends_once_recorded(scene, both, streams=3)


def test_what_comes_is_shown_while_the_disk_takes_its_time_for_a_record(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(ledger: Ledger, path: Path) -> None:
        if ledger.marks and not saving.is_set():
            saving.set()
            kept.append(shown.wait(20))
        save(ledger, path)

    def look(done: int, _whole: int) -> None:
        if done == 3 * LITTLE:
            shown.set()

    def answer(seen: Seen) -> Answer:
        if len(scene.ranges()) == 1:
            return content(cut_after=LITTLE, hold=shown)(seen)
        saving.wait(60)
        return content(cut_after=LITTLE)(seen)

    saving, shown, kept, save = threading.Event(), threading.Event(), list[bool](), Ledger.save
    monkeypatch.setattr(Ledger, "save", slow)
    scene.portal.answers(FILE, answer)
    with pytest.raises(WorldError):
        scene.fetch(streams=3, on_progress=look, monotonic=count(step=10.0).__next__)
    assert kept == [True]


@pytest.mark.parametrize("streams", [1, 3])
def test_a_file_arrives_although_no_record_of_it_could_be_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, streams: int
) -> None:
    refuse_records(monkeypatch)
    scene.fetch(streams=streams)
    assert scene.arrived()


def test_who_ends_it_hears_that_no_record_could_be_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def enough(done: int, _whole: int) -> None:
        if done >= 5 * MIB:
            raise KeyboardInterrupt

    refuse_records(monkeypatch)
    with pytest.raises(LocalError) as caught:
        scene.fetch(streams=3, on_progress=enough)
    assert caught.value.code == "CF-1873"


@pytest.mark.parametrize("size", ["-5", "+5", "0x5", "1_0", "", "five", "5 5"])
def test_what_is_no_size_of_a_chunk_is_a_cut_behind_what_came(scene: Scene, size: str) -> None:
    raw = b"c350\r\n%b\r\n%b\r\n" % (CONTENT[:50_000], size.encode()) + CONTENT[50_000:60_000]
    headers = {"ETag": '"one"'}
    scene.portal.answers(FILE, Answer(200, b"", "x/y", headers, pieces=(raw,), chunked=MIB, cut_after=0))
    with pytest.raises(UnreachableError) as caught:
        scene.fetch(streams=1)
    assert caught.value.code == "CF-1510"
    assert missing(scene) == len(CONTENT) - 50_000


@pytest.mark.parametrize("sign", ["c350", "C350", "000c350", "c350 ", "c350;name=value", 'c350 ; name="v"'])
def test_a_size_of_a_chunk_is_read_as_servers_write_it(scene: Scene, sign: str) -> None:
    raw = b"%b\r\n%b\r\n" % (sign.encode(), CONTENT[:50_000])
    headers = {"ETag": '"one"'}
    scene.portal.answers(FILE, Answer(200, b"", "x/y", headers, pieces=(raw,), chunked=MIB, cut_after=0))
    broken(scene)
    assert missing(scene) == len(CONTENT) - 50_000
