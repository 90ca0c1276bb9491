"""Large bodies by a thread that borrows the connection: what it reads, and what it borrows it from."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from types import SimpleNamespace
from typing import Any, cast

import h11
import pytest
import trustme
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.intake import SMALLEST, STATE, Intake, IntakeProtocol, _Line

Application = Callable[[Any, Any, Any], Awaitable[None]]
BLOCK = 100_000
AT_ONCE = 256 * 1024


def head(length: int, *, more: str = "") -> bytes:
    return f"PATCH /u HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def content(length: int) -> bytes:
    return (bytes(range(251)) * (length // 251 + 1))[:length]


@dataclass(slots=True)
class Taken:
    """An application that takes bodies by a thread, in small blocks; and what it took.

    Attributes:
        bodies: whole or as far as they came.
        whole: whether each of them was.
        begun: set when a thread reads.
        stop_at: the thread is interrupted once it has so many bytes.
    """

    bodies: list[bytes] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    begun: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    stop_at: int = 1 << 60

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        got = bytearray()
        intake: Intake | None = scope["state"].get(STATE)
        if intake is None:
            await usual(receive, got)
            self.bodies.append(bytes(got))
            await answer(send)
            return
        assert intake.begin(self.begun.set)
        assert not intake.begin(self.begun.set), "it is borrowed once"
        await asyncio.to_thread(self._read, intake, got)
        self.whole.append(intake.whole)
        intake.give_back()
        if not intake.whole and self.stop_at < 1 << 60:
            await usual(receive, got)
        self.bodies.append(bytes(got))
        self.ended.set()
        await answer(send)

    def _read(self, intake: Intake, into: bytearray) -> None:
        block, at_once = memoryview(bytearray(BLOCK)), cycle((AT_ONCE, 4 * AT_ONCE, 2 * AT_ONCE))
        while True:
            count = intake.readinto(block, at_once=next(at_once))
            into += block[:count]
            if count < len(block):
                return
            if len(into) >= self.stop_at:
                intake.interrupt()


async def usual(receive: Any, into: bytearray) -> None:
    more = True
    while more:
        message = await receive()
        into += message.get("body", b"")
        more = message.get("more_body", False)


async def answer(send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Server(uvicorn.Server):
    """In a thread of the test."""

    def install_signal_handlers(self) -> None:
        """None in a thread."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server, and how to reach it."""

    port: int
    trust: ssl.SSLContext | None
    config: uvicorn.Config

    def connect(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        return plain if self.trust is None else self.trust.wrap_socket(plain, server_hostname="127.0.0.1")

    def serve(self, application: Application) -> None:
        """From the next connection on."""
        self.config.loaded_app = application


@contextmanager
def running(*, tls: bool) -> Iterator[Running]:
    trust = None
    config = uvicorn.Config(answer, http=IntakeProtocol, log_config=None, lifespan="off", loop="asyncio")
    config.load()
    if tls:
        authority = trustme.CA()
        config.ssl = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(config.ssl)
        trust = ssl.create_default_context()
        authority.configure_trust(trust)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),))
    thread.start()
    try:
        yield Running(listener.getsockname()[1], trust, config)
    finally:
        server.should_exit = True
        thread.join(120)
        listener.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(tls=True) as server:
        yield server


def read_answer(connection: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got and (more := connection.recv(4096)):
        got += more
    return got


def test_h11_still_counts_the_body_where_the_intake_does() -> None:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head(10) + b"abc")
    connection.next_event()
    assert connection._reader._remaining == 10
    connection.next_event()
    connection._reader._remaining -= 7
    assert isinstance(connection.next_event(), h11.EndOfMessage)


