"""Python without its collector of circles: what nobody knows any more goes at once, or is found here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """In the block only what is in no circle goes."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
