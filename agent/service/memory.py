"""Memory of an agent that rests: what work has used goes back to the system.

The C library of most Linux systems keeps freed memory for itself, and that of every thread apart. Both are
told otherwise here; where there is no such library nothing is done, and nothing is missed.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Callable
from typing import Protocol

_M_ARENA_MAX = -8
_ARENAS = 2
_QUIET = 5.0
"""Seconds without work after which memory is given back."""


class Allocator(Protocol):
    """What is asked of the C library."""

    def mallopt(self, parameter: int, value: int, /) -> int:
        """Set one of its parameters; 0 when it does not know it."""

    def malloc_trim(self, pad: int, /) -> int:
        """Give free memory back but for `pad` bytes; 1 when some was."""


def the_allocator() -> Allocator | None:
    """The C library of this process, where it is one that can be asked; else None."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    known = hasattr(library, "mallopt") and hasattr(library, "malloc_trim")  # musl knows neither
    return library if known else None


def few_arenas(allocator: Allocator | None = None) -> None:
    """Let all threads share a few stores of free memory. To be called before there are threads."""
    allocator = allocator or the_allocator()
    if allocator is not None:
        allocator.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back(allocator: Allocator | None = None) -> None:
    """Give free memory back to the system; takes some milliseconds."""
    gc.collect()
    allocator = allocator or the_allocator()
    if allocator is not None:
        allocator.malloc_trim(0)


class MemoryReturn:
    """Memory is given back once after work, when none has followed for some seconds.

    Args:
        give: gives it back.
        clock: seconds that never go back.
    """

    def __init__(
        self, give: Callable[[], None] = give_back, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._give = give
        self._clock = clock
        self._worked: float | None = clock()  # a start is work

    def worked(self) -> None:
        """Something was done just now. May be called by any thread."""
        self._worked = self._clock()

    def settle(self) -> bool:
        """Give back what is due, and whether anything was. To be called every second or so, by one thread."""
        worked = self._worked
        if worked is None or self._clock() - worked < _QUIET:
            return False
        self._worked = None
        self._give()
        return True
