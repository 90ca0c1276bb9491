"""By what is seen, without reading it, that nobody has written to a file since it was looked at."""

from __future__ import annotations

import os
import stat

from app.domain.files import Untouched


def untouched(status: os.stat_result) -> Untouched | None:
    """How the file is now; None where that would not show that somebody writes to it.

    On Windows the times may be set by whoever writes, and the third one is that of the making. A system that
    counts time in ticks of some milliseconds does not tell two changes within one apart.
    """
    if os.name != "posix" or not stat.S_ISREG(status.st_mode):
        return None
    return Untouched(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
