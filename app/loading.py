"""Loading the parts of a program at its start, and letting go of them at its end.

What is loaded then is what the program is made of: thousands of functions, types and patterns, nearly
none of them garbage. Python would look through all of them time and again, for a fifth of what a start takes,
and once more at the end, when the system takes back all of the memory anyway.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def nothing_is_garbage() -> Iterator[None]:
    """Look for no cycles while the block loads; those few that it leaves are found later, as ever.

    A process that looks for no cycles at all goes on so.
    """
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def end_without_a_look() -> None:
    """At the end of this process look for no cycles: what was to be closed or written is by then."""
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)
