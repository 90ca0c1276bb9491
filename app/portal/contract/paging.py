"""Lists: a window of rows and the cursor to the next one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: the rows, in the order asked for.
        next_cursor: opaque; None at the end of the list.
        total: how many rows match the filter in all.
    """

    items: list[T]
    next_cursor: str | None
    total: int
