"""Loading the parts of a program at its start.

What is loaded then is what the program is made of: thousands of functions, types and patterns, nearly
none of them garbage. Python would look through all of them time and again, for a fifth of what a start takes.
"""

from __future__ import annotations

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
