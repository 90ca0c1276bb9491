"""SSH packets in and out with few system calls and few copies.

paramiko asks the socket two or three times for each packet, and sends each in a call of its own. Here bytes
are taken from the socket in blocks of 256 KiB, whatever the cipher; and under AES-GCM, several packets of
channel data are sealed into one buffer that leaves at once, and those that have come go to their reader
together. Everything else stays paramiko's.
"""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from paramiko.common import MSG_CHANNEL_DATA, MSG_CHANNEL_WINDOW_ADJUST
from paramiko.message import Message
from paramiko.packet import NeedRekeyException, Packetizer
from paramiko.ssh_exception import SSHException

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

RECEIVE_AT_ONCE = 256 * 1024
GATHERED = 256 * 1024
"""Bytes that are waited for while many more are to come: each time a thread is woken costs as much as all of
the deciphering."""

LONGEST_PACKET = 256 * 1024
"""Bytes of a packet that is accepted; OpenSSH has the same limit."""

PACKETS_AT_ONCE = 8
"""Packets that are sealed before they leave: what lies ready is 256 KiB."""

LONGEST_DATA = 32 * 1024
"""Bytes of channel data in a packet that is sent, at most."""

REKEY_BYTES_AEAD = 1 << 32
"""Bytes under one key of AES-GCM: far below what is safe (RFC 4344: 64 GiB), and rare enough to be free."""

_MOST_FORMS = 4
_MUCH = 4 * GATHERED
_MOST_VAIN_WAITS = 3
_SHORT = 4096
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_TAG = 16
_BLOCK = 16
_HEAD = struct.Struct(">IB")
_DATA_HEAD = struct.Struct(">IBBII")
_LENGTH = struct.Struct(">I")
_CHANNEL_HEAD = struct.Struct(">BII")
_GRANT = struct.Struct(">II")
_WIDEST = (1 << 32) - 1
_SEALS_INTO = hasattr(AESGCM, "encrypt_into")


class Sealer(Protocol):
    """An AES-GCM key."""

    def encrypt(self, nonce: bytes, data: bytes | memoryview, associated: bytes | memoryview, /) -> bytes:
        """The sealed bytes with their tag."""

    def encrypt_into(
        self, nonce: bytes, data: memoryview, associated: memoryview, into: memoryview, /
    ) -> int:
        """The same into a buffer of the right size; not in every version of the library."""

    def decrypt(self, nonce: bytes, data: bytes | memoryview, associated: bytes | memoryview, /) -> bytes:
        """The plain bytes; raises when the tag is wrong."""


class DataMessage(Message):
    """Channel data of one packet or several, not copied again: `get_int` gives the channel, `pieces` it."""

    def __init__(self, channel: int, piece: memoryview) -> None:
        super().__init__()
        self._channel = channel
        self.pieces = [piece]
        self.seqno = 0

    def get_int(self) -> int:
        """The number of the channel."""
        return self._channel

    def get_binary(self) -> bytes:
        """The bytes, copied; for paramiko's own handler."""
        return b"".join(self.pieces)


