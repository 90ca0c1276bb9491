"""Copying a log piece by piece, from where an earlier copy of it ended."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from agent.watch import open_shared

LEFT_FOR_STATE = 16 * 1024 * 1024
"""Bytes of the disk that no copy takes: what the agent knows, and what it sends, matters more."""


def copy_behind(source: Path, target: Path, *, behind: int, wanted: Callable[[], bool]) -> None:
    """A copy that is whole, or as it was before; InterruptedError when it is not wanted any more.

    OSError (ENOSPC) when the disk has not the room, with something left for the agent's state.

    Args:
        source: the log.
        target: the copy.
        behind: so many bytes were copied before: only what is behind them is read. 0: it is made anew.
        wanted: asked after every piece.
    """
    _require_room(source, target, behind=behind)
    part = target if behind else target.with_name(f"{target.name}.part")
    with open_shared(source) as stream, part.open("r+b" if behind else "wb") as copy:
        part.chmod(0o600)
        copy.truncate(behind)  # more than that was copied when the agent ended meanwhile
        copy.seek(behind)
        stream.seek(behind)
        try:
            while piece := stream.read(1 << 20):
                copy.write(piece)
                if not wanted():
                    raise InterruptedError
        except OSError:
            copy.truncate(behind)  # what is no copy takes no room
            raise
    part.replace(target)


def _require_room(source: Path, target: Path, *, behind: int) -> None:
    more = source.stat().st_size - behind
    if shutil.disk_usage(target.parent).free < more + LEFT_FOR_STATE:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
