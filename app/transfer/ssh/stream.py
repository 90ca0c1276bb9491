"""The bytes of one SSH channel in both directions, fast where paramiko is the one that we know."""

from __future__ import annotations

import time
from collections import deque
from typing import Any, ClassVar, Protocol, cast

import paramiko
from paramiko.buffered_pipe import PipeTimeout
from paramiko.common import (
    MSG_CHANNEL_DATA,
    MSG_CHANNEL_EXTENDED_DATA,
    MSG_CHANNEL_WINDOW_ADJUST,
    cMSG_CHANNEL_REQUEST,
    cMSG_CHANNEL_WINDOW_ADJUST,
)
from paramiko.message import Message

from app.transfer.ssh.canary import hot_path_fits
from app.transfer.ssh.packets import LONGEST_DATA, PACKETS_AT_ONCE, DataMessage, Packets
from app.transfer.ssh.pipe import ChunkPipe

WINDOW = 2 * 1024 * 1024
"""Bytes that the server may send ahead of us. Much larger ones make servers slow; more connections do not."""

LONGEST_INCOMING = 64 * 1024
"""Bytes of channel data in one packet that the server may send."""

_GRANTED_AT_ONCE = 64 * 1024
"""Bytes that were read before the channel hears of it: each time takes its lock."""

_WINDOW_AT_ONCE = 256 * 1024
_WINDOW_SHARE = 8
_LONGEST_GATHERING = 0.2
_LEAST = "least_of_window"
_MOST_VAIN = 3
"""Times that a server may leave us waiting for more of its window than it gives."""

_SPARE = LONGEST_DATA - 64
"""What paramiko puts into a packet at most; with its head it is what servers take."""


class Stream(Protocol):
    """A channel. One thread sends and receives; `drop` may come from another.

    Attributes:
        near: whether the processor, not the way, is what holds back: little is then not sent by itself.
    """

    near: bool

    def send(self, *pieces: bytes | memoryview) -> None:
        """All of the pieces, one behind the other.

        Raises:
            OSError, EOFError, paramiko.SSHException: the connection is not usable any more; `TimeoutError`
                when nothing moved for long.
        """

    def receive(self, most: int) -> memoryview:
        """The next bytes, `most` at most; empty when the peer has ended.

        Raises:
            OSError, paramiko.SSHException: as for `send`.
        """

    def ready(self) -> bool:
        """Whether `receive` would give bytes at once."""

    def expect(self, count: int) -> None:
        """Nothing but these bytes is waited for: they may be received in large pieces."""

    def end_of_sending(self) -> None:
        """Nothing more will be sent."""

    def close(self) -> None:
        """Close the channel; the connection stays."""


class FastTransport(paramiko.Transport):
    """paramiko's transport with `Packets`; received data goes from its packet to its reader uncopied."""

    _channel_handler_table: ClassVar[dict[int, Any]] = {}

    def __init__(self, sock: Any) -> None:
        super().__init__(sock, packetizer_class=Packets)


def _feed(channel: paramiko.Channel, message: Message) -> None:
    if isinstance(message, DataMessage):
        channel.in_buffer.feed(*message.pieces)
    else:
        channel.in_buffer.feed(message.get_binary())


def _drop_diagnostics(channel: paramiko.Channel, message: Message) -> None:
    """What a server says on the side is read by nobody, so it is not kept."""


def _widen(channel: paramiko.Channel, message: Message) -> None:
    """The server gives a little of its window at a time; who waits for more is not woken for that."""
    chan: Any = channel
    with chan.lock:
        chan.out_window_size += message.get_int()
        if chan.out_window_size >= getattr(chan, _LEAST, 0):
            chan.out_buffer_cv.notify_all()


if hot_path_fits():
    FastTransport._channel_handler_table = {
        **paramiko.Transport._channel_handler_table,  # type: ignore[attr-defined]
        MSG_CHANNEL_DATA: _feed,
        MSG_CHANNEL_WINDOW_ADJUST: _widen,
        MSG_CHANNEL_EXTENDED_DATA: _drop_diagnostics,
    }


def make_transport(sock: Any) -> paramiko.Transport:
    """A transport on a connected socket: the fast one, or paramiko's own when it is not the one we know."""
    return FastTransport(sock) if hot_path_fits() else paramiko.Transport(sock)


