"""SFTP version 3 on a channel: paramiko's server with a faster reader, texts for errors, and extensions.

The extensions are ``posix-rename@openssh.com``, ``fsync@openssh.com`` and ``limits@openssh.com``.
Private names of paramiko are overridden; the version is pinned, and the tests with real clients would notice.
"""

from __future__ import annotations

import logging
import struct
from typing import Any

from paramiko import Channel, Message, SFTPServer, Transport
from paramiko.sftp import (
    CMD_CLOSE,
    CMD_EXTENDED,
    CMD_EXTENDED_REPLY,
    CMD_INIT,
    CMD_VERSION,
    SFTP_BAD_MESSAGE,
    SFTP_FAILURE,
    SFTP_OP_UNSUPPORTED,
    SFTPError,
    int64,
)

from app.domain.errors import LocalError
from app.sandbox.sftp.handles import LONGEST_READ, OpenFile, Status
from app.sandbox.sftp.session import MOST_HANDLES, CaseSession

_log = logging.getLogger("app.sandbox.sftp")
_VERSION = 3
_LONGEST_PACKET = 256 * 1024 + 1024
_EXTENSIONS = (("posix-rename@openssh.com", "1"), ("fsync@openssh.com", "1"), ("limits@openssh.com", "1"))


class CaseSftp(SFTPServer):
    """The subsystem ``sftp`` of one channel; runs in a thread of its own."""

    server: CaseSession

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._buffer = b""
        self._at = 0

    def start_subsystem(self, name: str, transport: Transport, channel: Channel) -> None:
        """Serve until the channel ends."""
        # A write waits at most this long for a client that reads no answers.
        channel.settimeout(None)
        super().start_subsystem(name, transport, channel)

    def finish_subsystem(self) -> None:
        """The channel ended: what is still open is not complete."""
        self.server.abandon()
        super().finish_subsystem()

    def _send_server_version(self) -> int:
        kind, data = self._read_packet()
        if kind != CMD_INIT:
            raise SFTPError("the client did not begin with INIT")
        message = Message()
        message.add_int(_VERSION)
        for name, version in _EXTENSIONS:
            message.add_string(name)
            message.add_string(version)
        self._send_packet(CMD_VERSION, message)  # type: ignore[attr-defined]
        return int(struct.unpack(">I", data[:4])[0])

    def _read_packet(self) -> tuple[int, bytes]:
        """One request; takes all the channel has at once, where paramiko would move its window each time."""
        size = struct.unpack(">I", self._take(4))[0]
        if not 0 < size <= _LONGEST_PACKET:
            raise SFTPError("a request is empty or too long")
        body = self._take(size)
        return body[0], body[1:]

    def _take(self, count: int) -> bytes:
        if self.sock is None:
            raise EOFError
        left = len(self._buffer) - self._at
        if left < count:
            pieces, self._buffer = [self._buffer[self._at :]], b""
            while left < count:
                piece = self.sock.recv(1 << 20)
                if not piece:
                    raise EOFError
                pieces.append(piece)
                left += len(piece)
            self._buffer, self._at = b"".join(pieces), 0
        start = self._at
        self._at += count
        return self._buffer[start : self._at]

    def _send_status(self, request_number: int, code: int, desc: str | None = None) -> None:
        text = code.text if isinstance(code, Status) else desc
        super()._send_status(request_number, int(code), text)  # type: ignore[misc]

    def _process(self, kind: int, request_number: int, message: Message) -> None:
        try:
            if kind == CMD_CLOSE and self._close(request_number, message):
                return
            if kind == CMD_EXTENDED:
                self._extended(request_number, message)
                return
            super()._process(kind, request_number, message)  # type: ignore[misc]
        except LocalError as error:
            _log.warning("a request failed: %s", error.code)
            self._send_status(request_number, SFTP_FAILURE, "The portal cannot read or write its state now")
        except (EOFError, OSError):
            raise
        except Exception:
            _log.exception("a request failed")
            raise

    def _close(self, request_number: int, message: Message) -> bool:
        """Close a file and say whether its bytes are on the disk; False when it is none of our files."""
        handle = message.get_binary()
        found = self.file_table.get(handle)
        if not isinstance(found, OpenFile):
            message.rewind()
            message.get_int()
            return False
        del self.file_table[handle]
        self._send_status(request_number, found.finish())
        return True

    def _extended(self, request_number: int, message: Message) -> None:
        name = message.get_text()
        if name == "posix-rename@openssh.com":
            old, new = message.get_text(), message.get_text()
            self._send_status(request_number, self.server.posix_rename(old, new))
        elif name == "fsync@openssh.com":
            found = self.file_table.get(message.get_binary())
            status = found.sync() if isinstance(found, OpenFile) else SFTP_BAD_MESSAGE
            self._send_status(request_number, status)
        elif name == "limits@openssh.com":
            limits = [
                int64(count) for count in (_LONGEST_PACKET - 1024, LONGEST_READ, LONGEST_READ, MOST_HANDLES)
            ]
            self._response(request_number, CMD_EXTENDED_REPLY, *limits)  # type: ignore[attr-defined]
        else:
            self._send_status(request_number, SFTP_OP_UNSUPPORTED)
