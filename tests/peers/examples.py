"""How many examples a property gets: fewer in the gate, where they are the same every time."""

from __future__ import annotations

import os

_IN_GATE = 3
LONG = os.environ.get("CASEFERRY_EXAMPLES") == "random"
"""Whether a lane was asked for, which tries other examples each time and takes its time."""


def many(count: int) -> int:
    """So many in a lane that is asked for; a third of them in the gate."""
    return count if LONG else count // _IN_GATE
