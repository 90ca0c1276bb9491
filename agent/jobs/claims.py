"""How the closed segments that a rule sends are cut into jobs. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from agent.catalogue import Segment

T = TypeVar("T")

MOST_FILES = 50
MOST_BYTES = 1024 * 1024 * 1024


def in_portions(
    segments: Sequence[Segment], *, files: int = MOST_FILES, size: int = MOST_BYTES
) -> Iterator[list[Segment]]:
    """Cut into jobs of at most so many files and bytes (a single larger file is a job of its own)."""
    return in_portions_of(segments, size=lambda segment: segment.size, files=files, most=size)


def in_portions_of(
    items: Sequence[T], *, size: Callable[[T], int], files: int = MOST_FILES, most: int = MOST_BYTES
) -> Iterator[list[T]]:
    """The same for whatever has a size in bytes."""
    portion: list[T] = []
    total = 0
    for item in items:
        if portion and (len(portion) >= files or total + size(item) > most):
            yield portion
            portion, total = [], 0
        portion.append(item)
        total += size(item)
    if portion:
        yield portion
