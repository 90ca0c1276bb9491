"""Who wrote a segment, when, and how many lines it has: one streaming pass, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from app.logs.binary import is_binary
from app.logs.encodings import HEAD, Encoding, sniff_encoding
from app.logs.headers import read_header
from app.logs.names import application_of, parse_name
from app.logs.packed import open_packed, texts_in
from app.logs.scanned import ClockScan
from app.logs.witness import Witness

_BLOCK = 1 << 20
_LINE_HEAD = 512


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


def describe(stream: BinaryIO, *, file_name: str, scan: ClockScan | None = None) -> SegmentDescription:
    """Describe the segment in `stream`, which is read from where it stands to its end.

    Args:
        stream: opened for bytes; need not be seekable.
        file_name: with or without folders.
        scan: reads clocks quickly; expressions do where there is none.
    """
    head = stream.read(HEAD)
    encoding = sniff_encoding(head)
    name = parse_name(file_name)
    header = read_header(_plain(head[len(encoding.bom) :], encoding))
    witness = Witness(header, name.started, scan)
    body = head[len(encoding.bom) :]
    lines = _wide(stream, body, encoding, witness) if encoding.wide else _narrow(stream, body, witness)
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


def describe_packed(stream: BinaryIO, *, file_name: str, scan: ClockScan | None = None) -> SegmentDescription:
    """Describe a segment by what is inside, when it is packed (`app.logs.open_packed`), or as it stands.

    An archive of several segments covers the time from the first to the last of them; application and host
    are those of the first that says them. What is binary in it is passed over.

    Args:
        stream: seekable; read from its first byte.
        file_name: with or without folders.
        scan: as of `describe`.

    Raises:
        PackedError: it cannot be opened.
    """
    packed = open_packed(stream)
    if packed is None:
        stream.seek(0)
        return describe(stream, file_name=file_name, scan=scan)
    found: SegmentDescription | None = None
    for name, text in texts_in(packed):
        text.seek(0)
        if is_binary(text.read(HEAD)):
            continue
        text.seek(0)
        one = describe(text, file_name=name or file_name, scan=scan)
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


def _plain(data: bytes, encoding: Encoding) -> bytes:
    if not encoding.wide:
        return data
    return data.decode(encoding.name, "replace").encode("utf-8", "replace")


def _narrow(stream: BinaryIO, head: bytes, witness: Witness) -> int:
    """Show the witness whole lines, a block of them at a time; how many there are."""
    lines = 0
    begun = b""  # of a line; only its head is looked at
    block = head
    while block:
        feed, end = block.find(b"\n"), block.rfind(b"\n") + 1
        begun = (begun + block[: feed if end else _LINE_HEAD])[:_LINE_HEAD]
        if end:
            witness.see(begun)
            witness.see_lines(block, feed, end)
            lines += block.count(b"\n")
            begun = block[end : end + _LINE_HEAD]
        block = stream.read(_BLOCK)
    witness.see(begun)
    return lines + bool(begun)


def _wide(stream: BinaryIO, head: bytes, encoding: Encoding, witness: Witness) -> int:
    lines = 0
    for line, ended in _wide_lines(stream, head, encoding):
        witness.see(line)
        lines += 1 if ended or line else 0
    return lines


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
