"""Who else wants to see the lines that the time table reads: they are read once, for all."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.logs import LineBlock, Stamp


@dataclass(frozen=True, slots=True)
class HeardBlock:
    """Whole lines that are read for the first time, or again when progress was lost.

    Attributes:
        lines: they.
        before: time of the last stamp before the block, microseconds UTC; None without one.
        latest: time of its latest line, microseconds UTC; None where a line may have no time.
        first_stamp: offset in the content of its first stamped line; None while there is none.
        first_moment: of that line, milliseconds UTC.
        stamps: every stamped line of the block; costs time, and is asked for only where it is needed.
    """

    lines: LineBlock
    before: int | None
    latest: int | None
    first_stamp: int | None
    first_moment: int | None
    stamps: Callable[[], list[Stamp]]

    def moment_at(self, place: int) -> int | None:
        """When the line at `place` of the block was written; without a stamp, as the one before."""
        stamps = self.stamps()
        at = bisect_right(stamps, place, key=lambda stamp: stamp.place)
        return stamps[at - 1].moment if at else self.before


@dataclass(frozen=True, slots=True)
class HeardSegment:
    """Whose lines they are.

    Attributes:
        application: as the catalogue knows it.
        version: of the application; empty when the header does not tell it.
        head: the first bytes of the content, up to 64 KB.
        dated: whether header, name or a check point date the lines, so that they are always read alike.
    """

    application: str
    version: str
    head: bytes
    dated: bool


class Listener(Protocol):
    """Is told of new lines, one block after the other; what it raises ends the reading, which is repeated."""

    def hear(self, segment: HeardSegment, block: HeardBlock) -> None:
        """Some new lines. Called by one thread at a time."""


def generation_of(segment: HeardSegment, block: HeardBlock) -> str:
    """Names the content of a segment: the same after a restart, a renaming, packing or copying.

    It is made of everything up to and with the first stamped line, which a growing file never changes.
    """
    digest = hashlib.sha256(segment.application.encode("utf-8", "replace") + b"\0")
    end = segment.head.find(b"\n", block.first_stamp or 0)
    digest.update(segment.head[: end + 1] if end >= 0 else segment.head)
    if not segment.dated and block.first_moment is not None:
        digest.update(f"\0{block.first_moment // 86_400_000}".encode("ascii"))
    return digest.hexdigest()[:32]
