"""The ids that a call is known by, and which of them stand together in one record.

An id is whole: what is beside it is neither a letter nor a digit nor a dash. Links are made by key words
only: a number that merely has the shape of a connection id may be anything.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class IdKind(StrEnum):
    """What an id names."""

    CONNECTION = "connection"
    CALL = "call"
    SIP = "sip"
    SESSION = "session"
    MEDIA = "media"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, order=True)
class CallId:
    """An id with its kind."""

    value: str
    kind: IdKind


_KEYED: tuple[tuple[IdKind, re.Pattern[bytes]], ...] = (
    (
        IdKind.CONNECTION,
        re.compile(rb"ConnI[Dd](?: \[\w{1,12}\])?[^0-9A-Za-z\r\n]{1,12}([0-9a-fA-F]{16})(?![\w-])"),
    ),
    (
        IdKind.CONNECTION,
        re.compile(rb"""(?i)conn(?:ection)?[_-]?id["']?\s?[:=]\s?["']?([0-9a-f]{16})(?![0-9a-z-])"""),
    ),
    (IdKind.CONNECTION, re.compile(rb"_[A-Z]_[A-Z]_([0-9a-f]{16})(?![0-9A-Za-z-])")),
    (IdKind.CALL, re.compile(rb"CallUUID(?: \[\w{1,12}\])?[^0-9A-Za-z\r\n]{1,12}([0-9A-Z]{32})(?![\w-])")),
    (IdKind.CALL, re.compile(rb"""(?i)call_?uuid["']?\s?[:=]\s?["']?([0-9A-Z]{32})(?![0-9A-Z-])""")),
    (IdKind.SIP, re.compile(rb"""(?mi)^(?:Call-ID|i)[ \t]?:[ \t]*([^\s<>"';,]{6,160})""")),
    (IdKind.SESSION, re.compile(rb"""\bsid=["']([0-9A-Za-z~-]{16,64})["']""")),
    (IdKind.SESSION, re.compile(rb"""(?i)\bsession[_-]?id["']?\s?[:=]\s?["']?([0-9A-Z~-]{16,64})""")),
    (IdKind.MEDIA, re.compile(rb"(?i)GVP-Session-ID[^0-9A-Z\r\n]{1,4}([0-9A-F]{8}-[0-9A-F]{8})(?![0-9A-Z])")),
    (
        IdKind.MEDIA,
        re.compile(rb" \d{5} (?:INFO|WARN|ERROR|DEBUG|CRIT\w*|NOTE) ([0-9A-F]{8}-[0-9A-F]{8})(?![0-9A-Z-])"),
    ),
)
_SHAPES = (
    (IdKind.CONNECTION, re.compile(r"\A[0-9a-fA-F]{16}\Z")),
    (IdKind.CALL, re.compile(r"\A[0-9A-Z]{32}\Z")),
    (IdKind.MEDIA, re.compile(r"\A[0-9A-F]{8}-[0-9A-F]{8}\Z")),
    (IdKind.SIP, re.compile(r"\A\S{1,120}@\S{1,120}\Z")),
)
_SHORTEST = 14
_TOKEN = re.compile(rb"(?<![0-9A-Za-z-])[0-9A-Za-z-]{14,64}(?![0-9A-Za-z-])")
_BESIDE = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-")
_DIGITS = re.compile(rb"\d.*\d")


def linked_ids(record: bytes) -> frozenset[CallId]:
    """The ids that a record ties together: those behind a key word; ids of zeros only name nothing."""
    found = set()
    for kind, pattern in _KEYED:
        for value in pattern.findall(record):
            if value.strip(b"0-"):
                found.add(CallId(value.decode("ascii", "replace"), kind))
    return frozenset(found)


def kind_of_id(value: str) -> IdKind:
    """What an id names, as its shape tells."""
    return next((kind for kind, shape in _SHAPES if shape.match(value)), IdKind.UNKNOWN)


def is_whole(data: bytes, start: int, end: int) -> bool:
    """Whether ``data[start:end]`` is an id by itself and not a part of a longer one."""
    before = start > 0 and data[start - 1] in _BESIDE and data[start] in _BESIDE
    return not before and not (end < len(data) and data[end] in _BESIDE and data[end - 1] in _BESIDE)


def id_marks(data: bytes) -> set[int]:
    """A number of 32 bits for every word in `data` that may be an id or the longest part of one."""
    return {zlib.crc32(token) for token in set(_TOKEN.findall(data)) if _DIGITS.search(token)}


def mark_of(value: str) -> int | None:
    """The number that is among the `id_marks` of every text with this id; None when there need not be one."""
    tokens: Iterable[bytes] = (t for t in _TOKEN.findall(value.encode()) if _DIGITS.search(t))
    longest = max(tokens, key=len, default=b"")
    return zlib.crc32(longest) if len(longest) >= _SHORTEST else None