class Packets(Packetizer):
    """paramiko's packetizer with buffers of its own; given to a transport by ``packetizer_class``.

    Attributes:
        stall: seconds that the socket may take nothing before a send gives up with `TimeoutError`; None waits
            for ever.
        last_received: monotonic seconds of the last byte that came.
        ended: whether the socket has said that the connection is no more; the transport learns it later.
    """

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock)
        self._sock = sock
        self.stall: float | None = None
        self.last_received = time.monotonic()
        self.ended = False
        self._into = bytearray(RECEIVE_AT_ONCE + LONGEST_PACKET + 1024)
        self._view = memoryview(self._into)
        self._start = self._end = 0
        self._out_lock = threading.RLock()
        self._out_key: Sealer | None = None
        self._out_nonce = _Nonce(bytes(12))
        self._in_key: Sealer | None = None
        self._in_nonce = _Nonce(bytes(12))
        self._compressing_out = self._compressing_in = False
        self._received = self._received_since_asked = self._sent = 0
        self._received_packets = 0
        self._opened: tuple[int, Message] | None = None
        self._spoilt: SSHException | None = None
        self._expected_upto = 0
        self._vain_waits = 0
        self._waits_for = 1
        self._forms: dict[tuple[int, int], _Form] = {}
        self._sealed = bytearray(PACKETS_AT_ONCE * (LONGEST_DATA + 64))

    # What the transport tells when keys change.

    def set_outbound_cipher(
        self,
        block_engine: Any,
        *args: Any,
        aead: bool = False,
        iv_out: bytes | None = None,
        **named: Any,
    ) -> None:
        """Remember the key when it is one of AES-GCM."""
        with self._out_lock:
            self._out_key = block_engine if aead and not self._compressing_out else None
            self._out_nonce = _Nonce(iv_out or bytes(12))
            self._sent = 0
            super().set_outbound_cipher(block_engine, *args, **{**named, "aead": aead, "iv_out": iv_out})

    def set_inbound_cipher(
        self, block_engine: Any, *args: Any, aead: bool = False, iv_in: bytes | None = None, **named: Any
    ) -> None:
        """Remember the key when it is one of AES-GCM."""
        self._in_key = block_engine if aead and not self._compressing_in else None
        self._in_nonce = _Nonce(iv_in or bytes(12))
        self._received = self._received_since_asked = self._expected_upto = 0
        super().set_inbound_cipher(block_engine, *args, **{**named, "aead": aead, "iv_in": iv_in})

    def set_outbound_compressor(self, compressor: Any) -> None:
        """Compression is paramiko's own."""
        self._compressing_out, self._out_key = True, None
        super().set_outbound_compressor(compressor)

    def set_inbound_compressor(self, compressor: Any) -> None:
        """Compression is paramiko's own."""
        self._compressing_in, self._in_key = True, None
        super().set_inbound_compressor(compressor)

    # Receiving.

    def expect(self, count: int) -> None:
        """About so many bytes will come, whatever happens, and none is waited for alone; any thread.

        Where that turns out wrong, as the peer has less, a tenth of a second is lost, and not often.
        """
        self._expected_upto = self._received + count

    def readline(self, timeout: float) -> str:
        """A line of the greeting, without its end."""
        deadline = time.monotonic() + timeout
        while (found := self._into.find(b"\n", self._start, self._end)) < 0:
            if self._end - self._start > LONGEST_PACKET:
                raise SSHException("Error reading SSH protocol banner: a line without end")
            if not self._receive() and time.monotonic() >= deadline:
                raise TimeoutError
        line = bytes(self._view[self._start : found])
        self._start = found + 1
        return line.removesuffix(b"\r").decode("utf-8", "surrogateescape")

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:
        """Exactly so many bytes; see paramiko."""
        return bytes(self._need(n, check_rekey=check_rekey))

    def read_message(self) -> tuple[int, Message]:
        """The next packet: its kind and what it says; see paramiko.

        Channel data comes with all of the same channel that lies whole behind it, and so does window: who
        waits for it is woken once.
        """
        if self._in_key is None:
            return super().read_message()
        if self._spoilt is not None:
            raise self._why()
        key = self._in_key
        opened, self._opened = self._opened, None
        kind, message = opened or self._open(key, _LENGTH.unpack(self._look(4, check_rekey=True))[0])
        if isinstance(message, DataMessage):
            self._add_what_lies_behind(message, key=key)
        elif kind == MSG_CHANNEL_WINDOW_ADJUST:
            message = self._with_grants_behind(message, key=key)
        return kind, message

    def _add_what_lies_behind(self, first: DataMessage, *, key: Sealer) -> None:
        try:
            for kind, message in self._lying_whole(key):
                if not isinstance(message, DataMessage) or message.get_int() != first.get_int():
                    self._opened = kind, message
                    return
                first.pieces += message.pieces
        except SSHException as error:
            # What came before it was proven, packet by packet: its reader has it first.
            self._spoilt = error.with_traceback(None)

    def _why(self) -> SSHException:
        """Why it is spoilt; not kept once it is told."""
        error, self._spoilt = self._spoilt, None
        return error or SSHException("the connection is spoilt")

    def _with_grants_behind(self, first: Message, *, key: Sealer) -> Message:
        """Servers give their window in many small pieces: what they give together is one for paramiko."""
        said = first.asbytes()
        if len(said) != _GRANT.size:
            return first
        channel, granted = _GRANT.unpack(said)
        for kind, message in self._lying_whole(key):
            said = message.asbytes() if kind == MSG_CHANNEL_WINDOW_ADJUST else b""
            if len(said) != _GRANT.size or (of_it := _GRANT.unpack(said))[0] != channel:
                self._opened = kind, message
                break
            granted += of_it[1]
        merged = Message(_GRANT.pack(channel, min(granted, _WIDEST)))
        merged.seqno = self._received_packets
        return merged

    def _lying_whole(self, key: Sealer) -> Iterator[tuple[int, Message]]:
        """What lies behind the last packet; one of another kind may be the last under this key."""
        while self._end - self._start > 4:
            length = _LENGTH.unpack_from(self._view, self._start)[0]
            if self._end - self._start < 4 + length + _TAG:
                return
            yield self._open(key, length)

    def _open(self, key: Sealer, length: int) -> tuple[int, Message]:
        if length % _BLOCK or not _BLOCK <= length <= LONGEST_PACKET:
            raise SSHException("a packet has an impossible length")
        whole = self._need(4 + length + _TAG)
        try:
            plain = key.decrypt(self._in_nonce.next(), whole[4:], whole[:4])
        except InvalidTag as error:
            raise SSHException("Mismatched MAC") from error
        self._count_received(len(whole))
        end = length - plain[0]
        if end < 2:
            raise SSHException("a packet has more padding than bytes")
        kind = plain[1]
        if kind == MSG_CHANNEL_DATA and end >= 10:
            _kind, channel, count = _CHANNEL_HEAD.unpack_from(plain, 1)
            if count != end - 10:
                raise SSHException("channel data has another length than its packet")
            return kind, DataMessage(channel, memoryview(plain)[10:end])
        message = Message(plain[2:end])
        message.seqno = self._received_packets
        return kind, message

    def _need(self, count: int, *, check_rekey: bool = False) -> memoryview:
        """So many bytes, taken; valid until the next call."""
        if count > LONGEST_PACKET + 1024:
            raise SSHException("a packet is too long")
        found = self._look(count, check_rekey=check_rekey)
        self._start += count
        return found

    def _look(self, count: int, *, check_rekey: bool = False) -> memoryview:
        while self._end - self._start < count:
            if not self._receive():
                if check_rekey and self._start == self._end and self.need_rekey():
                    raise NeedRekeyException
                self._check_keepalive()  # type: ignore[attr-defined]
        return self._view[self._start : self._start + count]

    def _receive(self) -> bool:
        """One call of the socket; False when nothing came for a moment."""
        if self.handshake_timed_out():
            raise EOFError
        if self._start == self._end:
            self._start = self._end = 0
        elif len(self._into) - self._end < RECEIVE_AT_ONCE:
            kept = self._end - self._start
            self._into[:kept] = bytes(self._view[self._start : self._end])
            self._start, self._end = 0, kept
        gathers = self._expected_upto - self._received > _MUCH and self._vain_waits < _MOST_VAIN_WAITS
        self._wait_for(GATHERED if gathers else 1)
        try:
            count = self._sock.recv_into(self._view[self._end :], RECEIVE_AT_ONCE)
        except OSError as error:
            if self.closed:
                raise EOFError from error
            if isinstance(error, TimeoutError) or error.errno == errno.EAGAIN:
                if self._waits_for > 1:
                    self._vain_waits += 1
                    self._expected_upto = 0
                return False
            self.ended = True
            raise
        if not count:
            self.ended = True
            raise EOFError
        self._end += count
        self.last_received = time.monotonic()
        if count < _SHORT:
            self._acknowledge_now()
        return True

    def _wait_for(self, count: int) -> None:
        """Have the socket count as readable once so many bytes are there, or its end."""
        if count != self._waits_for and sys.platform == "linux":
            try:
                self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, count)
                self._waits_for = count
            except OSError:
                # Some sandboxes and small systems know no such option: it is not asked for again.
                self._vain_waits = _MOST_VAIN_WAITS

    def _acknowledge_now(self) -> None:
        """Servers that send small things one by one wait for our system's acknowledgement between them."""
        if _QUICKACK is not None:
            with contextlib.suppress(OSError):
                self._sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)

    def _count_received(self, count: int) -> None:
        self._received += count
        self._received_packets += 1
        if self.need_rekey():
            self._received_since_asked += count
            if self._received_since_asked >= self.REKEY_BYTES_OVERFLOW_MAX:
                raise SSHException("Remote transport is ignoring rekey requests")
        elif self._received >= REKEY_BYTES_AEAD:
            self._received_since_asked = 0
            self._trigger_rekey()  # type: ignore[attr-defined]

    # Sending.

    def send_message(self, data: Message) -> None:
        """Send one packet."""
        with self._out_lock:
            if self._out_key is None:
                super().send_message(data)
                return
            payload = data.asbytes()
            padding = 3 + _BLOCK - (len(payload) + 4) % _BLOCK
            head = _LENGTH.pack(1 + len(payload) + padding)
            plain = b"".join((bytes((padding,)), payload, bytes(padding)))
            self._leave(head + self._out_key.encrypt(self._out_nonce.next(), plain, head))

    @property
    def seals_data(self) -> bool:
        """Whether `send_data` can be used: the cipher is one of AES-GCM."""
        return self._out_key is not None

    def send_data(self, channel: int, source: Source, sizes: Sequence[int]) -> None:
        """Send channel data, one packet for each of the sizes, in one go.

        Args:
            channel: the peer's number of it.
            source: gives the bytes.
            sizes: bytes of each packet, at most `LONGEST_DATA`, and `PACKETS_AT_ONCE` of them; the window has
                room for all of them.

        Raises:
            EOFError: the connection ended.
            TimeoutError: the socket took nothing for `stall` seconds.
        """
        with self._out_lock:
            key = self._out_key
            if key is None:
                raise SSHException("the cipher is not one of AES-GCM")
            sealed = memoryview(self._sealed)
            at = 0
            for size in sizes:
                form = self._forms.get((channel, size)) or self._new_form(channel, size)
                source.fill(form.room)
                end = at + form.whole
                sealed[at : at + 4] = form.head
                self._seal(key, form.plain, form.head, sealed[at + 4 : end])
                at = end
            self._leave(sealed[:at])

    def _new_form(self, channel: int, size: int) -> _Form:
        if len(self._forms) >= _MOST_FORMS:
            self._forms.clear()
        form = self._forms[channel, size] = _Form(channel, size)
        return form

    def _seal(self, key: Sealer, data: memoryview, associated: memoryview, into: memoryview) -> None:
        nonce = self._out_nonce.next()
        if _SEALS_INTO:
            key.encrypt_into(nonce, data, associated, into)
        else:
            into[:] = key.encrypt(nonce, data, associated)

    def write_all(self, out: Buffer) -> None:
        """Send all of it; see paramiko."""
        view = memoryview(out)
        began = time.monotonic()
        while view:
            try:
                count = self._sock.send(view)
            except OSError as error:
                if self.closed or not (isinstance(error, TimeoutError) or error.errno == errno.EAGAIN):
                    self.ended = True
                    raise EOFError from error
                if self.stall is not None and time.monotonic() - began > self.stall:
                    raise TimeoutError from error
                continue
            began = time.monotonic()
            view = view[count:]

    def _leave(self, out: bytes | memoryview) -> None:
        self.write_all(out)
        self._sent += len(out)
        if self._sent >= REKEY_BYTES_AEAD and not self.need_rekey():
            self._received_since_asked = 0
            self._trigger_rekey()  # type: ignore[attr-defined]