@settings(max_examples=8, deadline=None)
@given(length=st.integers(4 * BLOCK, 9 * BLOCK), step=st.integers(1, 300_000), bodies=st.integers(1, 3))
def test_a_thread_reads_the_body_and_the_next_request_is_seen(
    server: Running, length: int, step: int, bodies: int
) -> None:
    body, taken = content(length), Taken()
    server.serve(taken)
    with server.connect() as connection:
        for _body in range(bodies):
            sent = head(length) + body
            connection.sendall(sent[:step])
            connection.sendall(sent[step:])
            assert read_answer(connection).startswith(b"HTTP/1.1 204")
    assert taken.bodies == [body] * bodies
    assert all(taken.whole)


def test_requests_that_do_not_wait_for_answers_are_read_one_after_the_other(server: Running) -> None:
    body, taken = content(30 * BLOCK), Taken()
    server.serve(taken)
    with server.connect() as connection:
        connection.sendall((head(len(body)) + body) * 3)
        got = b""
        while got.count(b"HTTP/1.1 204") < 3:
            got += read_answer(connection)
    assert taken.bodies == [body] * 3
    assert taken.whole


def test_what_a_thread_leaves_comes_the_usual_way(server: Running) -> None:
    body, taken = content(9 * BLOCK), Taken(stop_at=2 * BLOCK)
    server.serve(taken)
    with server.connect() as connection:
        connection.sendall(head(len(body)) + body)
        assert read_answer(connection).startswith(b"HTTP/1.1 204")
    assert (taken.bodies, taken.whole) == ([body], [False])


def test_a_client_that_goes_away_leaves_what_came_until_then(server: Running) -> None:
    body, taken = content(4 * BLOCK), Taken()
    server.serve(taken)
    with server.connect() as connection:
        connection.sendall(head(9 * BLOCK) + body)
        assert taken.begun.wait(120)
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
    assert taken.ended.wait(120)
    assert taken.whole == [False]
    assert body.startswith(taken.bodies[0])


def test_a_client_that_waits_for_it_is_told_to_go_on(server: Running) -> None:
    body, taken = content(4 * BLOCK), Taken()
    server.serve(taken)
    with server.connect() as connection:
        connection.sendall(head(len(body), more="Expect: 100-continue\r\n"))
        assert read_answer(connection).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert read_answer(connection).startswith(b"HTTP/1.1 204")
    assert taken.bodies == [body]


@pytest.mark.parametrize("length", [SMALLEST - 1, 2 * SMALLEST])
def test_who_does_not_ask_for_it_reads_the_body_as_ever(server: Running, length: int) -> None:
    got, offered = bytearray(), []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        offered.append(STATE in scope["state"])
        await usual(receive, got)
        await answer(send)

    server.serve(application)
    with server.connect() as connection:
        connection.sendall(head(length) + content(length))
        assert read_answer(connection).startswith(b"HTTP/1.1 204")
    assert got == content(length)
    assert offered == [length > SMALLEST]


def test_without_tls_the_body_goes_the_usual_way() -> None:
    begun, got = [], bytearray()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        begun.append(scope["state"][STATE].begin(lambda: None))
        await usual(receive, got)
        await answer(send)

    with running(tls=False) as server:
        server.serve(application)
        with server.connect() as connection:
            connection.sendall(head(5 * BLOCK) + content(5 * BLOCK))
            assert read_answer(connection).startswith(b"HTTP/1.1 204")
    assert begun == [False]
    assert got == content(5 * BLOCK)


def test_an_interrupt_that_comes_while_bytes_are_read_is_not_forgotten() -> None:
    class Reading:
        """Gives some bytes, and is interrupted before it has said so; then nothing more comes."""

        def read(self, _most: int, block: memoryview) -> int:
            intake.interrupt()
            block[:3] = b"abc"
            return 3

    none: Any = None
    intake = Intake(none, SimpleNamespace(_remaining=100))
    intake._line = _Line(below=none, tls=cast(Any, Reading()), incoming=none, socket=none)
    assert intake.readinto(memoryview(bytearray(50)), at_once=AT_ONCE) == 3
