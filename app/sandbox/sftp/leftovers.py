"""Files that clients began and never finished: they go, as uploads over HTTPS do, when nobody writes them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from app.sandbox.sftp.companions import is_temporary

_log = logging.getLogger("app.sandbox.sftp")


def remove_leftovers(cases: Path, *, now: datetime, lifetime: timedelta) -> int:
    """Remove what has a temporary name and was not written for so long, in the SFTP folders of all cases.

    Args:
        cases: folder of the cases' folders.
        now: the time, with its zone.
        lifetime: how long an unfinished file is kept after its last byte.

    Returns:
        How many were removed; what cannot be removed now is tried again by the next call.
    """
    oldest, count = (now - lifetime).timestamp(), 0
    for path in cases.glob("*/sftp/*"):
        try:
            if is_temporary(path.name) and path.is_file() and path.lstat().st_mtime < oldest:
                path.unlink()
                count += 1
        except OSError as error:
            _log.warning("an unfinished file could not be removed: %s", type(error).__name__)
    return count
