"""Who wrote a segment, when, and how many lines it has: one streaming pass, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import BinaryIO

from app.logs.binary import is_binary
from app.logs.encodings import HEAD, Encoding, sniff_encoding
from app.logs.headers import Header, read_header
from app.logs.names import application_of, parse_name
from app.logs.packed import open_packed, texts_in
from app.logs.stamps import check_point_of, clock_of, moment_of

_BLOCK = 1 << 20
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SegmentDescription:
    """What a segment says of itself.

    Attributes:
        application: from its header, else from its name; empty when neither says it.
        host: from its header; empty when it does not say it. In a masked segment it is the token.
        encoding: name of the encoding (see `app.logs.Encoding`).
        first, last: time of the first and last stamped line, always aware; None when no line is stamped with
            a time whose date is known.
        lines: line feeds, plus one when the last line has none.
        zone_known: False when neither header nor stamps tell the zone; the times are then local times
            written as if they were UTC.
    """

    application: str
    host: str
    encoding: str
    first: datetime | None
    last: datetime | None
    lines: int
    zone_known: bool = True


def describe(stream: BinaryIO, *, file_name: str) -> SegmentDescription:
    """Describe the segment in `stream`, which is read from where it stands to its end.

    Args:
        stream: opened for bytes; need not be seekable.
        file_name: with or without folders.
    """
    head = stream.read(HEAD)
    encoding = sniff_encoding(head)
    name = parse_name(file_name)
    header = read_header(_plain(head[len(encoding.bom) :], encoding))
    witness = _Witness(header, name.started)
    lines = 0
    for line, ended in _lines(stream, head[len(encoding.bom) :], encoding):
        lines += 1
        witness.see(line)
        if not ended and not line:
            lines -= 1
    first, last, known = witness.verdict()
    return SegmentDescription(
        application=header.application or application_of(file_name),
        host=header.host,
        encoding=encoding.name,
        first=first,
        last=last,
        lines=lines,
        zone_known=known,
    )


def describe_packed(stream: BinaryIO, *, file_name: str) -> SegmentDescription:
    """Describe a segment by what is inside, when it is packed (`app.logs.open_packed`), or as it stands.

    An archive of several segments covers the time from the first to the last of them; application and host
    are those of the first that says them. What is binary in it is passed over.

    Args:
        stream: seekable; read from its first byte.
        file_name: with or without folders.

    Raises:
        PackedError: it cannot be opened.
    """
    packed = open_packed(stream)
    if packed is None:
        stream.seek(0)
        return describe(stream, file_name=file_name)
    found: SegmentDescription | None = None
    for name, text in texts_in(packed):
        text.seek(0)
        if is_binary(text.read(HEAD)):
            continue
        text.seek(0)
        one = describe(text, file_name=name or file_name)
        found = one if found is None else _together(found, one)
    if found is None:
        return SegmentDescription(application_of(file_name), "", "", None, None, 0)
    return found


def _together(one: SegmentDescription, other: SegmentDescription) -> SegmentDescription:
    firsts = [moment for moment in (one.first, other.first) if moment is not None]
    lasts = [moment for moment in (one.last, other.last) if moment is not None]
    return SegmentDescription(
        application=one.application or other.application,
        host=one.host or other.host,
        encoding=one.encoding if one.encoding == other.encoding else "",
        first=min(firsts, default=None),
        last=max(lasts, default=None),
        lines=one.lines + other.lines,
        zone_known=one.zone_known and other.zone_known,
    )


@dataclass(slots=True)
class _Witness:
    """Follows the stamps of a segment, line by line.

    Clocks without a date count days since the first of them; a check point, the header or the file name then
    tells which day that was.
    """

    header: Header
    named: datetime | None
    year: int | None = None
    first: datetime | timedelta | None = None
    last: datetime | timedelta | None = None
    _before: timedelta | None = None
    _days: int = 0
    _day_zero: datetime | None = field(default=None)

    def __post_init__(self) -> None:
        known = self.header.local or self.named
        self.year = known.year if known else None

    def see(self, line: bytes) -> None:
        """Take one more line into account."""
        if line[2:3] == b":" or line[:1] == b"@":
            self._see_clock(line)
            return
        if line[:1] in b" \t\r":
            return
        moment = moment_of(line[:160], year=self.year)
        if moment is not None:
            self._keep(moment)

    def _see_clock(self, line: bytes) -> None:
        clock = clock_of(line[:24])
        if clock is None:
            return
        if self._before is not None:
            if self._before - clock > _DAY / 2:
                self._days += 1
            elif clock - self._before > _DAY / 2 and self._days:
                self._days -= 1  # a line written late, just after midnight
        self._before = clock
        if self._day_zero is None and b"Check point" in line[:64]:
            point = check_point_of(line)
            if point:
                self._day_zero = _midnight(point) - self._days * _DAY
        self._keep(clock + self._days * _DAY)

    def _keep(self, stamp: datetime | timedelta) -> None:
        if self.first is None:
            self.first = stamp
        self.last = stamp

    def verdict(self) -> tuple[datetime | None, datetime | None, bool]:
        """First and last time, aware, and whether their zone is known."""
        first, last = self._dated(self.first), self._dated(self.last)
        zone: tzinfo = self.header.zone or UTC
        known = self.header.zone is not None or not any(m and m.tzinfo is None for m in (first, last))
        return _aware(first, zone), _aware(last, zone), known

    def _dated(self, stamp: datetime | timedelta | None) -> datetime | None:
        if stamp is None or isinstance(stamp, datetime):
            return stamp
        zero = self._day_zero or self._day_of_opening()
        return zero + stamp if zero else None

    def _day_of_opening(self) -> datetime | None:
        opened = self.header.local or self.named
        if opened is None:
            return None
        zero = _midnight(opened)
        first = self.first
        if isinstance(first, timedelta) and (opened - zero) - first > _DAY / 2:
            return zero + _DAY  # opened before midnight, first line after it
        return zero


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _aware(moment: datetime | None, zone: tzinfo) -> datetime | None:
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=zone)


def _plain(data: bytes, encoding: Encoding) -> bytes:
    if not encoding.wide:
        return data
    return data.decode(encoding.name, "replace").encode("utf-8", "replace")


def _lines(stream: BinaryIO, head: bytes, encoding: Encoding) -> Iterator[tuple[bytes, bool]]:
    """Every line's first bytes (up to a block of them), and whether a line feed ended it."""
    if encoding.wide:
        yield from _wide_lines(stream, head, encoding)
        return
    rest = b""
    block = head
    while block:
        parts = (rest + block).split(b"\n")
        rest = parts.pop()
        for part in parts:
            yield part, True
        if len(rest) > _BLOCK:
            rest = rest[:512]  # only the head of a line is looked at
        block = stream.read(_BLOCK)
    yield rest, False


def _wide_lines(stream: BinaryIO, head: bytes, encoding: Encoding) -> Iterator[tuple[bytes, bool]]:
    feed = "\n".encode(encoding.name)
    rest = b""
    block = head
    while block:
        data = rest + block
        start = 0
        at = data.find(feed)
        while at >= 0:
            if at % 2 == 0:
                yield _plain(data[start:at], encoding), True
                start = at + 2
            at = data.find(feed, at + 1 if at % 2 else at + 2)
        rest = data[start:]
        if len(rest) > 2 * _BLOCK:
            rest = rest[:1024] + (rest[-1:] if len(rest) % 2 else b"")  # parity stays
        block = stream.read(_BLOCK)
    yield _plain(rest, encoding), False
