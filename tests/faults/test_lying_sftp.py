"""Servers that mean no good, or believe to have what they do not have."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from contextlib import closing

import pytest

from app.domain.errors import IntegrityError, PeerError, UnreachableError
from app.transfer import Part, ReadBack, SftpDestination, SftpLogin, Shipment
from app.transfer.login import HostKey
from app.transfer.parts import PartState
from app.transfer.session import Session, open_session
from app.transfer.ssh import Mode
from tests.conftest import ExpectedLogs
from tests.peers.lying_sftp import LyingSftp
from tests.peers.steady import Steady

DATA = random.Random(3).randbytes(900_000)
PART = 100_000
SHIPMENT = Shipment("logs.zip", len(DATA), hashlib.sha256(DATA).hexdigest(), "0" * 64, "k")
PARTS = [
    Part(at, PART, hashlib.sha256(DATA[at : at + PART]).hexdigest(), PartState.ACKED)
    for at in range(0, len(DATA), PART)
]
BEAT = Steady()


@pytest.fixture
def liar(expected_logs: ExpectedLogs) -> Iterator[LyingSftp]:
    # paramiko on the server's side logs how its clients leave.
    expected_logs("tests.lying")
    with LyingSftp() as running:
        yield running


@pytest.fixture
def there(liar: LyingSftp) -> Iterator[SftpDestination]:
    made = SftpDestination(
        "127.0.0.1",
        liar.port,
        login=SftpLogin(user="u", password="p"),
        host_key=liar.host_key,
        read_back=ReadBack.SAMPLE,
        dice=random.Random(1),
    )
    with closing(made):
        yield made


def put_all(there: SftpDestination) -> None:
    there.open_or_resume(SHIPMENT, remote="", acked=[], beat=BEAT)
    lane = there.lane()
    for part in PARTS:
        lane.put(part, memoryview(DATA)[part.offset : part.end], beat=BEAT)
    lane.close()


def test_what_it_keeps_is_closed(liar: LyingSftp, there: SftpDestination) -> None:
    put_all(there)
    there.finish(SHIPMENT, beat=BEAT)
    assert len(liar.renamed) == 1


def test_acknowledged_and_not_kept_is_found_by_the_size(liar: LyingSftp, there: SftpDestination) -> None:
    liar.keeps = False
    put_all(there)
    with pytest.raises(UnreachableError) as caught:
        there.finish(SHIPMENT, beat=BEAT)
    assert caught.value.code == "CF-1521"
    assert liar.renamed == []


def test_the_right_size_of_nothing_is_found_by_reading_back(liar: LyingSftp, there: SftpDestination) -> None:
    liar.keeps = False
    liar.says_size = len(DATA)
    put_all(there)
    with pytest.raises(IntegrityError) as caught:
        there.finish(SHIPMENT, beat=BEAT)
    assert caught.value.code == "CF-1721"
    assert liar.renamed == []


def test_of_other_bytes_nothing_is_left_to_go_on_with(liar: LyingSftp, there: SftpDestination) -> None:
    """Also where a handle cannot be truncated: that is a request of its own, which this server has not."""
    liar.content, liar.keeps = bytearray(len(DATA)), False
    put_all(there)
    with pytest.raises(IntegrityError):
        there.finish(SHIPMENT, beat=BEAT)
    assert (liar.content, liar.renamed) == (b"", [])


def test_the_right_size_of_other_bytes_is_found_when_going_on(
    liar: LyingSftp, there: SftpDestination
) -> None:
    liar.content = bytearray(len(DATA))
    opened = there.open_or_resume(SHIPMENT, remote="logs.part", acked=PARTS, beat=BEAT)
    assert opened.have == ()


def test_a_size_that_is_said_too_large_gives_no_part(liar: LyingSftp, there: SftpDestination) -> None:
    liar.content, liar.says_size = bytearray(DATA[: 2 * PART]), len(DATA)
    opened = there.open_or_resume(SHIPMENT, remote="logs.part", acked=PARTS, beat=BEAT)
    assert [(each.start, each.end) for each in opened.have] == [(0, 2 * PART)]


def test_more_than_was_asked_for_is_not_taken(liar: LyingSftp, there: SftpDestination) -> None:
    liar.content, liar.adds = bytearray(DATA), 1
    with pytest.raises(PeerError) as caught:
        there.open_or_resume(SHIPMENT, remote="logs.part", acked=PARTS, beat=BEAT)
    assert caught.value.code == "CF-1615"


def test_a_write_that_fails_is_taken_for_a_full_disk(liar: LyingSftp, there: SftpDestination) -> None:
    liar.fails = True
    with pytest.raises(UnreachableError) as caught:
        put_all(there)
    assert caught.value.code == "CF-1515"


def opened(liar: LyingSftp) -> Session:
    return open_session(
        "127.0.0.1",
        liar.port,
        login=SftpLogin(user="u", password="p"),
        host_key=HostKey.parse(liar.host_key),
        connect=60,
        silence=60,
    )


def test_a_flood_ends_the_connection_and_fills_no_memory(liar: LyingSftp) -> None:
    liar.content, liar.floods = bytearray(DATA), True
    session = opened(liar)
    handle = session.client.open("x.part", Mode.READ)
    reading = session.client.read(handle, [(0, 10)])
    next(reading)
    session.transport.join(timeout=120)
    assert not session.alive
    session.close()