class Source(Protocol):
    """Where `Packets.send_data` takes its bytes from."""

    def fill(self, into: memoryview) -> None:
        """Exactly ``len(into)`` of the next bytes."""


class _Form:
    """All packets of channel data of one size but their bytes, made once: most are of the same few sizes.

    Attributes:
        head: the length, which is authenticated and not enciphered.
        plain: what is enciphered.
        room: where the bytes go in it.
        whole: bytes of the sealed packet.
    """

    __slots__ = ("head", "plain", "room", "whole")

    def __init__(self, channel: int, size: int) -> None:
        padding = 3 + _BLOCK - (size + 13) % _BLOCK
        length = 10 + size + padding
        # Under an authenticated cipher the padding says nothing, whatever it is.
        packet = memoryview(bytearray(4 + length))
        _DATA_HEAD.pack_into(packet, 0, length, padding, MSG_CHANNEL_DATA, channel, size)
        self.head, self.plain, self.room = packet[:4], packet[4:], packet[14 : 14 + size]
        self.whole = 4 + length + _TAG


class _Nonce:
    """The nonce of RFC 5647: four fixed bytes, and a counter of eight."""

    def __init__(self, start: bytes) -> None:
        self._fixed = start[:4]
        self._counter = int.from_bytes(start[4:], "big")

    def next(self) -> bytes:
        now = self._fixed + self._counter.to_bytes(8, "big")
        self._counter = (self._counter + 1) & 0xFFFF_FFFF_FFFF_FFFF
        return now
