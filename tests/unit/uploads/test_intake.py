"""Large bodies in blocks: what h11 and asyncio must still be like, and what the blocks hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import h11
import pytest
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.server import ServerState

from app.sandbox.intake import BLOCK, SMALLEST, STATE, Intake, IntakeCut, IntakeProtocol

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Transport(asyncio.Transport):
    """Remembers what is written, and whether reading is paused."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.reading = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def close(self) -> None:
        """Nothing is open."""


def protocol_for(application: Application) -> tuple[IntakeProtocol, Transport]:
    config = uvicorn.Config(application, http=IntakeProtocol, log_config=None, lifespan="off")
    config.load()
    protocol = IntakeProtocol(config=config, server_state=ServerState(), app_state={})
    transport = Transport()
    protocol.connection_made(transport)
    return protocol, transport


async def fed(protocol: IntakeProtocol, transport: Transport, data: bytes, *, step: int) -> None:
    """Bring the bytes in as a transport does: never more than there is room, nothing while paused."""
    view = memoryview(data)
    while view:
        for _turn in range(1000):
            if transport.reading:
                break
            await asyncio.sleep(0)
        assert transport.reading, "nobody takes the body"
        place = protocol.get_buffer(-1)
        count = min(len(place), len(view), step)
        place[:count] = view[:count]
        protocol.buffer_updated(count)
        view = view[count:]
        await asyncio.sleep(0)


def head(length: int, *, more: str = "") -> bytes:
    return f"PATCH /u HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()


async def read(receive: Any, into: bytearray) -> None:
    """The usual way."""
    more = True
    while more:
        message = await receive()
        into += message["body"]
        more = message["more_body"]


async def answer(send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_h11_still_counts_the_body_where_the_intake_does() -> None:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(head(10) + b"abc")
    connection.next_event()
    assert connection._reader._remaining == 10
    connection.next_event()
    connection._reader._remaining -= 7
    assert isinstance(connection.next_event(), h11.EndOfMessage)


@settings(max_examples=30, deadline=None)
@given(length=st.integers(SMALLEST + 1, 5 * BLOCK), step=st.integers(10_000, 300_000), waits=st.booleans())
def test_what_comes_in_blocks_is_the_body_and_the_next_request_is_seen(
    length: int, step: int, waits: bool
) -> None:
    body = bytes(range(256)) * (length // 256 + 1)
    body = body[:length]
    taken: list[bytes] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if waits:
            for _turn in range(3):
                await asyncio.sleep(0)
        intake: Intake | None = scope["state"].get(STATE)
        whole = bytearray()
        if intake is not None and intake.begin(lambda: None):
            while (block := await intake.next()) is not None:
                whole += block
                intake.give_back(block)
            for left in intake.end():
                whole += left
        else:
            await read(receive, whole)
        taken.append(bytes(whole))
        await answer(send)

    async def scene() -> None:
        protocol, transport = protocol_for(application)
        for _round in range(2):
            await fed(protocol, transport, head(length) + body, step=step)
            for _turn in range(50):
                await asyncio.sleep(0)
        protocol.connection_lost(None)

    asyncio.run(scene())
    assert taken == [body, body]


def test_who_does_not_ask_for_it_reads_the_body_as_ever() -> None:
    length = SMALLEST + 5
    got = bytearray()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await read(receive, got)
        await answer(send)

    async def scene() -> None:
        protocol, transport = protocol_for(application)
        await fed(protocol, transport, head(length) + b"x" * length, step=70_000)
        for _turn in range(20):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        assert b"204" in transport.written

    asyncio.run(scene())
    assert len(got) == length


def test_a_client_that_goes_away_leaves_what_came_until_then() -> None:
    seen: list[object] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        intake: Intake = scope["state"][STATE]
        assert intake.begin(lambda: None)
        seen.append(len(await intake.next() or b""))
        with pytest.raises(IntakeCut):
            await intake.next()
        seen.extend(len(left) for left in intake.end())

    async def scene() -> None:
        protocol, transport = protocol_for(application)
        await fed(protocol, transport, head(4 * BLOCK) + b"x" * (BLOCK + 100), step=100_000)
        protocol.connection_lost(ConnectionResetError())
        for _turn in range(20):
            await asyncio.sleep(0)

    asyncio.run(scene())
    assert seen == [BLOCK, 100]


def test_a_reader_that_keeps_every_block_makes_the_client_wait() -> None:
    ended = asyncio.Event()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        intake: Intake = scope["state"][STATE]
        assert intake.begin(lambda: None)
        await ended.wait()
        await answer(send)

    async def scene() -> None:
        protocol, transport = protocol_for(application)
        with pytest.raises(AssertionError, match="nobody takes the body"):
            await fed(protocol, transport, head(9 * BLOCK) + b"x" * 9 * BLOCK, step=200_000)
        assert protocol.taking is not None
        assert len(protocol.taking.end()) == 3
        ended.set()
        for _turn in range(20):
            await asyncio.sleep(0)

    asyncio.run(scene())


def test_a_client_that_waits_for_it_is_told_to_go_on() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        intake: Intake = scope["state"][STATE]
        assert intake.begin(lambda: None)
        while (block := await intake.next()) is not None:
            intake.give_back(block)
        await answer(send)

    async def scene() -> None:
        protocol, transport = protocol_for(application)
        await fed(protocol, transport, head(BLOCK, more="Expect: 100-continue\r\n"), step=100_000)
        await asyncio.sleep(0)
        assert transport.written.startswith(b"HTTP/1.1 100 ")
        await fed(protocol, transport, b"x" * BLOCK, step=100_000)
        for _turn in range(20):
            await asyncio.sleep(0)
        protocol.connection_lost(None)
        assert b"HTTP/1.1 204 " in transport.written

    asyncio.run(scene())
