"""How the closed segments that a rule sends are cut into jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agent.catalogue import Segment

MOST_FILES = 50
MOST_BYTES = 1024 * 1024 * 1024


def in_portions(
    segments: Sequence[Segment], *, files: int = MOST_FILES, size: int = MOST_BYTES
) -> Iterator[list[Segment]]:
    """Cut into jobs of at most so many files and bytes (a single larger file is a job of its own)."""
    portion: list[Segment] = []
    total = 0
    for segment in segments:
        if portion and (len(portion) >= files or total + segment.size > size):
            yield portion
            portion, total = [], 0
        portion.append(segment)
        total += segment.size
    if portion:
        yield portion
