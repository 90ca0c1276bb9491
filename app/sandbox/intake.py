"""Large request bodies without copies: TLS decrypts them straight into the blocks that go to the disk.

Between a socket and an application that reads its body in the usual way, each byte is copied seven times.
Here the protocol hands TLS a place in a block instead, and the only copy left is the one to the disk.
Everything else (heads, short and chunked bodies, answers) goes uvicorn's own way.

This uses two names that h11 keeps private (`Connection._reader`, `ContentLengthReader._remaining`): what came
this way is counted there, so that h11 sees the end of the body. A test of this room notices when they change;
without them, bodies go the usual way.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

BLOCK = 1 << 20
"""Bytes of a block."""

SMALLEST = 256 * 1024
"""Bytes that must still be to come; shorter bodies go the usual way."""

STATE = "intake"
"""The key in a request's state under which its `Intake` is found."""

_SCRATCH = 256 * 1024
_BLOCKS = 3
_MOST_SPARE = 16
_spare: list[memoryview] = []
"""Blocks that no request uses; touched only in the event loop's thread."""


class IntakeCut(Exception):
    """The client went away before the end of the body."""


class Intake:
    """The body of one request in blocks. Belongs to the event loop's thread.

    At most three blocks are in use; while the reader keeps them all, the client waits.
    """

    def __init__(self, protocol: IntakeProtocol, reader: Any) -> None:
        self._protocol = protocol
        self._reader = reader
        self._heard: Callable[[], None] = lambda: None
        self._ready: deque[memoryview] = deque()
        self._block: memoryview | None = None
        self._filled = 0
        self._made = 0
        self._cut = False
        self._changed = asyncio.Event()

    def begin(self, heard: Callable[[], None]) -> bool:
        """Take the body from here on; False when the usual way must be gone.

        Args:
            heard: called whenever bytes arrive.
        """
        protocol = self._protocol
        if protocol.taking is not None or protocol.cycle.disconnected or not self._reader._remaining:
            return False
        self._heard = heard
        arrived, protocol.cycle.body = memoryview(protocol.cycle.body), bytearray()
        while arrived:
            place = self._place(len(arrived))
            count = len(place)
            place[:] = arrived[:count]
            arrived = arrived[count:]
            self._advance(count)
        protocol.taking = self
        protocol.say_continue()
        if self._block is not None or self._made < _BLOCKS:
            protocol.flow.resume_reading()
        return True

    async def next(self) -> memoryview | None:
        """The next full block, to be given back; None behind the last one.

        Raises:
            IntakeCut: the client went away; what came of a block until then is in what `end` returns.
        """
        while not self._ready:
            if not self._reader._remaining:
                return None
            if self._cut:
                raise IntakeCut
            self._changed.clear()
            await self._changed.wait()
        return self._ready.popleft()

    def give_back(self, block: memoryview) -> None:
        """A block that `next` returned is not needed any more."""
        self._made -= 1
        if len(_spare) < _MOST_SPARE:
            _spare.append(block)
        if self._protocol.taking is self:
            self._protocol.flow.resume_reading()

    def end(self) -> list[memoryview]:
        """Everything that arrived and that `next` has not returned; what comes later goes the usual way."""
        if self._protocol.taking is self:
            self._protocol.taking = None
        left = [*self._ready]
        if self._block is not None and self._filled:
            left.append(self._block[: self._filled])
        self._ready.clear()
        self._block, self._filled = None, 0
        return left

    # Called by the protocol.

    def place(self) -> memoryview:
        """Where the next bytes belong: at least one byte, and none behind the body's end."""
        return self._place(self._reader._remaining)

    def arrived(self, count: int) -> bool:
        """`count` bytes lie in what `place` returned; whether they were the last."""
        self._reader._remaining -= count
        self._advance(count)
        self._heard()
        if self._block is None and self._made >= _BLOCKS and self._reader._remaining:
            self._protocol.flow.pause_reading()
        return not self._reader._remaining

    def lost(self) -> None:
        """The connection is gone."""
        self._cut = True
        self._changed.set()

    def wake(self) -> None:
        """The body's end was reached."""
        self._changed.set()

    def _place(self, most: int) -> memoryview:
        if self._block is None:
            self._block, self._filled = _spare.pop() if _spare else memoryview(bytearray(BLOCK)), 0
            self._made += 1
        return self._block[self._filled : self._filled + most]

    def _advance(self, count: int) -> None:
        self._filled += count
        if self._block is not None and self._filled == BLOCK:
            self._ready.append(self._block)
            self._block, self._filled = None, 0
            self._changed.set()


class IntakeProtocol(H11Protocol, asyncio.BufferedProtocol):
    """uvicorn's HTTP/1.1 that offers an `Intake` for every large body."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.taking: Intake | None = None
        self._offered: object = None
        self._scratch = memoryview(bytearray(_SCRATCH))
        self._target: Intake | None = None

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - the signature of asyncio
        """Where the transport puts what comes next."""
        self._target = self.taking
        return self._scratch if self._target is None else self._target.place()

    def buffer_updated(self, nbytes: int) -> None:
        """The transport has put `nbytes` there."""
        if self._target is None:
            self.data_received(bytes(self._scratch[:nbytes]))
        elif self._target.arrived(nbytes):
            ended, self.taking = self._target, None
            super().handle_events()
            ended.wake()

    def handle_events(self) -> None:
        """As uvicorn does; a request that began is offered an `Intake`."""
        super().handle_events()
        if self.scope is None or self.scope is self._offered:
            return
        self._offered = self.scope
        reader = getattr(self.conn, "_reader", None)
        if getattr(reader, "_remaining", 0) >= SMALLEST:
            self.scope["state"][STATE] = Intake(self, reader)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn does; who waits for the body learns it."""
        super().connection_lost(exc)
        taking, self.taking = self.taking, None
        if taking is not None:
            taking.lost()

    def say_continue(self) -> None:
        """Tell a client that waits for it to send the body."""
        cycle = self.cycle
        if cycle.waiting_for_100_continue and not self.transport.is_closing():
            said = self.conn.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
            if said is not None:
                self.transport.write(said)
            cycle.waiting_for_100_continue = False
