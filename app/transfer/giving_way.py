"""Whose turn it is on a processor: what leaves now comes before what is read for later."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

_LATER = 5
"""Steps of priority: whoever wakes goes first, and it has a third of the time that others want all along."""


def give_way() -> None:
    """Have this thread, and those that it starts, go after the others where processors are short.

    A lane that has its answer sends the head of its next request at once then, and does not wait until as
    much is read as memory allows; the peer, which may be on this machine, is idle that long. Of Linux
    alone: elsewhere a thread's priority says more than that. What the system does not allow is left.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        with suppress(OSError):
            # Of Linux: of the thread alone; beyond the lowest priority there is none.
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _LATER)
