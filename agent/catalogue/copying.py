"""Copying a log piece by piece, from where an earlier copy of it ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from agent.watch import open_shared


def copy_behind(source: Path, target: Path, *, behind: int, wanted: Callable[[], bool]) -> None:
    """A copy that is whole, or as it was before; InterruptedError when it is not wanted any more.

    Args:
        source: the log.
        target: the copy.
        behind: so many bytes were copied before: only what is behind them is read. 0: it is made anew.
        wanted: asked after every piece.
    """
    part = target if behind else target.with_name(f"{target.name}.part")
    with open_shared(source) as stream, part.open("r+b" if behind else "wb") as copy:
        part.chmod(0o600)
        copy.truncate(behind)  # more than that was copied when the agent ended meanwhile
        copy.seek(behind)
        stream.seek(behind)
        while piece := stream.read(1 << 20):
            copy.write(piece)
            if not wanted():
                raise InterruptedError
    part.replace(target)
