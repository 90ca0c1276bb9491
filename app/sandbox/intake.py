"""Large request bodies, taken by a thread straight from the connection into the blocks that go to the disk.

In the event loop each record of 16 KiB goes through a dozen calls, and on its way to an application that
reads its body in the usual way it is copied seven times. Here a thread borrows the connection for one body:
it receives and decrypts into a block, and the only copy left is the one to the disk. Everything else (heads,
short and chunked bodies, answers) goes uvicorn's own way, and so does every body where the connection cannot
be borrowed: without TLS, or on another event loop than asyncio's selector loop.

This uses names that h11 (`Connection._reader`, `ContentLengthReader._remaining`) and asyncio
(`_SSLProtocolTransport._ssl_protocol`, and its `_transport`, `_sslobj`, `_incoming`) keep private. Tests of
this room notice when they change; without them, bodies go the usual way.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.domain.lowwater import LowWater
from app.sandbox.shelf import Shelf

SMALLEST = 256 * 1024
"""Bytes that must still be to come; shorter bodies go the usual way."""

STATE = "intake"
"""The key in a request's state under which its `Intake` is found."""

_LOOK_EVERY = 0.1
_FED = 256 << 10
"""Bytes given to TLS at once: its memory for them grows to that, and is kept as long as the connection is."""

_scratches = Shelf(most=8 << 20)


@dataclass(frozen=True, slots=True)
class _Line:
    """A connection without its event loop.

    Attributes:
        below: the transport of the bytes on the wire; it reads nothing meanwhile.
        tls: decrypts what `incoming` holds.
        socket: a second handle of the connection.
    """

    below: asyncio.ReadTransport
    tls: ssl.SSLObject
    incoming: ssl.MemoryBIO
    socket: socket.socket


class Intake:
    """The body of one request. `readinto` belongs to one thread, the rest to the event loop's."""

    def __init__(self, protocol: IntakeProtocol, reader: Any) -> None:
        self._protocol = protocol
        self._reader = reader
        self._heard: Callable[[], None] = lambda: None
        self._arrived = memoryview(b"")
        self._line: _Line | None = None
        self._ended = False
        self._low_water = LowWater()
        self._waits_for = 1
        self._scratch: memoryview | None = None
        self._received = memoryview(b"")
        self._marks = sys.platform == "linux"

    @property
    def whole(self) -> bool:
        """Whether all of the body was read."""
        return not self.left

    @property
    def left(self) -> int:
        """Bytes of the body that were not read yet."""
        left: int = self._reader._remaining + len(self._arrived)
        return left

    def begin(self, heard: Callable[[], None]) -> bool:
        """Borrow the connection until `give_back`; False when the usual way must be gone.

        Args:
            heard: called whenever bytes arrive, in the thread that reads.
        """
        protocol = self._protocol
        if self._line is not None or protocol.cycle.disconnected or not self._reader._remaining:
            return False
        line = _borrowed(protocol)
        if line is None:
            return False
        self._line, self._heard = line, heard
        self._arrived, protocol.cycle.body = memoryview(protocol.cycle.body), bytearray()
        protocol.say_continue()
        protocol.flow.pause_reading()
        line.below.pause_reading()
        return True

    def readinto(self, block: memoryview, *, at_once: int) -> int:
        """Fill the block; less when the body ends, the client went away, or `interrupt` was called.

        Blocks. Bytes that arrived are never lost: they are in the block, or still on the connection.

        Args:
            block: takes them.
            at_once: bytes taken from the socket at once, and waited for while more are to come (see
                `LowWater`). The body has so much memory for it.
        """
        filled = min(len(block), len(self._arrived))
        block[:filled] = self._arrived[:filled]
        self._arrived = self._arrived[filled:]
        if self._line is None:
            return filled
        read: Any = self._line.tls.read  # with a buffer it returns a number
        first, end = filled, min(len(block), filled + self._reader._remaining)
        while filled < end and not self._ended:
            try:
                count = read(end - filled, block[filled:end])
            except ssl.SSLWantReadError:
                self._receive(self._line, left=self._reader._remaining - (filled - first), at_once=at_once)
                continue
            except OSError:
                # The event loop meets the same, and ends the connection.
                count = 0
            if not count:  # never set to False here: it may have been interrupted meanwhile
                self._ended = True
            filled += count
        self._reader._remaining -= filled - first
        return filled

    def interrupt(self) -> None:
        """Let `readinto` return within a tenth of a second."""
        self._ended = True

    def give_back(self) -> None:
        """The connection belongs to the event loop again; no thread reads any more.

        What is left of the body goes the usual way. Does nothing when it was given back before.
        """
        line, self._line = self._line, None
        if line is None:
            return
        self._wait_for(line, 1)
        line.socket.close()
        line.incoming.write(self._received)
        self._received = memoryview(b"")
        if self._scratch is not None:
            _scratches.put(self._scratch)
            self._scratch = None
        line.below.resume_reading()
        if self.whole:
            self._protocol.handle_events()
        self._protocol.flow.resume_reading()

    def _receive(self, line: _Line, *, left: int, at_once: int) -> None:
        """What has arrived, to be decrypted; `left` bytes of the body are not read yet."""
        if self._received:
            self._feed(line)
            return
        scratch = self._room_for(at_once)
        # There are never fewer bytes on the wire than in the body: it does not wait for what never comes.
        self._wait_for(line, self._low_water.mark(left=left, most=at_once))
        try:
            count = line.socket.recv_into(scratch[:at_once])
        except TimeoutError:
            self._low_water.missed(self._waits_for, left=left)
            return
        except OSError:
            count = 0
        if not count:
            self._ended = True
            return
        self._received = scratch[:count]
        self._feed(line)
        self._heard()

    def _feed(self, line: _Line) -> None:
        line.incoming.write(self._received[:_FED])
        self._received = self._received[_FED:]

    def _room_for(self, at_once: int) -> memoryview:
        scratch = self._scratch
        if scratch is None or len(scratch) < at_once:
            if scratch is not None:
                _scratches.put(scratch)
            scratch = self._scratch = _scratches.take(at_once)
        return scratch

    def _wait_for(self, line: _Line, count: int) -> None:
        """Have the socket count as readable once so many bytes are there, or its end."""
        if count == self._waits_for or not self._marks:
            return
        try:
            line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
        except OSError:
            self._marks = False  # some sandboxes refuse it: it wakes for everything that comes
            return
        self._waits_for = count


class IntakeProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 that offers an `Intake` for every large body."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._offered: object = None

    def handle_events(self) -> None:
        """As uvicorn does; a request that began is offered an `Intake`."""
        super().handle_events()
        if self.scope is None or self.scope is self._offered:
            return
        self._offered = self.scope
        reader = getattr(self.conn, "_reader", None)
        if getattr(reader, "_remaining", 0) >= SMALLEST:
            self.scope["state"][STATE] = Intake(self, reader)
            # Nobody asked for the body yet, and a thread may be to read it; `receive` goes on reading.
            self.flow.pause_reading()

    def say_continue(self) -> None:
        """Tell a client that waits for it to send the body."""
        cycle = self.cycle
        if cycle.waiting_for_100_continue and not self.transport.is_closing():
            said = self.conn.send(h11.InformationalResponse(status_code=100, headers=[], reason="Continue"))
            if said is not None:
                self.transport.write(said)
            cycle.waiting_for_100_continue = False


def _borrowed(protocol: IntakeProtocol) -> _Line | None:
    """What a thread needs of the connection; None where that cannot be had."""
    secured = getattr(protocol.transport, "_ssl_protocol", None)
    below = getattr(secured, "_transport", None)
    tls, incoming = getattr(secured, "_sslobj", None), getattr(secured, "_incoming", None)
    if not (
        isinstance(protocol.loop, asyncio.SelectorEventLoop)
        and isinstance(below, asyncio.ReadTransport)
        and isinstance(tls, ssl.SSLObject)
        and isinstance(incoming, ssl.MemoryBIO)
        and not protocol.transport.is_closing()
    ):
        return None
    second: socket.socket = protocol.transport.get_extra_info("socket").dup()
    second.settimeout(_LOOK_EVERY)
    return _Line(below=below, tls=tls, incoming=incoming, socket=second)
