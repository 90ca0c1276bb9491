"""The sparse time index of a segment: one entry per 64 KB, packed into about nine bytes each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

STRIDE = 65_536
"""Bytes that an entry stands for, as long as the records allow it."""
_QUARTER = 900_000


@dataclass(slots=True)
class TimeEntry:
    """Whole records from `offset` up to the next entry; milliseconds UTC.

    Attributes:
        offset: of the first stamped line.
        least, most: of the stamps in it.
        local: local time of its first stamp, to read on from there.
        zone: quarters of an hour that local time is ahead of UTC there.
    """

    offset: int
    least: int
    most: int
    local: int
    zone: int


def add_entry(entries: list[TimeEntry], entry: TimeEntry, *, stride: int = STRIDE) -> None:
    """Append an entry, or let the last one stand for it while that has far fewer bytes than `stride`."""
    if entries and entry.offset - entries[-1].offset < stride * 3 // 4:
        last = entries[-1]
        last.least, last.most = min(last.least, entry.least), max(last.most, entry.most)
    else:
        entries.append(entry)


def pack_entries(entries: Sequence[TimeEntry]) -> bytes:
    """Entries as bytes: differences to the one before, in as few bytes as they need."""
    out = bytearray()
    before = TimeEntry(0, 0, 0, 0, 0)
    for entry in entries:
        _put(out, entry.offset - before.offset)
        _put(out, _folded(entry.least - before.most))
        _put(out, entry.most - entry.least)
        _put(out, _folded(entry.local - entry.least - entry.zone * _QUARTER))
        _put(out, _folded(entry.zone - before.zone))
        before = entry
    return bytes(out)


def unpack_entries(data: bytes) -> list[TimeEntry]:
    """What `pack_entries` packed."""
    numbers = _numbers(data)
    entries: list[TimeEntry] = []
    offset = most = zone = 0
    for step in numbers:
        offset += step
        least = most + _unfolded(next(numbers))
        most = least + next(numbers)
        beside = _unfolded(next(numbers))
        zone += _unfolded(next(numbers))
        entries.append(TimeEntry(offset, least, most, least + zone * _QUARTER + beside, zone))
    return entries


def first_offset(data: bytes) -> int | None:
    """The offset of the first of packed entries; None when there is none."""
    return next(_numbers(data), None)


def pack_counts(counts: Sequence[int]) -> bytes:
    """Numbers from 0 as bytes."""
    out = bytearray()
    for count in counts:
        _put(out, count)
    return bytes(out)


def unpack_counts(data: bytes) -> list[int]:
    """What `pack_counts` packed."""
    return list(_numbers(data))


def _put(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _numbers(data: bytes) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        if byte & 0x80:
            shift += 7
        else:
            yield number
            number = shift = 0


def _folded(number: int) -> int:
    return number << 1 if number >= 0 else (-number << 1) - 1


def _unfolded(number: int) -> int:
    return number >> 1 if not number & 1 else -((number + 1) >> 1)
