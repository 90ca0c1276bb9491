"""Which range of a segment a job is about, and the name of what it sends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO

from agent.jobs.rows import SegmentMark
from app.logs import plain_block, sniff_encoding
from app.logs.encodings import HEAD
from app.logs.lines import last_feed
from app.logs.stamps import clock_of, moment_of
from app.transfer import idempotency_key

LONGEST_HEADER = 16_384
_LOOK_BACK = 1 << 20


@dataclass(frozen=True, slots=True)
class SegmentRange:
    """Bytes of one generation.

    Attributes:
        generation: see `agent.jobs.rows.SegmentMark`.
        start, end: first byte, and the one behind the last.
        sha256: of what is sent of it: ids of files are used again, digests are not.
    """

    generation: str
    start: int
    end: int
    sha256: str


def collection_key(
    case: str, ranges: Iterable[SegmentRange], *, rule_set: str, key_id: str, own: str = ""
) -> str:
    """The idempotency key of a collection: what is sent, masked by what, to which case. Pure.

    The order of the ranges does not matter.

    Args:
        case: its number.
        ranges: of all files that are sent.
        rule_set: digest of the masking rules.
        key_id: names the pseudonym key.
        own: what makes the same files another collection: the rule, or the job of a person, who may send the
            same files twice on purpose.
    """
    words = sorted(f"{each.generation}:{each.start}-{each.end}:{each.sha256}" for each in ranges)
    return idempotency_key(case, own, rule_set, key_id, *words)


def beginning_of(
    candidates: Iterable[SegmentMark], *, begins_with: Callable[[SegmentMark], bool]
) -> SegmentMark | None:
    """The longest beginning of a segment that was taken up before; None when nothing of it was.

    Args:
        candidates: the longest first.
        begins_with: whether the segment begins with the very bytes that were taken up.
    """
    return next((mark for mark in candidates if begins_with(mark)), None)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a segment is sent: its first `header` bytes and everything from `start` on; 0 and 0 is all."""

    header: int = 0
    start: int = 0


def part_behind(stream: BinaryIO, *, taken: int) -> Part:
    """The part to send when the first `taken` bytes were taken up before.

    It begins with a whole line: one that was taken up unfinished is sent again, as masking needs all of it.
    Where no line ends in the last mebibyte before, everything is sent.

    Args:
        stream: the segment; seekable.
        taken: bytes, 0 or more.

    Raises:
        OSError: it cannot be read.
    """
    if taken <= 0:
        return Part()
    stream.seek(0)
    head = stream.read(HEAD)
    encoding = sniff_encoding(head)
    begin = max(0, taken - _LOOK_BACK) // 2 * 2
    stream.seek(begin)
    start = last_feed(stream.read(taken - begin), encoding)
    if not start:
        return Part()
    start += begin
    header = _header_of(head)
    return Part(header=header, start=start) if header < start else Part()


def _header_of(head: bytes) -> int:
    """Bytes before the first stamped line; 0 when there is none, or too much before it."""
    encoding = sniff_encoding(head)
    mark = len(encoding.bom)
    block = plain_block(mark, head[mark : mark + last_feed(head[mark:], encoding)], encoding)
    place = 0
    for line in block.plain.splitlines(keepends=True):
        if clock_of(line) is not None or moment_of(line.rstrip(b"\r\n")) is not None:
            header = block.offsets([place])[0] if place else 0
            return header if header <= LONGEST_HEADER else 0
        place += len(line)
    return 0
