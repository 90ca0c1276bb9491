"""Parts: how a file is cut, and how a plan is brought in line with what the peer has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PART_SIZE = 8 * 1024 * 1024
"""Bytes of a part: what a cut can cost, and what is held in memory."""

SMALLEST_PART = 512 * 1024
LARGEST_PART = 4 * PART_SIZE
"""Bytes of a part on a network that loses packets, and on one that is fast."""


class PartState(StrEnum):
    """*planned*: a row; *sent*: bytes may be on the wire; *acked*: the peer said that it has them."""

    PLANNED = "planned"
    SENT = "sent"
    ACKED = "acked"


@dataclass(frozen=True, slots=True, order=True)
class ByteRange:
    """Bytes of a file.

    Attributes:
        start: the first one.
        end: the first one behind them; not before `start`.
    """

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Part:
    """A range of the file.

    Attributes:
        offset: of its first byte.
        length: bytes, at least 1.
        sha256: lower-case hex; empty until it was read for sending.
    """

    offset: int
    length: int
    sha256: str = ""
    state: PartState = PartState.PLANNED

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.offset + self.length


def plan_parts(size: int, *, part_size: int = PART_SIZE, start: int = 0) -> list[Part]:
    """Cut the bytes from `start` to `size`, each byte in exactly one part, in order.

    Raises:
        ValueError: a size is negative, `part_size` below 1, or `start` behind the end.
    """
    if part_size < 1 or not 0 <= start <= size:
        raise ValueError(f"cannot cut {size} bytes from {start} into parts of {part_size}")
    return [
        Part(offset=offset, length=min(part_size, size - offset)) for offset in range(start, size, part_size)
    ]


def acked_prefix(parts: Sequence[Part]) -> list[Part]:
    """The acknowledged parts from the start of the file without a gap."""
    prefix: list[Part] = []
    expected = 0
    for part in parts:
        if part.state is not PartState.ACKED or part.offset != expected:
            break
        prefix.append(part)
        expected = part.end
    return prefix


def realign(parts: Sequence[Part], *, offset: int, size: int, part_size: int = PART_SIZE) -> list[Part]:
    """The plan when the peer has exactly the first `offset` bytes: all before is acked, nothing behind.

    A part that the offset cuts ends there; its digest must be read again, so it is empty.

    Raises:
        ValueError: the offset is not within the file.
    """
    if not 0 <= offset <= size:
        raise ValueError(f"offset {offset} is not within {size} bytes")
    kept: list[Part] = []
    reached = 0
    for part in parts:
        if part.offset != reached or reached >= offset:
            break
        length = min(part.length, offset - part.offset)
        whole = length == part.length
        kept.append(Part(part.offset, length, part.sha256 if whole else "", PartState.ACKED))
        reached = part.offset + length
    kept += [
        Part(part.offset, part.length, "", PartState.ACKED)
        for part in plan_parts(offset, part_size=part_size, start=reached)
    ]
    return kept + plan_parts(size, part_size=part_size, start=offset)