def stands(transport: paramiko.Transport) -> bool:
    """Whether the connection is there, as far as it is known; its channels may have ended all the same."""
    packets = transport.packetizer
    return transport.is_active() and not (isinstance(packets, Packets) and packets.ended)


def open_stream(transport: paramiko.Transport, *, silence: float) -> PlainStream:
    """A session channel; nothing runs on it yet.

    Args:
        transport: signed in.
        silence: seconds without progress after which a call fails.

    Raises:
        paramiko.SSHException: the server opens no session.
    """
    channel = transport.open_session(window_size=WINDOW, max_packet_size=LONGEST_INCOMING, timeout=silence)
    channel.settimeout(silence)
    if isinstance(transport, FastTransport) and isinstance(transport.packetizer, Packets):
        transport.packetizer.stall = silence
        return FastStream(channel, transport, transport.packetizer)
    return PlainStream(channel)


class PlainStream:
    """paramiko's own way."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self.channel = channel
        self.near = False

    def ask_subsystem(self, name: str) -> None:
        """Have the server run it; its answer is that of `await_subsystem`, and bytes may be sent before."""
        self.channel.invoke_subsystem(name)

    def await_subsystem(self) -> None:
        """Wait until the server runs what was asked for.

        Raises:
            paramiko.SSHException: it does not.
        """

    def send(self, *pieces: bytes | memoryview) -> None:
        """See `Stream`."""
        self.channel.sendall(b"".join(pieces))

    def receive(self, most: int) -> memoryview:
        """See `Stream`."""
        return memoryview(self.channel.recv(min(most, 1 << 20)))

    def ready(self) -> bool:
        """See `Stream`."""
        return self.channel.recv_ready()

    def expect(self, count: int) -> None:
        """See `Stream`."""

    def end_of_sending(self) -> None:
        """See `Stream`."""
        self.channel.shutdown_write()

    def close(self) -> None:
        """See `Stream`."""
        self.channel.close()


class FastStream(PlainStream):
    """Whole packets, several at once, on paramiko's private names (see `canary`)."""

    def __init__(self, channel: paramiko.Channel, transport: FastTransport, packets: Packets) -> None:
        super().__init__(channel)
        self._chan: Any = channel
        self._transport: Any = transport
        self._packets = packets
        # Nothing can have come before the channel was asked for a subsystem.
        self._pipe = ChunkPipe(WINDOW + LONGEST_INCOMING)
        self._chan.in_buffer = cast("Any", self._pipe)
        self._taken: deque[memoryview] = deque()
        self._read = 0
        self._widest = 0
        self._vain = 0
        self._stalled = False

    def ask_subsystem(self, name: str) -> None:
        """See `PlainStream`: what follows does not wait for the answer, which is a round trip away."""
        message = Message()
        message.add_byte(cMSG_CHANNEL_REQUEST)
        message.add_int(self._chan.remote_chanid)
        message.add_string("subsystem")
        message.add_boolean(True)
        message.add_string(name)
        self._chan._event_pending()
        self._transport._send_user_message(message)

    def await_subsystem(self) -> None:
        """See `PlainStream`."""
        self._chan._wait_for_event()

    def send(self, *pieces: bytes | memoryview) -> None:
        """See `Stream`."""
        if self._packets.ended:
            raise EOFError
        if not self._packets.seals_data:
            super().send(*pieces)
            return
        source = _Pieces(pieces)
        while source.left:
            sizes = self._granted(source.left)
            with self._clear_to_send():
                self._packets.send_data(self._chan.remote_chanid, source, sizes)

    def receive(self, most: int) -> memoryview:
        """See `Stream`."""
        if not self._taken:
            self._grant()
            try:
                # A silence that a send has waited out already is not waited for again.
                self._taken.extend(self._pipe.take_all(0.0 if self._stalled else self._chan.timeout))
            except PipeTimeout as error:
                raise TimeoutError from error
            if not self._taken:
                return memoryview(b"")
        chunk = self._taken[0]
        if len(chunk) <= most:
            self._taken.popleft()
        else:
            chunk, self._taken[0] = chunk[:most], chunk[most:]
        self._read += len(chunk)
        if self._read >= _GRANTED_AT_ONCE:
            self._grant()
        return chunk

    def ready(self) -> bool:
        """See `Stream`."""
        return bool(self._taken) or self._pipe.read_ready()

    def expect(self, count: int) -> None:
        """See `Stream`."""
        self._packets.expect(count - len(self._pipe) - sum(map(len, self._taken)))

    def _grant(self) -> None:
        """Let the server send as many bytes more as were read, once they are enough to be worth a packet."""
        count, self._read = self._read, 0
        if self._packets.ended:
            return
        adjust = self._chan._check_add_window(count)
        if adjust > 0:
            message = Message()
            message.add_byte(cMSG_CHANNEL_WINDOW_ADJUST)
            message.add_int(self._chan.remote_chanid)
            message.add_int(adjust)
            try:
                self._transport._send_user_message(message)
            except (OSError, EOFError, paramiko.SSHException) as error:
                # It may have left in part: nothing is sent any more, and what came before is read first.
                self._packets.ended = True
                self._stalled = isinstance(error, TimeoutError)

    def _granted(self, wanted: int) -> list[int]:
        """Bytes of the next packets: one as soon as the window has room, more as it has room now."""
        sizes: list[int] = []
        with self._chan.lock:
            # A server opens its window when it runs what was asked for, not when the channel is opened.
            self._widest = max(self._widest, self._chan.out_window_size)
            if self.near and self._vain < _MOST_VAIN:
                self._await_window(min(wanted, _WINDOW_AT_ONCE, self._widest // _WINDOW_SHARE))
            while wanted and len(sizes) < PACKETS_AT_ONCE and (not sizes or self._chan.out_window_size):
                size = self._chan._wait_for_send_window(min(wanted, _SPARE))
                if not size:
                    raise EOFError
                sizes.append(size)
                wanted -= size
                if size == _SPARE:
                    # As often as that is what it would say again.
                    more = min(wanted, self._chan.out_window_size) // size
                    more = min(more, PACKETS_AT_ONCE - len(sizes))
                    self._chan.out_window_size -= more * size
                    sizes += [size] * more
                    wanted -= more * size
        return sizes

    def _await_window(self, least: int) -> None:
        """Wait for so much of the window, though not long: not every server gives more while some is left."""
        before = self._chan.out_window_size
        if before >= least:
            return
        setattr(self._chan, _LEAST, least)
        try:
            self._chan.out_buffer_cv.wait_for(
                lambda: self._chan.out_window_size >= least or self._chan.closed, _LONGEST_GATHERING
            )
        finally:
            setattr(self._chan, _LEAST, 0)
        self._vain += self._chan.out_window_size == before

    def _clear_to_send(self) -> _ClearToSend:
        return _ClearToSend(self._transport)


class _ClearToSend:
    """No keys are being exchanged while this is held; the same wait as in `_send_user_message`."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def __enter__(self) -> None:
        transport = self._transport
        began = time.monotonic()
        while True:
            transport.clear_to_send.wait(0.1)
            if not transport.active:
                raise EOFError
            transport.clear_to_send_lock.acquire()
            if transport.clear_to_send.is_set():
                return
            transport.clear_to_send_lock.release()
            if time.monotonic() - began > transport.clear_to_send_timeout:
                raise paramiko.SSHException("Key-exchange timed out waiting for key negotiation")

    def __exit__(self, *_error: object) -> None:
        self._transport.clear_to_send_lock.release()


class _Pieces:
    """Buffers behind one another, read as one."""

    def __init__(self, pieces: tuple[bytes | memoryview, ...]) -> None:
        self._waiting = deque(memoryview(piece) for piece in pieces if piece)
        self.left = sum(len(piece) for piece in self._waiting)

    def fill(self, into: memoryview) -> None:
        wanted = len(into)
        self.left -= wanted
        first = self._waiting[0]
        if len(first) > wanted:
            into[:] = first[:wanted]
            self._waiting[0] = first[wanted:]
            return
        at = 0
        while at < wanted:
            first = self._waiting[0]
            count = min(len(first), wanted - at)
            into[at : at + count] = first[:count]
            at += count
            if count == len(first):
                self._waiting.popleft()
            else:
                self._waiting[0] = first[count:]
