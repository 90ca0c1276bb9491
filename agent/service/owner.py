"""Writing into the agent's data folder from a command: as the account that it belongs to."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.domain.errors import LocalError


@contextmanager
def as_owner_of(folder: Path) -> Iterator[None]:
    """What an administrator makes there in the block is the agent's: it could not read what is root's.

    Raises:
        LocalError: the folder does not exist yet, and would be root's (CF-1896).
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        yield
        return
    try:
        found = folder.stat()
    except FileNotFoundError:
        raise LocalError(
            "The data folder cannot be used",
            happened="It does not exist yet, and would belong to root.",
            todo="Install the service or start the agent first, or call this as the agent's account.",
            code="CF-1896",
        ) from None
    group = os.getegid()
    os.setegid(found.st_gid)
    os.seteuid(found.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)
