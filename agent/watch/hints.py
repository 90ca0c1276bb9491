"""Hints that something changed. They may be late, doubled or missing: the scan decides."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

OnHint = Callable[[Path, str | None], None]
"""A watched folder, and the directory in it (relative, ``/`` between parts) in which something happened;
None when it may have been anywhere. May be called from any thread, and must be quick."""


class HintSource(Protocol):
    """Something that says *look at this directory*."""

    @property
    def reason(self) -> str:
        """Why hints do not come, or not for all, for people; empty while they do."""

    def start(self, on_hint: OnHint) -> None:
        """Begin; there are no hints before a directory is armed."""

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        """This directory of a watched folder is there: hints for it may be had. To say it again costs little.

        Args:
            folder: the watched folder.
            relative: the directory in it; empty for the folder itself.
            identity: device and inode; another one under the same name is another directory.
        """

    def disarm(self, folder: Path) -> None:
        """The folder cannot be listed: what was armed in it may not be what is there the next time."""

    def check(self) -> None:
        """Called now and then: find out whether hints still come, where that can be found out."""

    def stop(self) -> None:
        """End; no hint comes after this returns."""


class NoHints:
    """Scanning only."""

    def __init__(self, reason: str) -> None:
        self.reason = reason

    def start(self, on_hint: OnHint) -> None:
        """Nothing to start."""

    def arm(self, folder: Path, relative: str, identity: tuple[int, int]) -> None:
        """Nothing to arm."""

    def disarm(self, folder: Path) -> None:
        """Nothing was armed."""

    def check(self) -> None:
        """Nothing to find out."""

    def stop(self) -> None:
        """Nothing to stop."""


def short_of_watches(folders: Sequence[Path], *, limit_file: Path | None = None) -> str:
    """Why the system's watches do not suffice for these folders and their subfolders; empty when they do.

    Linux only: one watch is needed for every directory.
    """
    source = limit_file or Path("/proc/sys/fs/inotify/max_user_watches")
    try:
        limit = int(source.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return ""
    needed = sum(1 + sum(len(names) for _, names, _ in os.walk(folder)) for folder in folders)
    if needed <= limit:
        return ""
    return f"The system allows {limit} watches, these folders need {needed}: the rest is scanned only."


def file_events() -> HintSource:
    """The hints of this system's file events, by watchdog; not started, and not proven to come.

    The names that are used of the library are not all of its public face: when another version lacks them,
    there are no hints, and this is the reason.
    """
    made: HintSource
    try:
        if sys.platform == "linux":
            from agent.watch.inotify import InotifyHints

            made = InotifyHints()
        else:
            from agent.watch.observed import ObservedHints

            made = ObservedHints()
    except (ImportError, AttributeError, OSError) as error:
        return NoHints(f"File events cannot be had: {type(error).__name__}.")
    return made
