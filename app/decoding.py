"""Types that documents are read as, met for the first time by one thread alone.

msgspec 0.22 keeps what it knows of a dataclass on the class, and puts it there before it is complete: another
thread that reads the same type for the first time at that moment crashes the process. Every type goes through
`ready` on its way to msgspec.
"""

from __future__ import annotations

import threading
from typing import TypeVar

T = TypeVar("T")

_first_time = threading.Lock()
_met: set[object] = set()


def ready(kind: T) -> T:
    """The same type, once everything in it is known to msgspec; from any thread.

    Args:
        kind: what is given to ``msgspec.json.decode``, ``convert`` or a ``Decoder`` as the type.
    """
    if kind not in _met:
        import msgspec  # who decodes has loaded it; who decodes nothing need not

        with _first_time:
            msgspec.json.Decoder(kind)
            _met.add(kind)
    return kind
