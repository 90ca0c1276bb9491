"""The header a segment starts with: the best witness of who wrote it and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from app.logs.stamps import FIRST_YEAR, LAST_YEAR

_FIELD = re.compile(rb"^\s?\*?\s{0,8}([A-Z][A-Za-z ()]{2,30}?)\s?:\s{1,40}(\S[^\r\n]{0,1023})", re.MULTILINE)
_COUNTED = re.compile(rb"^\((\d{1,6})\)")
_RUNNING = re.compile(rb"^(\d{1,5}):(\d\d):(\d\d):(\d\d)(?:\.(\d{1,3}))?")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says; empty or None where it says nothing.

    Attributes:
        local: local time at which the segment was opened, without a zone.
        zone: offset of local time from UTC, worked out from local time, start (UTC) and running time.
        started: when the application was started, aware.
        number: of the segment, counted since then.
        version: of the application.
    """

    application: str = ""
    host: str = ""
    local: datetime | None = None
    zone: timezone | None = None
    started: datetime | None = None
    number: int | None = None
    version: str = ""


def read_header(head: bytes) -> Header:
    """Read the header from the first lines of a file (bytes in UTF-8 or an 8-bit encoding)."""
    fields: dict[bytes, bytes] = {}
    for match in _FIELD.finditer(head[:16_384]):
        fields.setdefault(match[1].lower(), match[2].strip())
    local = _iso(fields.get(b"local time", b""))
    return Header(
        application=_word(fields.get(b"application name", b"")),
        host=_word(fields.get(b"host name", b"")),
        local=local,
        zone=_zone(local, fields),
        started=_started(fields),
        number=_number(fields.get(b"file", b"")),
        version=_word(fields.get(b"version", b"") or fields.get(b"application version", b"")),
    )


def _word(value: bytes) -> str:
    return value.split(b" ")[0].strip(b"'\",").decode("utf-8", "replace") if value else ""


def _iso(value: bytes) -> datetime | None:
    try:
        found = datetime.fromisoformat(value[:23].decode("ascii"))
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _started(fields: dict[bytes, bytes]) -> datetime | None:
    started = _iso(fields.get(b"start time (utc)", b""))
    return None if started is None or started.tzinfo else started.replace(tzinfo=UTC)


def _number(value: bytes) -> int | None:
    match = _COUNTED.match(value)
    return int(match[1]) if match else None


def _zone(local: datetime | None, fields: dict[bytes, bytes]) -> timezone | None:
    started = _iso(fields.get(b"start time (utc)", b""))
    if local is None or started is None or local.tzinfo or started.tzinfo:
        return None
    running = _RUNNING.match(fields.get(b"running time", b"0:00:00:00"))
    if not running:
        return None
    days, hours, minutes, seconds = (int(running[i]) for i in range(1, 5))
    now = started + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    quarters = round((local - now) / timedelta(minutes=15))
    offset = quarters * timedelta(minutes=15)
    return timezone(offset) if abs(offset) < timedelta(hours=24) else None
