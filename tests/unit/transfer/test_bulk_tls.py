"""Connections that move much: every byte, at whatever pace it comes, and only from whom is trusted."""

from __future__ import annotations

import socket
import ssl
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import pytest
import trustme

from app.domain.errors import TrustError
from app.transfer.network import BulkTls, NothingSoon
from app.transfer.network.pinning import PinnedContext
from tests.peers.collecting import without_collector
from tests.peers.poor_sockets import refuse_low_water

MUCH = 3 << 20


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate, who serves by it, and who trusts it."""

    serving: ssl.SSLContext
    trusting: ssl.SSLContext
    der: bytes


@pytest.fixture(scope="module")
def authority() -> Authority:
    found = trustme.CA()
    shown = found.issue_cert("127.0.0.1")
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.configure_cert(serving)
    trusting = ssl.create_default_context()
    found.configure_trust(trusting)
    der = ssl.PEM_cert_to_DER_cert(shown.cert_chain_pems[0].bytes().decode())
    return Authority(serving, trusting, der)


def content(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


@contextmanager
def serving(context: ssl.SSLContext, serve: Callable[[ssl.SSLSocket], None]) -> Iterator[socket.socket]:
    """The connected plain socket of a client of `serve`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            accepted, _address = listener.accept()
            try:
                with context.wrap_socket(accepted, server_side=True) as secured:
                    serve(secured)
            except OSError:
                # The client did not want it.
                accepted.close()

        thread = threading.Thread(target=run)
        thread.start()
        with socket.create_connection(listener.getsockname(), timeout=60) as plain:
            yield plain
        thread.join()


def read_all(stream: BulkTls, *, coming: int) -> bytes:
    got = bytearray()
    block = memoryview(bytearray(1 << 20))
    stream.coming = coming
    while count := stream.read_into(block):
        got += block[:count]
    return bytes(got)


def send_for_ever(stream: BulkTls) -> None:
    while True:
        stream.sendall(content(MUCH))


