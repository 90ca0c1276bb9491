"""SFTP version 3 as bytes: requests out, answers in. Pure.

Every length that a server names is compared with what there is before anything is taken by it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import Final

VERSION: Final = 3
LONGEST_NAME: Final = 4096
LONGEST_ANSWER: Final = 256 * 1024
"""Bytes of an answer that is no data; a listing comes in several."""

DATA_HEAD: Final = 9
"""Bytes of a data answer before the data: kind, number of the request, length."""


class Kind(IntEnum):
    """Packets of the protocol."""

    INIT = 1
    VERSION = 2
    OPEN = 3
    CLOSE = 4
    READ = 5
    WRITE = 6
    FSTAT = 8
    FSETSTAT = 10
    REMOVE = 13
    REALPATH = 16
    STAT = 17
    RENAME = 18
    STATUS = 101
    HANDLE = 102
    DATA = 103
    NAME = 104
    ATTRS = 105
    EXTENDED = 200
    EXTENDED_REPLY = 201


class Code(IntEnum):
    """Statuses of version 3."""

    OK = 0
    EOF = 1
    NO_SUCH_FILE = 2
    PERMISSION_DENIED = 3
    FAILURE = 4
    BAD_MESSAGE = 5
    NO_CONNECTION = 6
    CONNECTION_LOST = 7
    OP_UNSUPPORTED = 8


class Mode(IntFlag):
    """How a file is opened."""

    READ = 1
    WRITE = 2
    CREATE = 8
    TRUNCATE = 16
    EXCLUSIVE = 32


class Malformed(Exception):
    """The server sent what is no SFTP, or is more than was asked for."""


class StatusError(Exception):
    """A status that is not OK. The server's own text is not kept: it may name files.

    Attributes:
        code: a `Code`, or a number of a later version.
    """

    def __init__(self, code: int) -> None:
        super().__init__(f"SFTP status {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Attributes:
    """What a server says of a file; None where it does not.

    Attributes:
        modified: seconds since 1970.
    """

    size: int | None = None
    mode: int | None = None
    modified: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server takes at once (``limits@openssh.com``), in bytes; 0 where it does not say."""

    packet: int = 0
    read: int = 0
    write: int = 0
    handles: int = 0


def number(value: int) -> bytes:
    """``uint32``."""
    return struct.pack(">I", value)


def long_number(value: int) -> bytes:
    """``uint64``."""
    return struct.pack(">Q", value)


def string(value: bytes | str) -> bytes:
    """``string``; text is UTF-8."""
    raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return struct.pack(">I", len(raw)) + raw


def request(kind: Kind, request_number: int, *fields: bytes) -> bytes:
    """A whole packet."""
    body = b"".join(fields)
    return struct.pack(">IBI", 5 + len(body), kind, request_number) + body


def write_head(request_number: int, handle: bytes, offset: int, count: int) -> bytes:
    """The beginning of a write; `count` bytes of data follow."""
    body = string(handle) + struct.pack(">QI", offset, count)
    return struct.pack(">IBI", 5 + len(body) + count, Kind.WRITE, request_number) + body


def read_request(request_number: int, handle: bytes, offset: int, count: int) -> bytes:
    """A read."""
    return request(Kind.READ, request_number, string(handle), struct.pack(">QI", offset, count))


class Fields:
    """The fields of an answer, taken one by one.

    Every method raises `Malformed` when the answer is too short.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not taken yet."""
        return len(self._raw) - self._at

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if count > self.left:
            raise Malformed("an answer is shorter than it says")
        self._at += count
        return self._raw[self._at - count : self._at]

    def number(self) -> int:
        """``uint32``."""
        return int.from_bytes(self.take(4), "big")

    def long_number(self) -> int:
        """``uint64``."""
        return int.from_bytes(self.take(8), "big")

    def string(self) -> bytes:
        """``string``."""
        return self.take(self.number())

    def attributes(self) -> Attributes:
        """``ATTRS``."""
        flags = self.number()
        size = self.long_number() if flags & 1 else None
        if flags & 2:
            self.take(8)
        mode = self.number() if flags & 4 else None
        modified = None
        if flags & 8:
            self.take(4)
            modified = self.number()
        if flags & 0x8000_0000:
            for _ in range(self.number()):
                self.string()
                self.string()
        return Attributes(size=size, mode=mode, modified=modified)
