"""Parts: what is known of a file's bytes, and how that is brought in line with what the peer has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from app.transfer.ranges import ByteRange, RangeSet

PART_SIZE = 8 * 1024 * 1024
"""Bytes of a part: what a cut can cost, and what is held in memory."""

SMALLEST_PART = 512 * 1024
LARGEST_PART = 4 * PART_SIZE
"""Bytes of a part on a network that loses packets, and on one that is fast."""


class PartState(StrEnum):
    """*planned*: not read yet; *sent*: bytes may be on the wire; *acked*: the peer said that it has them."""

    PLANNED = "planned"
    SENT = "sent"
    ACKED = "acked"


@dataclass(frozen=True, slots=True)
class Part:
    """A range of the file.

    Attributes:
        offset: of its first byte.
        length: bytes, at least 1.
        sha256: lower-case hex; empty until it was read for sending.
        upto: the same of the file from its start to the end of the part. Where parts go out in order and the
            peer proves the whole, it stands in place of `sha256`: it says as much, and costs nothing.
        crc32: of the bytes that are in memory, where they are sent with it; None when nobody has computed it.
    """

    offset: int
    length: int
    sha256: str = ""
    state: PartState = PartState.PLANNED
    upto: str = ""
    crc32: int | None = field(default=None, compare=False)

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.length


def acked_parts(parts: Iterable[Part]) -> list[Part]:
    """Those that the peer acknowledged."""
    return [part for part in parts if part.state is PartState.ACKED]


def all_acked(parts: Iterable[Part], *, size: int) -> list[Part]:
    """The parts when the peer has the whole file: what was in none of them is, in pieces that fit memory."""
    known = [replace(part, state=PartState.ACKED) for part in parts]
    missing = RangeSet([ByteRange(0, size)] if size else [])
    for part in known:
        missing.remove(part.offset, part.end)
    others = [
        Part(start, min(LARGEST_PART, gap.end - start), state=PartState.ACKED)
        for gap in missing
        for start in range(gap.start, gap.end, LARGEST_PART)
    ]
    return sorted(known + others, key=lambda part: part.offset)


def reconcile(
    parts: Sequence[Part],
    have: Sequence[ByteRange],
    *,
    size: int,
    split: Callable[[Part, int], tuple[Part, Part]],
) -> list[Part]:
    """The parts when the peer has exactly the bytes in `have`: acked within, sent but not acked outside.

    Borders and digests of what was read once are kept, so that a second reading of the same bytes is compared
    with the first. Bytes that the peer has and the journal does not know are acked without a digest.

    Args:
        parts: from the journal: in order, not overlapping.
        have: in order, not touching.
        size: bytes of the file.
        split: cuts a part at a byte of the file within it, both halves with digests of their own.

    Raises:
        ValueError: a range is not within the file.
    """
    there = RangeSet(have)
    if any(not 0 <= each.start < each.end <= size for each in have):
        raise ValueError(f"the peer's ranges are not within {size} bytes")
    kept: list[Part] = []
    pending = list(reversed(parts))
    while pending:
        part = pending.pop()
        first = there.end_of(part.offset)
        if first >= part.end:
            kept.append(replace(part, state=PartState.ACKED))
        elif first > part.offset:
            head, tail = split(part, first)
            pending += [tail, head]
        elif (border := there.next_start(part.offset, limit=part.end)) < part.end:
            head, tail = split(part, border)
            pending += [tail, head]
        else:
            kept.append(replace(part, state=PartState.SENT))
    for known in kept:
        there.remove(known.offset, known.end)
    kept += [Part(each.start, each.length, "", PartState.ACKED) for each in there]
    return sorted(kept, key=lambda part: part.offset)