def test_all_that_is_sent_arrives(authority: Authority) -> None:
    with (
        serving(authority.serving, lambda secured: secured.sendall(content(MUCH))) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        assert read_all(stream, coming=MUCH) == content(MUCH)


def test_less_than_was_promised_ends_with_the_connection(authority: Authority) -> None:
    with (
        serving(authority.serving, lambda secured: secured.sendall(content(100_000))) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        assert read_all(stream, coming=MUCH) == content(100_000)


def test_little_at_a_time_arrives_although_much_is_waited_for(authority: Authority) -> None:
    asked = threading.Semaphore(0)

    def drip(secured: ssl.SSLSocket) -> None:
        for _time in range(3):
            asked.acquire()
            secured.sendall(content(1000))

    block = memoryview(bytearray(1 << 20))
    with (
        serving(authority.serving, drip) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        stream.coming = MUCH
        for _time in range(3):
            asked.release()
            assert bytes(block[: stream.read_into(block)]) == content(1000)


def test_all_arrives_where_the_system_has_poor_sockets_mark(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = refuse_low_water(monkeypatch)
    with (
        serving(authority.serving, lambda secured: secured.sendall(content(MUCH))) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        assert read_all(stream, coming=MUCH) == content(MUCH)
    assert len(asked) <= 1


def test_a_silence_is_told_as_a_timeout(authority: Authority) -> None:
    over = threading.Event()

    def say_nothing(_secured: ssl.SSLSocket) -> None:
        over.wait(60)

    with serving(authority.serving, say_nothing) as plain:
        with closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream:
            stream.settimeout(0.01)
            stream.coming = MUCH
            with pytest.raises(TimeoutError):
                stream.read_into(memoryview(bytearray(1000)))
        over.set()


def test_who_has_something_else_to_do_hears_of_a_silence_soon(authority: Authority) -> None:
    asked = threading.Event()

    def wait_to_be_asked(secured: ssl.SSLSocket) -> None:
        asked.wait(60)
        secured.sendall(content(1000))

    block = memoryview(bytearray(1 << 20))
    with (
        serving(authority.serving, wait_to_be_asked) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        stream.coming, stream.brief = MUCH, True
        with pytest.raises(NothingSoon):
            stream.read_into(block)
        stream.brief = False
        asked.set()
        assert bytes(block[: stream.read_into(block)]) == content(1000)


def test_a_record_that_comes_in_little_pieces_is_no_reason_to_wait_for_its_end(authority: Authority) -> None:
    over = threading.Event()

    def trickle(secured: ssl.SSLSocket) -> None:
        socket.socket.sendall(secured, b"\x17\x03\x03\x40\x11")
        for _time in range(200):
            if over.wait(0.05):
                break
            socket.socket.sendall(secured, b"x")

    with (
        serving(authority.serving, trickle) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        stream.brief = True
        with pytest.raises(NothingSoon):
            stream.read_into(memoryview(bytearray(1 << 20)))
        over.set()


def test_what_came_before_a_spoilt_record_is_read_first(authority: Authority) -> None:
    def spoil(secured: ssl.SSLSocket) -> None:
        secured.sendall(content(1000))
        socket.socket.sendall(secured, b"this is no TLS at all")

    with (
        serving(authority.serving, spoil) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        block = memoryview(bytearray(1 << 20))
        assert bytes(block[: stream.read_into(block)]) == content(1000)
        with pytest.raises(ssl.SSLError):
            stream.read_into(block)


def test_a_spoilt_connection_stays_spoilt_and_its_memory_goes_with_it(authority: Authority) -> None:
    def spoil(secured: ssl.SSLSocket) -> None:
        secured.sendall(content(1000))
        socket.socket.sendall(secured, b"this is no TLS at all")

    def fails(stream: BulkTls) -> bool:
        try:
            stream.read_into(memoryview(bytearray(1000)))
        except ssl.SSLError:
            return True
        return False

    with serving(authority.serving, spoil) as plain, without_collector():
        stream = BulkTls(plain, host="127.0.0.1", context=authority.trusting)
        assert [fails(stream) for _time in range(3)] == [False, True, True]
        there = weakref.ref(stream)
        del stream
        assert there() is None


def test_what_is_sent_arrives(authority: Authority) -> None:
    heard: list[bytes] = []
    with (
        serving(authority.serving, lambda secured: heard.append(secured.recv(100))) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        stream.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert read_all(stream, coming=0) == b""
    assert heard == [b"GET / HTTP/1.1\r\n\r\n"]


def test_much_that_is_sent_arrives_whole(authority: Authority) -> None:
    heard = bytearray()

    def take(secured: ssl.SSLSocket) -> None:
        while len(heard) < MUCH and (some := secured.recv(1 << 16)):
            heard.extend(some)

    with (
        serving(authority.serving, take) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
    ):
        for start in range(0, MUCH, 1_000_003):
            stream.sendall(memoryview(content(MUCH))[start : min(MUCH, start + 1_000_003)])
        assert read_all(stream, coming=0) == b""
    assert heard == content(MUCH)


def test_a_peer_that_takes_nothing_is_told_as_a_timeout(authority: Authority) -> None:
    over = threading.Event()

    def take_nothing(_secured: ssl.SSLSocket) -> None:
        over.wait(60)

    with serving(authority.serving, take_nothing) as plain:
        with closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream:
            stream.settimeout(0.01)
            with pytest.raises(TimeoutError):
                send_for_ever(stream)
        over.set()


def test_sending_to_a_peer_that_is_gone_is_told_as_a_cut(authority: Authority) -> None:
    with (
        serving(authority.serving, lambda _secured: None) as plain,
        closing(BulkTls(plain, host="127.0.0.1", context=authority.trusting)) as stream,
        pytest.raises(ConnectionError),
    ):
        send_for_ever(stream)


def test_it_is_open_as_long_as_somebody_reads(authority: Authority) -> None:
    with serving(authority.serving, lambda secured: secured.sendall(b"whole")) as plain:
        stream = BulkTls(plain, host="127.0.0.1", context=authority.trusting)
        with stream.makefile("rb") as reader:
            stream.close()
            assert reader.read() == b"whole"
            assert plain.fileno() != -1
        assert plain.fileno() == -1


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Authority) -> None:
    with (
        serving(authority.serving, lambda secured: secured.sendall(b"secret")) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        BulkTls(plain, host="127.0.0.1", context=ssl.create_default_context())


@pytest.mark.parametrize(("agreed", "code"), [(True, ""), (False, "CF-1440")], ids=["pinned", "another"])
def test_a_pinned_certificate_is_compared_byte_for_byte(
    authority: Authority, agreed: bool, code: str
) -> None:
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.load_verify_locations(cadata=authority.der)
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.der = authority.der if agreed else b"another"
    with serving(authority.serving, lambda secured: secured.sendall(b"x")) as plain:
        if agreed:
            with closing(BulkTls(plain, host="elsewhere", context=context)) as stream:
                assert read_all(stream, coming=0) == b"x"
        else:
            with pytest.raises(TrustError) as refused:
                BulkTls(plain, host="elsewhere", context=context)
            assert refused.value.code == code
