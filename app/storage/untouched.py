"""By what is seen, without reading it, that nobody has written to a file since it was looked at."""

from __future__ import annotations

import os
import stat

from app.domain.files import Untouched

_MILLISECOND = 1_000_000
"""In nanoseconds. Where time is counted finer, one file of a million has such a time, too: it is hashed."""


def untouched(status: os.stat_result) -> Untouched | None:
    """How the file is now; None where that would not show that somebody writes to it.

    On Windows the times may be set by whoever writes, and the third one is that of the making. File systems
    that count in seconds (FAT, HFS+) do not tell two changes within one apart: their times have nothing below
    a millisecond. A system that counts in ticks of some milliseconds does not tell two within a tick apart.
    """
    if os.name != "posix" or not stat.S_ISREG(status.st_mode) or status.st_ctime_ns % _MILLISECOND == 0:
        return None
    return Untouched(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
