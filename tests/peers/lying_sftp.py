"""An SSH server whose SFTP lies as it is told. It holds one file, `LyingSftp.content`, under every name."""

from __future__ import annotations

import functools
import logging
import socket
import struct
import threading
from types import TracebackType
from typing import Any

import paramiko
from paramiko.common import OPEN_SUCCEEDED

_OPEN, _CLOSE, _READ, _WRITE, _FSTAT, _REMOVE, _STAT, _RENAME = 3, 4, 5, 6, 8, 13, 17, 18
_STATUS, _HANDLE, _DATA, _ATTRS = 101, 102, 103, 105
_FILE, _COMPANION = b"h", b"c"
_TRUNCATE = 16


logging.getLogger("tests.lying").propagate = False
"""A client that goes away in the middle is what these servers are for; they may say so after their test."""


@functools.cache
def _made_key() -> paramiko.RSAKey:
    """One for all servers of a run: to find its primes takes longer than most of what they are asked."""
    return paramiko.RSAKey.generate(2048)


class LyingSftp:
    """Listens on a free port of the loopback; every password is right. Use as a context manager.

    Attributes:
        content: of the file; None: it is not there.
        companion: of what ends in ``.sha256``, which is a file of its own.
        cut_at: of the write that has this byte what is before it is kept, the connection then cut, once.
        cut_behind: of the write that has this byte all is kept, and the connection cut unanswered, once.
        loses_rename: whether the next rename is done, and the connection cut unanswered.
        keeps: whether writes are kept; all are acknowledged.
        says_size: what it says the size is; None for the truth.
        adds: bytes that every answer to a read has more than was asked for.
        floods: whether it sends without end, and without heed to the window, once it is asked for a read.
        fails: whether writes are answered with a failure.
    """

    def __init__(self) -> None:
        self.content: bytearray | None = None
        self.companion = bytearray()
        self.cut_at: int | None = None
        self.cut_behind: int | None = None
        self.loses_rename = False
        self.keeps = True
        self.says_size: int | None = None
        self.adds = 0
        self.floods = False
        self.fails = False
        self.renamed: list[str] = []
        self._key = _made_key()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._transports: list[paramiko.Transport] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def host_key(self) -> str:
        """The line that a client must know."""
        return f"ssh-rsa {self._key.get_base64()}"

    def __enter__(self) -> LyingSftp:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing alone would leave the thread in its accept.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=60)
        for transport in self._transports:
            transport.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(client)
            transport.set_log_channel("tests.lying")
            transport.add_server_key(self._key)
            transport.set_subsystem_handler("sftp", _Subsystem, liar=self)
            self._transports.append(transport)
            transport.start_server(event=threading.Event(), server=_Anybody())

    def answer(self, kind: int, body: bytes) -> bytes:
        """The packet for a request, without its length."""
        number, rest = body[:4], body[4:]
        if kind == _OPEN:
            handle = _handle_of(rest)
            if self.content is None or (handle == _FILE and _flags_of(rest) & _TRUNCATE):
                self.content = bytearray()
            return bytes([_HANDLE]) + number + struct.pack(">I", 1) + handle
        if kind in (_STAT, _FSTAT):
            named = b".part" in rest or (bool(self.renamed) and b".sha256" not in rest)
            if self.content is None or (kind == _STAT and not named):
                return _status(number, 2)
            size = len(self.content) if self.says_size is None else self.says_size
            return bytes([_ATTRS]) + number + struct.pack(">IQ", 1, size)
        if kind == _READ:
            return self._read(number, rest)
        if kind == _WRITE:
            return self._write(number, rest)
        if kind == _RENAME:
            self.renamed.append(rest.decode("utf-8", "replace"))
            if self.loses_rename:
                self.loses_rename = False
                raise _CutOffError
        return _status(number, 0 if kind in (_CLOSE, _REMOVE, _RENAME) else 8)

    def _read(self, number: bytes, rest: bytes) -> bytes:
        offset, count = struct.unpack(">QI", rest[-12:])
        file = self.companion if rest[4:5] == _COMPANION else self.content
        found = bytes((file or b"")[offset : offset + count])
        if not found:
            return _status(number, 1)
        found += bytes(self.adds)
        return bytes([_DATA]) + number + struct.pack(">I", len(found)) + found

    def _write(self, number: bytes, rest: bytes) -> bytes:
        if self.fails:
            return _status(number, 4)
        (length,) = struct.unpack(">I", rest[:4])
        offset, count = struct.unpack(">QI", rest[4 + length : 16 + length])
        data = rest[16 + length :]
        if rest[4:5] == _COMPANION:
            _put(self.companion, offset, data)
            return _status(number, 0)
        span = range(offset, offset + count)
        cut = self.cut_at in span or self.cut_behind in span
        if self.cut_at is not None and self.cut_at in span:
            data = data[: self.cut_at - offset]
        if self.keeps and self.content is not None:
            _put(self.content, offset, data)
        if cut:
            self.cut_at = self.cut_behind = None
            raise _CutOffError
        return _status(number, 0)


class _CutOffError(Exception):
    """The connection ends here, without an answer."""


def _handle_of(opened: bytes) -> bytes:
    (length,) = struct.unpack(">I", opened[:4])
    return _COMPANION if b".sha256" in opened[4 : 4 + length] else _FILE


def _flags_of(opened: bytes) -> int:
    (length,) = struct.unpack(">I", opened[:4])
    flags: int = struct.unpack(">I", opened[4 + length : 8 + length])[0]
    return flags


def _put(file: bytearray, offset: int, data: bytes) -> None:
    file.extend(bytes(max(0, offset + len(data) - len(file))))
    file[offset : offset + len(data)] = data


class _Anybody(paramiko.ServerInterface):
    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.common.AUTH_SUCCESSFUL

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return OPEN_SUCCEEDED


class _Subsystem(paramiko.server.SubsystemHandler):
    def __init__(
        self, channel: paramiko.Channel, name: str, server: paramiko.ServerInterface, liar: LyingSftp
    ) -> None:
        super().__init__(channel, name, server)
        self._liar = liar

    def start_subsystem(self, name: str, transport: paramiko.Transport, channel: Any) -> None:
        try:
            while True:
                (length,) = struct.unpack(">I", _exactly(channel, 4))
                packet = _exactly(channel, length)
                if packet[0] == 1:
                    answer = bytes([2]) + struct.pack(">I", 3)
                else:
                    answer = self._liar.answer(packet[0], packet[1:])
                channel.sendall(struct.pack(">I", len(answer)) + answer)
                if packet[0] == _READ and self._liar.floods:
                    channel.out_window_size = 1 << 40
                    while True:
                        channel.sendall(bytes(1 << 20))
        except (EOFError, OSError):
            return
        except _CutOffError:
            transport.close()


def _exactly(channel: paramiko.Channel, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = channel.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _status(number: bytes, code: int) -> bytes:
    return bytes([_STATUS]) + number + struct.pack(">I", code) + bytes(8)
