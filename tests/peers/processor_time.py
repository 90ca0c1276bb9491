"""Limits of processor time that a machine with much else to do does not break."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

_TRIES = 12


def seconds_of(call: Callable[[], object]) -> float:
    """Processor seconds of this thread; other threads and the clock do not count."""
    started = thread_time()
    call()
    return thread_time() - started


def kept(limit: Callable[[], bool]) -> bool:
    """Whether a limit is kept in one of a dozen tries.

    A shared processor and its caches make any code slower at times, and never faster than it is: one try that
    keeps the limit proves it, and code that is too slow keeps it in none.
    """
    return any(limit() for _ in range(_TRIES))
